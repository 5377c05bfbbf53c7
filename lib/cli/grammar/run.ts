import { InvalidArgumentError, Option } from 'commander';
import { CommandError } from '../exit.ts';
import {
  type AddCommand,
  addReportOptions,
  awsOption,
  configOption,
  dataOption,
  parseConcurrency,
  requireAws,
  setOption,
  stackOption,
  tokenOption,
  waitOption,
} from './options.ts';

const parseFaults = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new InvalidArgumentError('it is a whole number from 1 to 1000');
  return count;
};

/** Options that say something of a self-test, without one: the command would do something else than was meant. */
const requireSelfTest = (options: Readonly<Record<string, unknown>>): void => {
  const stray = ['faults', 'yes'].find((name) => options[name] !== undefined);
  if (stray !== undefined) throw new CommandError(`--${stray} is for a self-test: give --self-test too`);
};

export const addRun: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('run')
    .description('run probes once, now; store and judge them')
    .argument('[id...]', 'probes to run; all by default')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(setOption())
    .addOption(new Option('--concurrency <n>', 'probes side by side').argParser(parseConcurrency).default(1))
    .addOption(awsOption('have them run where the stack is deployed', ['data', 'concurrency']))
    .addOption(stackOption())
    .addOption(tokenOption())
    .addOption(waitOption())
    .addOption(
      new Option(
        '--self-test',
        'run each probe again and again through a proxy that breaks its traffic, and tell which faults it notices; stores nothing',
      ).conflicts(['aws', 'data', 'concurrency', 'junit', 'html', 'out']),
    )
    .addOption(
      new Option('--faults <n>', 'of each probe at most, with --self-test; 24 by default').argParser(parseFaults),
    )
    .option('--yes', 'with --self-test: also in staging, pilot and prod');
  addReportOptions(command).action(async (ids: string[], options) => {
    if (!options.selfTest) requireSelfTest(options);
    if (options.aws) {
      const { runOnStack } = await import('../aws/run.ts');
      return finish(await runOnStack(ids, options, terminal));
    }
    requireAws(options, ['stack', 'token', 'wait']);
    if (options.selfTest) {
      const { selfTestCommand } = await import('../self-test.ts');
      return finish(await selfTestCommand(ids, options, terminal));
    }
    const { runCommand } = await import('../run.ts');
    finish(await runCommand(ids, options, terminal));
  });
};

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('it is a port from 0 (any) to 65535');
  return port;
};

export const addWatch: AddCommand = (program, terminal, finish) => {
  program
    .command('watch')
    .description('run probes by their schedules, alarm, notify, and serve the dashboard')
    .argument('[id...]', 'probes to watch; all that have a schedule by default')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(setOption())
    .addOption(new Option('--concurrency <n>', 'probes side by side').argParser(parseConcurrency).default(4))
    .option('--now', 'run each probe once first', false)
    .option('-v, --verbose', 'a line for every run, however many probes there are', false)
    .addOption(new Option('--port <n>', 'of the dashboard').argParser(parsePort).default(undefined, '7460 if free'))
    .option('--host <address>', 'that the dashboard listens on', '127.0.0.1')
    .option('--no-dashboard', 'serve none')
    .action(async (ids: string[], options) => {
      const { watchCommand } = await import('../watch.ts');
      finish(await watchCommand(ids, options, terminal));
    });
};

export const addReport: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('report')
    .description('show stored runs: the latest of each probe, or one')
    .argument('[id...]', 'probes to show; all by default')
    .addOption(configOption())
    .addOption(dataOption())
    .option('--run <run-id>', 'one stored run')
    .addOption(awsOption('of the deployed stack', ['data']))
    .addOption(stackOption());
  addReportOptions(command).action(async (ids: string[], options) => {
    if (options.aws) {
      const { reportOfStack } = await import('../aws/report.ts');
      return finish(await reportOfStack(ids, options, terminal));
    }
    requireAws(options, ['stack']);
    const { reportCommand } = await import('../report.ts');
    finish(await reportCommand(ids, options, terminal));
  });
};
