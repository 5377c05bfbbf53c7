import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { plainLine } from '../../report/plain.ts';
import { birthOf } from './birth.ts';

/** A process that one of our runs started, as a later one may find it. */
export type StartedProcess = { readonly pid: number; readonly birth: string };

export type Command = {
  /** The program and its arguments. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Takes what it prints, from the first start on. */
  readonly log: string;
  /** Writes down who is about to run, so that whoever comes after a kill finds it. */
  readonly remember: (started: StartedProcess) => Promise<void>;
};

/** How a process that is asked to end may take its time before it is killed: as long as ECS gives a task. */
const graceMs = 30_000;

const exited = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

/** The whole group: `npm run start` is a shell that has started the service. */
const signalGroup = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

/** As `npm run` looks for programs: the project's own first. */
const withOwnPrograms = ({ env, cwd }: Command): NodeJS.ProcessEnv => ({
  ...env,
  PATH: [join(cwd, 'node_modules', '.bin'), env.PATH ?? ''].join(delimiter),
});

/**
 * Becomes the program once it is told to, as the same process. If we die before we have written down who it is, it reads
 * the end of its input, and ends: no process is ever left that nobody knows of.
 */
const waiting = 'read -r go && exec "$@" </dev/null';

type Begun = { readonly child: ChildProcess; readonly started: StartedProcess };

const begin = async (command: Command, isFirst: boolean): Promise<Begun> => {
  mkdirSync(dirname(command.log), { recursive: true, mode: 0o700 });
  const log = openSync(command.log, isFirst ? 'w' : 'a', 0o600);
  try {
    // A group of its own: Ctrl-C is for us, and the service must live until what we wrote into it is cleared away.
    const options = { cwd: command.cwd, env: withOwnPrograms(command), detached: true } as const;
    const child = spawn('/bin/sh', ['-c', waiting, 'sh', ...command.words], { ...options, stdio: ['pipe', log, log] });
    await once(child, 'spawn');
    const { pid = 0, stdin } = child;
    // It may end before it reads.
    stdin?.on('error', () => {});
    const started = { pid, birth: birthOf(pid) ?? '' };
    await command.remember(started);
    stdin?.end('go\n');
    return { child, started };
  } finally {
    closeSync(log);
  }
};

export type TargetProcess = {
  /** Absent: none is running. */
  current(): StartedProcess | undefined;
  /** A program that does not exist ends at once, and says so in its last words. */
  start(): Promise<StartedProcess>;
  /** Sends a signal and waits for the end; one that will not hear it is killed after 30 s. Answers who ended. */
  signal(signal: NodeJS.Signals): Promise<StartedProcess | undefined>;
  /** What it printed last, for somebody who asks why it ended. */
  lastWords(): string;
};

/** The target's own process, of which one runs at a time. Dies with us, however we end, but for a SIGKILL. */
export const createTargetProcess = (command: Command): TargetProcess => {
  let running: Begun | undefined;
  let isFirst = true;
  const killAtExit = () => {
    if (running) signalGroup(running.started.pid, 'SIGKILL');
  };
  return {
    current: () => running?.started,
    start: async () => {
      const begun = await begin(command, isFirst);
      isFirst = false;
      const { child, started } = begun;
      running = begun;
      process.once('exit', killAtExit);
      void exited(child).then(() => {
        if (running?.child === child) running = undefined;
        process.removeListener('exit', killAtExit);
      });
      return started;
    },
    signal: async (signal) => {
      if (!running) return undefined;
      const { child, started } = running;
      signalGroup(started.pid, signal);
      const killing = setTimeout(() => signalGroup(started.pid, 'SIGKILL'), graceMs);
      await exited(child);
      running = undefined;
      clearTimeout(killing);
      // What it left behind of its group would hold the port.
      signalGroup(started.pid, 'SIGKILL');
      return started;
    },
    lastWords: () => {
      const text = readFileSync(command.log, 'utf8').trimEnd();
      return plainLine(text.slice(text.lastIndexOf('\n') + 1));
    },
  };
};

/** Ends a process that a killed run of ours has left, if it is that one and no other under the same id. */
export const endLeftProcess = async (
  { pid, birth }: StartedProcess,
  sleep: (ms: number) => Promise<void>,
): Promise<boolean> => {
  if (birth === '' || birthOf(pid) !== birth) return false;
  signalGroup(pid, 'SIGTERM');
  for (let waitedMs = 0; birthOf(pid) === birth && waitedMs < graceMs; waitedMs += 50) await sleep(50);
  if (birthOf(pid) === birth) signalGroup(pid, 'SIGKILL');
  return true;
};
