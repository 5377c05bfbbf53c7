import { type AddCommand, configOption } from './options.ts';

export const addCost: AddCommand = (program, terminal, finish) => {
  program
    .command('cost')
    .description('show what a month in AWS costs, line by line, beside CloudWatch Synthetics')
    .addOption(configOption())
    .option('--free-tier', 'take off what every account has free of charge', false)
    .option('-v, --verbose', 'what the estimate takes for granted, too', false)
    .option('--json', 'print the estimate as JSON', false)
    .action(async (options) => {
      const { costCommand } = await import('../cost.ts');
      finish(await costCommand(options, terminal));
    });
};
