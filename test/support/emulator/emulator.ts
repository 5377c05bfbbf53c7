import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { accountId, cleanEnvironment, credentials, emulatedEnvironment, region } from './environment.ts';
import { ensureVenv, here, repository, whyNot } from './venv.ts';

export type Emulator = {
  /** `http://127.0.0.1:port`, on loopback only. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** For SDK clients: `new S3Client(emulator.clientConfig)`. */
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: typeof credentials;
  };
  /** The whole environment of a child process, such as cdk, that shall talk to it and to nothing else. */
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Temporary files of the emulator and of cdk; gone after `stop`. */
  readonly folder: string;
  /** What it has printed, the functions' own lines included. */
  logs(): string;
  /** Ends it with all the functions that it started, and removes its folder. Throws when it had ended by itself. */
  stop(): Promise<void>;
};

type EmulatorOptions = {
  /** Outlives this process; then `stop` is the caller's to do, by `pid`. Default: false. */
  readonly detached?: boolean;
  /** Further variables for it and for the functions, such as `SFN_WAIT_SCALE`. */
  readonly env?: Readonly<Record<string, string>>;
};

/** Its folders are told by it. */
export const folderPrefix = 'plimsoll-emulator-';

const readyLimitMs = 60_000;
const goodbyeMs = 3_000;
const tries = 3;

/** Why this machine has no emulator, or nothing: what `describeWithEmulator` asks. */
export const whyNoEmulator = (): Promise<string | undefined> => whyNot('emulator');

/** What Lambda's own Node brings, and no more: CDK's functions, such as the one that empties buckets, bundle none of it. */
const runtimePackages = ['@aws-sdk', '@smithy'] as const;

const runtimeOf = (folder: string): string => join(folder, 'runtime');

/** Node looks for the nearest package.json: without one of its own here, a `"type": "module"` further up breaks functions. */
const makeFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  await mkdir(runtimeOf(folder));
  for (const name of runtimePackages)
    await symlink(join(repository, 'node_modules', name), join(runtimeOf(folder), name));
  return folder;
};

const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
};

/** It gets to say goodbye; then its functions, which it leaves behind, go too. */
export const endGroup = async (pid: number): Promise<void> => {
  signalGroup(pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < goodbyeMs && signalGroup(pid, 0); waitedMs += 20) await sleep(20);
  signalGroup(pid, 'SIGKILL');
  while (signalGroup(pid, 0)) await sleep(10);
};

const launch = (python: string, folder: string, port: number, options: EmulatorOptions): ChildProcess => {
  const log = openSync(join(folder, 'emulator.log'), 'a');
  const detached = options.detached === true;
  const env = {
    ...cleanEnvironment(folder),
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    MINISTACK_REGION: region,
    MINISTACK_ACCOUNT_ID: accountId,
    STATE_DIR: join(folder, 'state'),
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    NODE_PATH: runtimeOf(folder),
    ...options.env,
  };
  // Its folder is there for `ps` only: it tells this emulator from others.
  const args = [join(here, 'launcher.py'), folder, ...(detached ? [] : ['--with-parent'])];
  const stdio = [detached ? 'ignore' : 'pipe', log, log] as const;
  // A group of its own, so that one signal reaches its functions too.
  const child = spawn(python, args, { cwd: folder, env, detached: true, stdio: [...stdio] });
  // Without a pid it did not start, and that is told then.
  child.on('error', () => {});
  if (detached) child.unref();
  closeSync(log);
  return child;
};

export const isReady = async (endpoint: string): Promise<boolean> => {
  try {
    return (await fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
};

const logOf = (folder: string): string => readFileSync(join(folder, 'emulator.log'), 'utf8');

const untilReady = async (child: ChildProcess, folder: string, endpoint: string): Promise<boolean> => {
  for (const limit = AbortSignal.timeout(readyLimitMs); !limit.aborted; await sleep(50)) {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    // Its own word first: on a port that was taken, another emulator would answer.
    if (logOf(folder).includes(`Running on ${endpoint}`) && (await isReady(endpoint))) return true;
  }
  return false;
};

const started = (child: ChildProcess, pid: number, folder: string, endpoint: string, detached: boolean): Emulator => {
  const removeAtOnce = (): void => {
    signalGroup(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  if (!detached) process.once('exit', removeAtOnce);
  const stop = async (): Promise<void> => {
    process.off('exit', removeAtOnce);
    const ended = child.exitCode ?? child.signalCode;
    await endGroup(pid);
    if (ended !== null)
      throw new Error(`the emulator had ended by itself (${ended}); its log: ${join(folder, 'emulator.log')}`);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    endpoint,
    region,
    accountId,
    clientConfig: { endpoint, region, credentials },
    env: emulatedEnvironment(endpoint, folder),
    pid,
    folder,
    logs: () => logOf(folder),
    stop,
  };
};

/**
 * Starts an emulated AWS on a free port of loopback, in about 1 s, empty. It ends with `stop`, or with this process however
 * that ends. Throws when this machine has no Python for it: ask `whyNoEmulator` first.
 */
export const startEmulator = async (options: EmulatorOptions = {}): Promise<Emulator> => {
  const venv = await ensureVenv('emulator');
  if (!venv.ok) throw new Error(`no emulated AWS on this machine: ${venv.reason}`);
  let log = '';
  // Somebody else may take the port between our look and its start.
  for (let turn = 0; turn < tries; turn++) {
    const folder = await makeFolder();
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const child = launch(venv.python, folder, port, options);
    if (child.pid !== undefined && (await untilReady(child, folder, endpoint)))
      return started(child, child.pid, folder, endpoint, options.detached === true);
    if (child.pid !== undefined) await endGroup(child.pid);
    log = logOf(folder);
    await rm(folder, { recursive: true, force: true });
    if (!log.includes('already in use')) break;
  }
  throw new Error(`the emulator did not start; it printed:\n${log.split('\n').slice(-20).join('\n')}`);
};
