import { type AddCommand, configOption, parseEnvironmentName, parsePath, setOption } from './options.ts';

export const addCheck: AddCommand = (program, terminal, finish) => {
  program
    .command('check')
    .description('validate the config and show what it would do')
    .addOption(configOption())
    .addOption(setOption())
    .option('--json', 'print the plan as JSON', false)
    .option('--environment <name>', 'check as for dev, staging, pilot or prod', parseEnvironmentName)
    .option('--evidence <file>', 'write proof, as JSON, that the environments refuse what is unsafe', parsePath)
    .action(async (options) => {
      const { checkCommand } = await import('../check.ts');
      finish(await checkCommand(options, terminal));
    });
};

export const addSchema: AddCommand = (program, terminal, finish) => {
  program
    .command('schema')
    .description('print the JSON Schema of a config')
    .option('--drill-report', 'that of the report of a drill instead', false)
    .action(async ({ drillReport }) => {
      const { schemaCommand } = await import('../schema.ts');
      finish(schemaCommand(drillReport ? 'drill-report' : 'config', terminal));
    });
};
