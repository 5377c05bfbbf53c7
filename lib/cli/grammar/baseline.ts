import { type AddCommand, configOption, dataOption } from './options.ts';

/** `show` and `history` look; the others decide, and ask who and why. */
export const addBaseline: AddCommand = (program, terminal, finish) => {
  const baseline = program.command('baseline').description('what latencies are compared with: show it, decide on it');
  const add = (name: string, description: string) =>
    baseline
      .command(name, { isDefault: name === 'show' })
      .description(description)
      .addOption(configOption())
      .addOption(dataOption());
  const looks = [
    ['show', 'level, anchor and drift of each series, and what speaks against it', 'showBaselines'],
    ['history', 'what was done to it: who, when, what and why', 'showBaselineHistory'],
  ] as const;
  for (const [name, description, look] of looks) {
    add(name, description)
      .argument('[probe...]', 'probes to show; all by default')
      .option('--json', 'print one JSON document and nothing else', false)
      .action(async (ids: string[], options) => {
        finish(await (await import('../baseline.ts'))[look](ids, options, terminal));
      });
  }
  const decisions = [
    ['accept', 'take the level of now for the right one, and test against that'],
    ['pin', 'keep it as it is: it learns nothing more'],
    ['unpin', 'let it learn again'],
    ['clear', 'forget it: the next run is the first'],
  ] as const;
  for (const [verb, description] of decisions) {
    add(verb, description)
      .argument('[probe...]', 'probes to decide on')
      .option('--all', 'every probe that has a baseline')
      .option('--series <name>', 'one series alone, such as total or step:list')
      .option('--by <name>', 'who decides; by default the name you are logged in as')
      .option('--why <text>', 'for those who read it later')
      .action(async (ids: string[], options) => {
        const { changeBaselines } = await import('../baseline-change.ts');
        finish(await changeBaselines(verb, ids, options, terminal));
      });
  }
};

export const addMark: AddCommand = (program, terminal, finish) => {
  program
    .command('mark')
    .description('put on record what happened to the service, for alarms and baselines to know of')
    .command('deploy')
    .description('a new release is out')
    .argument('[id...]', 'probes that it concerns; all by default')
    .addOption(configOption())
    .addOption(dataOption())
    .option('--release <name>', 'what was deployed, such as v1.4.2')
    .option('--by <name>', 'who deployed; by default the name you are logged in as')
    .option('--why <text>', 'for those who read it later')
    .action(async (ids: string[], options) => {
      const { markDeploy } = await import('../mark.ts');
      finish(await markDeploy(ids, options, terminal));
    });
};
