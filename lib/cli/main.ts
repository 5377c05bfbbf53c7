import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseEnvironment } from '../config/environment.ts';
import type { Environment } from '../config/plan.ts';
import { StoreError } from '../local/sqlite/errors.ts';
import { version } from '../version.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { defaultDataFolder } from './store.ts';
import type { Terminal } from './terminal.ts';

const parseOverride = (text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write it as name=value');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};

const parseConcurrency = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 64)
    throw new InvalidArgumentError('it is a whole number from 1 to 64');
  return count;
};

/** A script whose variable is not set writes `--html ""`: that is a slip, and not the folder one happens to be in. */
const parsePath = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('it is empty: name a file or a folder');
  return text;
};

const parseEnvironmentName = (text: string): Environment => {
  const environment = parseEnvironment(text);
  if (!environment.ok || text === '') throw new InvalidArgumentError('it is dev, staging, pilot or prod');
  return environment.value;
};

const configOption = () =>
  new Option('-c, --config <file>', 'the config').argParser(parsePath).default('plimsoll.config.ts');
const dataOption = () =>
  new Option('-d, --data <dir>', 'where runs are kept').argParser(parsePath).default(defaultDataFolder);
const setOption = () =>
  new Option('--set <name=value>', 'override a variable for this call; repeatable')
    .argParser(parseOverride)
    .default({}, 'none');

const addReportOptions = (command: Command): Command =>
  command
    .option('--json', 'print one JSON document and nothing else', false)
    .option('-v, --verbose', 'every check and phase', false)
    .option('--junit <file>', 'write a JUnit report', parsePath)
    .option('--html <file>', 'write a self-contained page', parsePath)
    .option('--out <dir>', 'write summary.json and run.log into a folder', parsePath);

type Finish = (code: ExitCode) => void;

// Each command is loaded when it is called: `schema` need not wait for sqlite, nor `run` for the schema.
const addRun = (program: Command, terminal: Terminal, finish: Finish): void => {
  const command = program
    .command('run')
    .description('run probes once, now; store and judge them')
    .argument('[id...]', 'probes to run; all by default')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(setOption())
    .addOption(new Option('--concurrency <n>', 'probes side by side').argParser(parseConcurrency).default(1));
  addReportOptions(command).action(async (ids: string[], options) => {
    const { runCommand } = await import('./run.ts');
    finish(await runCommand(ids, options, terminal));
  });
};

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('it is a port from 0 (any) to 65535');
  return port;
};

const addWatch = (program: Command, terminal: Terminal, finish: Finish): void => {
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
      const { watchCommand } = await import('./watch.ts');
      finish(await watchCommand(ids, options, terminal));
    });
};

const addCheck = (program: Command, terminal: Terminal, finish: Finish): void => {
  program
    .command('check')
    .description('validate the config and show what it would do')
    .addOption(configOption())
    .addOption(setOption())
    .option('--json', 'print the plan as JSON', false)
    .option('--environment <name>', 'check as for dev, staging, pilot or prod', parseEnvironmentName)
    .option('--evidence <file>', 'write proof, as JSON, that the environments refuse what is unsafe', parsePath)
    .action(async (options) => {
      const { checkCommand } = await import('./check.ts');
      finish(await checkCommand(options, terminal));
    });
};

const addReport = (program: Command, terminal: Terminal, finish: Finish): void => {
  const command = program
    .command('report')
    .description('show stored runs: the latest of each probe, or one')
    .argument('[id...]', 'probes to show; all by default')
    .addOption(configOption())
    .addOption(dataOption())
    .option('--run <run-id>', 'one stored run');
  addReportOptions(command).action(async (ids: string[], options) => {
    const { reportCommand } = await import('./report.ts');
    finish(await reportCommand(ids, options, terminal));
  });
};

const addSchema = (program: Command, terminal: Terminal, finish: Finish): void => {
  program
    .command('schema')
    .description('print the JSON Schema of a config')
    .action(async () => {
      const { schemaCommand } = await import('./schema.ts');
      finish(schemaCommand(terminal));
    });
};

/** Commander's sentences as ours are written: one, in lower case, without a stop. */
const ownWords = (text: string): string =>
  text
    .replace(/^error: /, 'plimsoll: ')
    .replace(/(?<= is invalid|')\. (\w)/, (_, letter: string) => `: ${letter.toLowerCase()}`)
    .replace(/\.$/m, '');

const buildProgram = (terminal: Terminal, finish: Finish): Command => {
  const program = new Command('plimsoll')
    .description('Synthetic monitoring that a team owns.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(plimsoll --help lists what there is)')
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(ownWords(text)),
    });
  for (const add of [addCheck, addRun, addWatch, addReport, addSchema]) add(program, terminal, finish);
  return program;
};

/** What an error that ended a command means for the exit status. */
const exitOfError = (error: unknown, terminal: Terminal): ExitCode => {
  if (terminal.signal.aborted) {
    terminal.err('plimsoll: interrupted\n');
    return exitCodes.interrupted;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.good : exitCodes.usage;
  if (error instanceof CommandError) {
    terminal.err(`plimsoll: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof StoreError) {
    terminal.err(`plimsoll: ${error.message}\n`);
    return exitCodes.inconclusive;
  }
  // Of the service it says nothing: not 1, which is what Node would make of it.
  terminal.err(`plimsoll: a fault of our own, please report it: ${error instanceof Error ? error.stack : error}\n`);
  return exitCodes.inconclusive;
};

/** The whole command line: arguments without the program's own name in, exit code out. */
export const main = async (args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let code: ExitCode = exitCodes.good;
  const program = buildProgram(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return exitOfError(error, terminal);
  }
};
