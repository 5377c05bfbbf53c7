import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationRemedy, parseDuration } from '../../config/duration.ts';
import { parseEnvironment } from '../../config/environment.ts';
import type { Environment } from '../../config/plan.ts';
import { isStackName } from '../../names.ts';
import { CommandError, type ExitCode } from '../exit.ts';
import { defaultConfigFile, defaultDataFolder } from '../store.ts';
import type { Terminal } from '../terminal.ts';

/** Takes the exit code of the command that was called. */
export type Finish = (code: ExitCode) => void;

/** Adds a command to the program. Each is loaded when it is called: `schema` need not wait for SQLite. */
export type AddCommand = (program: Command, terminal: Terminal, finish: Finish) => void;

const parseOverride = (text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write it as name=value');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};

export const parseConcurrency = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 64)
    throw new InvalidArgumentError('it is a whole number from 1 to 64');
  return count;
};

/** A script whose variable is not set writes `--html ""`: that is a slip, and not the folder one happens to be in. */
export const parsePath = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('it is empty: name a file or a folder');
  return text;
};

export const parseEnvironmentName = (text: string): Environment => {
  const environment = parseEnvironment(text);
  if (!environment.ok || text === '') throw new InvalidArgumentError('it is dev, staging, pilot or prod');
  return environment.value;
};

const parseStack = (text: string): string => {
  if (!isStackName(text)) {
    throw new InvalidArgumentError('it is a letter, then letters, digits and hyphens, 128 at most');
  }
  return text;
};

const parseToken = (text: string): string => {
  if (!/^[\w.:-]{1,64}$/.test(text)) {
    throw new InvalidArgumentError("it is 1 to 64 letters, digits and characters of '-_.:'");
  }
  return text;
};

const parseWait = (text: string): number => {
  const duration = parseDuration(text);
  if (!duration.ok) throw new InvalidArgumentError(`it ${duration.message}: ${durationRemedy}`);
  return duration.value;
};

export const configOption = () =>
  new Option('-c, --config <file>', 'the config').argParser(parsePath).default(defaultConfigFile);
export const dataOption = () =>
  new Option('-d, --data <dir>', 'where runs are kept').argParser(parsePath).default(defaultDataFolder);
export const setOption = () =>
  new Option('--set <name=value>', 'override a variable for this call; repeatable')
    .argParser(parseOverride)
    .default({}, 'none');

export const stackOption = () =>
  new Option('--stack <name>', 'the deployed stack; plimsoll-<service> by default').argParser(parseStack);

export const tokenOption = () =>
  new Option('--token <text>', 'asks for these runs once, however often it is given').argParser(parseToken);

export const waitOption = () =>
  new Option('--wait <duration>', 'for the runs to come; by default the longest deadline and a minute').argParser(
    parseWait,
  );

/** @param here options of runs that are made or kept here, which make no sense with it. */
export const awsOption = (description: string, here: string[]) => new Option('--aws', description).conflicts(here);

/** Options that say something of a stack, without `--aws`: the command would do something else than was meant. */
export const requireAws = (options: Readonly<Record<string, unknown>>, ofStacks: readonly string[]): void => {
  const stray = ofStacks.find((name) => options[name] !== undefined);
  if (stray !== undefined) throw new CommandError(`--${stray} is for a deployed stack: give --aws too`);
};

const runReports = { verbose: 'every check and phase', out: 'summary.json and run.log' };

export const addReportOptions = (command: Command, { verbose, out } = runReports): Command =>
  command
    .option('--json', 'print one JSON document and nothing else', false)
    .option('-v, --verbose', verbose, false)
    .option('--junit <file>', 'write a JUnit report', parsePath)
    .option('--html <file>', 'write a self-contained page', parsePath)
    .option('--out <dir>', `write ${out} into a folder`, parsePath);

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** An option that may be given several times. */
export const repeated = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(collect).default([], 'none');
