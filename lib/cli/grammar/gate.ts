import { type AddCommand, addReportOptions, configOption, dataOption, repeated } from './options.ts';

export const addGate: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('gate')
    .description('say whether a release may go: stored runs, and figures from outside, against their limits')
    .argument('[id...]', 'probes to judge; all by default')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(repeated('--input <name=number>', "a figure for the config's gate.inputs; repeatable"))
    .option('--confident', 'thresholds count for what their intervals support', false)
    .option('--advisory', 'report the same, and exit 0', false);
  const reports = { verbose: 'the figures of every objective', out: 'gate.json and gate.log' };
  addReportOptions(command, reports).action(async (ids: string[], options) => {
    const { gateCommand } = await import('../gate.ts');
    finish(await gateCommand(ids, options, terminal));
  });
};
