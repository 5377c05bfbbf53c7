import { Option } from 'commander';
import { type AddCommand, configOption, stackOption } from './options.ts';

export const addReplay: AddCommand = (program, terminal, finish) => {
  program
    .command('replay')
    .description('write what a deployed stack measured and could not write at the time')
    .addOption(configOption())
    .addOption(stackOption())
    .option('--dry-run', 'show what there is, and change nothing', false)
    .addOption(
      new Option('--discard', 'delete what cannot be replayed, after it was shown').default(false).conflicts('dryRun'),
    )
    .option('-y, --yes', 'discard without asking', false)
    .option('--json', 'print one JSON document and nothing else', false)
    .action(async (options) => {
      const { replayCommand } = await import('../aws/replay.ts');
      finish(await replayCommand(options, terminal));
    });
};

export const addDestroy: AddCommand = (program, terminal, finish) => {
  program
    .command('destroy')
    .description('remove a deployed stack, and show what is left of it')
    .addOption(configOption())
    .addOption(stackOption())
    .option('-y, --yes', 'do not ask', false)
    .option('--verify', 'remove nothing: look for what a removal left', false)
    .action(async (options) => {
      const { destroyCommand } = await import('../aws/destroy.ts');
      finish(await destroyCommand(options, terminal));
    });
};
