import { Option } from 'commander';
import { CommandError } from '../exit.ts';
import {
  type AddCommand,
  awsOption,
  configOption,
  dataOption,
  parsePath,
  requireAws,
  setOption,
  stackOption,
} from './options.ts';

const description = 'restart a target for real, and prove that nothing that was acknowledged is lost';

export const addDrill: AddCommand = (program, terminal, finish) => {
  program
    .command('drill')
    .description(description)
    .argument('[id]', 'the drill; where the config has one, that one')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(setOption())
    .addOption(awsOption('have it carried out where the stack is deployed', ['data']))
    .addOption(stackOption())
    .option('--dry-run', 'do all but the restart', false)
    .option('--reason <text>', 'why, for those who read the report')
    .option('--by <name>', 'who asks for it; the name that you are logged in as by default')
    .option('--json', 'print the report as one JSON document and nothing else', false)
    .option('-v, --verbose', 'every check and every state', false)
    .option('--html <file>', 'write the report as a self-contained page', parsePath)
    .addOption(
      new Option('--report [run]', 'show a stored report again, by default the latest, and run nothing').conflicts([
        ...['dryRun', 'reason', 'by', 'stop', 'resume'],
      ]),
    )
    .addOption(
      new Option('--stop [reason]', 'stop all drills, those under way too, until --resume').conflicts([
        'dryRun',
        'resume',
      ]),
    )
    .addOption(new Option('--resume', 'let drills run again').conflicts(['dryRun', 'reason']))
    .action(async (id: string | undefined, options) => {
      if (!options.aws) requireAws(options, ['stack']);
      if (options.stop !== undefined || options.resume) {
        if (id !== undefined) throw new CommandError(`--stop and --resume are for all drills: leave ${id} out`);
        if (options.aws) {
          const { switchStack } = await import('../aws/drill.ts');
          return finish(await switchStack(options, terminal));
        }
        const { switchCommand } = await import('../drill/switch.ts');
        return finish(await switchCommand(options, terminal));
      }
      if (options.report !== undefined) {
        const run = options.report === true ? undefined : options.report;
        if (options.aws) {
          const { drillReportOfStack } = await import('../aws/drill.ts');
          return finish(await drillReportOfStack(id, run, options, terminal));
        }
        const { drillReportCommand } = await import('../drill/report.ts');
        return finish(await drillReportCommand(id, run, options, terminal));
      }
      if (options.aws) {
        const { drillOnStack } = await import('../aws/drill.ts');
        return finish(await drillOnStack(id, options, terminal));
      }
      const { drillCommand } = await import('../drill.ts');
      finish(await drillCommand(id, options, terminal));
    });
};
