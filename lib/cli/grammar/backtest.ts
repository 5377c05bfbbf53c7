import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AddCommand, configOption, dataOption, parsePath, repeated } from './options.ts';

const parsePages = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it is a whole number of 0 and up');
  return Number(text);
};

/** What makes no sense without a history. */
const ofHistories = [
  ...['csv', 'ndjson', 'from', 'to', 'incidents', 'change', 'maxPages', 'html'],
  ...['rule', 'maxRegression', 'severity', 'objective', 'window', 'breachAfter', 'recoverAfter'],
];

/** What `backtest` takes beside the config and the data folder. Rules stay text here: `--change` reads the same words. */
const addBacktestOptions = (command: Command): Command =>
  command
    .option('--csv <file>', 'a history to import: time,value[,n]; - for stdin', parsePath)
    .option('--ndjson <file>', 'a history to import: { "time": …, "samples": [ms, …] } a line; - for stdin', parsePath)
    .addOption(
      new Option(
        '--rehearse',
        'play months of the schedule against a simulated target: who is told of what?',
      ).conflicts(ofHistories),
    )
    .option('--from <time>', 'judge points from here on (ISO or epoch)')
    .option('--to <time>', 'and before here')
    .option(
      '--rule <name>',
      'regression, slo, runs or all; by default what the config says, and regression without one',
    )
    .option('--max-regression <percent>', "growth over the baseline that counts: '20%'")
    .option('--severity <severity>', 'page or ticket')
    .addOption(repeated('--objective <threshold>', "of an imported history: 'p(95)<400'; repeatable"))
    .option('--window <duration>', 'that an error budget is for: 30d')
    .option('--breach-after <k of n>', "bad points that breach: '2 of 3'")
    .option('--recover-after <n>', 'good points in a row that recover')
    .option(
      '--incidents <file>',
      'labelled incidents, start,end[,name] or JSON: which were found, which missed',
      parsePath,
    )
    .addOption(
      repeated('--change <name=value>', 'the same with this changed, as a diff: max-regression=30%; repeatable'),
    )
    .addOption(new Option('--max-pages <n>', 'more pages than that end with 1').argParser(parsePages))
    .option('--json', 'print one JSON document and nothing else', false)
    .option('--html <file>', 'write the picture as a self-contained page', parsePath);

export const addBacktest: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('backtest')
    .description('replay alarm rules over stored or imported history: what would they have told?')
    .argument('[id]', 'a probe, with its stored runs')
    .addOption(configOption())
    .addOption(dataOption());
  addBacktestOptions(command).action(async (id: string | undefined, options) => {
    if (options.rehearse) {
      const { rehearseCommand } = await import('../rehearse.ts');
      return finish(await rehearseCommand(id === undefined ? [] : [id], options, terminal));
    }
    const { backtestCommand } = await import('../backtest.ts');
    finish(await backtestCommand(id, options, terminal));
  });
};
