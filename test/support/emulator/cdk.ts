import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Emulator } from './emulator.ts';
import { accountId, nodeFolder, refuseRealAws, region } from './environment.ts';
import { repository } from './venv.ts';

/** What cdk needs of an emulator; a running one that another process started will do. */
type CdkTarget = Pick<Emulator, 'endpoint' | 'env' | 'folder'>;

export type CdkOptions = {
  /** The config file of the app: `-c config=FILE`. */
  readonly config?: string;
  /** Further context, `-c key=value`. */
  readonly context?: Readonly<Record<string, string>>;
  /** A command line, or the folder of an assembly, instead of the app that cdk.json names. */
  readonly app?: string;
  /** Where the assembly goes. Default: a folder of the emulator's. One cdk at a time may use it. */
  readonly outdir?: string;
  /** Further variables for the app, such as `PLIMSOLL_ENVIRONMENT`. */
  readonly env?: Readonly<Record<string, string>>;
};

/** By stack, then by key. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

const cli = join(repository, 'node_modules/aws-cdk/bin/cdk');
const shownLines = 30;
const limitMs = 300_000;
const silent = { CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: 'true', NO_COLOR: '1' } as const;

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-shownLines).join('\n');

/** A deploy that fails or hangs mostly does because a function did: the emulator knows, cdk does not. */
const complaints = async ({ folder }: CdkTarget): Promise<string> => {
  const log = await readFile(join(folder, 'emulator.log'), 'utf8').catch(() => '');
  const lines = log.split('\n').filter((line) => line.includes(' ERROR '));
  return lines.length === 0 ? '' : `and the emulator:\n${lastLines(lines.join('\n'))}`;
};

type Surroundings = { readonly env?: Readonly<Record<string, string>> | undefined; readonly cwd?: string };

/** Runs cdk to its end and answers what it printed. Throws with the end of that when it failed. */
export const runCdk = async (
  target: CdkTarget,
  args: readonly string[],
  { env = {}, cwd = repository }: Surroundings = {},
): Promise<string> => {
  const whole = { ...target.env, ...env, ...silent };
  refuseRealAws(whole);
  const child = spawn(join(nodeFolder, 'node'), [cli, ...args, '--no-notices', '--no-color'], {
    cwd,
    env: whole,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | string>();
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
  child.once('error', reject);
  child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  const code = await promise;
  if (code === 0) return printed;
  throw new Error(`cdk ${args[0]} ended with ${code}; it printed:\n${lastLines(printed)}\n${await complaints(target)}`);
};

const outdirOf = (target: CdkTarget, { outdir }: CdkOptions): string =>
  outdir ?? join(target.folder, `cdk.out-${new URL(target.endpoint).port}`);

/** Functions of its own: test files that deploy at the same time would pull dist/functions from under one another. */
const ownFunctions = (target: CdkTarget): readonly string[] => {
  const folder = join(target.folder, 'functions');
  return ['--build', `node build/functions.ts ${folder}`, '--context', `functions=${folder}`];
};

const noBuild = ['--build', 'true'] as const;

const appArgs = (target: CdkTarget, options: CdkOptions): readonly string[] => {
  const { config, context, app } = options;
  const pairs = Object.entries({ ...(config !== undefined && { config }), ...context });
  return [
    ...(app === undefined ? ownFunctions(target) : ['--app', app, ...noBuild]),
    ...pairs.flatMap(([key, value]) => ['--context', `${key}=${value}`]),
    '--output',
    outdirOf(target, options),
  ];
};

/** Makes the bucket and the roles that a deploy needs; once for each emulator, 2-3 s. */
export const bootstrap = (target: CdkTarget): Promise<string> =>
  // Away from cdk.json: where that names an app, bootstrap synthesises it first.
  runCdk(target, ['bootstrap', `aws://${accountId}/${region}`], { cwd: target.folder });

/** Synthesises and deploys all stacks of the app, and answers their outputs. Needs `bootstrap` first. */
export const deploy = async (target: CdkTarget, options: CdkOptions = {}): Promise<Outputs> => {
  const file = join(target.folder, 'outputs.json');
  const args = ['deploy', '--all', ...appArgs(target, options), '--require-approval', 'never', '--outputs-file', file];
  await runCdk(target, args, { env: options.env });
  // Stacks without any output leave no file.
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {};
};

/** Deletes all stacks of the last `deploy` with these options. What the app retains stays. */
export const destroy = (target: CdkTarget, options: CdkOptions = {}): Promise<string> =>
  runCdk(target, ['destroy', '--all', '--force', '--app', outdirOf(target, options), ...noBuild]);
