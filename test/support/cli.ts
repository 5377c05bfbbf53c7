import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Run, RunDocument } from '../../lib/result/result.ts';

export const root = join(import.meta.dirname, '..', '..');
/** The command line from its source, as the project's own Node runs it. */
export const entry = join(root, 'bin', 'plimsoll.ts');

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A command under way. */
export type Running = {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
};

type Environment = Readonly<Record<string, string>>;

/** Only what a program cannot live without: no variable of the machine or of the test runner colours a result. */
const bareEnvironment = (): Environment => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  // Node keeps what it stripped and compiled: halves the start of a command, and changes nothing else.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'plimsoll-tests'),
});

/** Keeps something to be undone. A hook, which has no test to end with, brings its own. */
export type Later = (undo: () => void) => void;

export type Place = { readonly cwd: string; readonly env?: Environment; readonly uid?: number; readonly later?: Later };

/** Starts any program; it is killed when the test is over and it has not ended. */
export const start = (
  command: string,
  args: readonly string[],
  { cwd, env = {}, uid, later = onTestFinished }: Place,
): Running => {
  const child = spawn(command, args, {
    cwd,
    env: { ...bareEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  later(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = once(child, 'close').then(([code]): Finished => ({ code, stdout, stderr }));
  return { process: child, finished };
};

/** A folder of its own to run commands in, gone when the test is over. */
export type Desk = {
  readonly folder: string;
  path(name: string): string;
  /** Writes a file; an object becomes JSON. Answers its name. */
  write(name: string, content: string | Uint8Array | object): string;
  /** Names in the folder, hidden ones too. */
  list(): readonly string[];
  exists(name: string): boolean;
  /** `plimsoll …` on this process's Node, from the source. */
  start(args: readonly string[], env?: Environment): Running;
  run(args: readonly string[], env?: Environment): Promise<Finished>;
};

export const openDesk = (later: Later = onTestFinished): Desk => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-cli-'));
  later(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const startCli: Desk['start'] = (args, env = {}) =>
    start(process.execPath, [entry, ...args], { cwd: folder, env, later });
  return {
    folder,
    path,
    write: (name, content) => {
      const isText = typeof content === 'string' || content instanceof Uint8Array;
      writeFileSync(path(name), isText ? content : JSON.stringify(content));
      return name;
    },
    list: () => readdirSync(folder).toSorted(),
    exists: (name) => existsSync(path(name)),
    start: startCli,
    run: (args, env) => startCli(args, env).finished,
  };
};

type Typing = {
  /** What the question begins with. */
  readonly asked: string;
  readonly line: string;
  readonly env: Environment;
};

/** A command on a terminal of its own, that somebody types one line on when they are asked. */
export const typeTo = async (
  desk: Desk,
  args: readonly string[],
  { asked, line, env }: Typing,
): Promise<{ readonly code: number | null; readonly shown: string }> => {
  const command = [process.execPath, entry, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: desk.folder, env: { ...env, TERM: 'xterm' } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const before = shown.includes(asked);
    shown += text;
    if (!before && shown.includes(asked)) child.stdin.write(`${line}\n`);
  });
  const [code] = await once(child, 'close');
  return { code, shown: stripVTControlCharacters(shown) };
};

/** The one document on stdout: anything beside it does not parse. */
export const documentOf = ({ stdout, stderr }: Finished): RunDocument => {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`stdout is not one JSON document:\n${stdout}\nstderr:\n${stderr}`);
  }
};

/** A probe's run in a document. */
export const runOf = (document: RunDocument, probe: string): Run => {
  const run = document.runs.find((one) => one.probe === probe);
  if (!run) throw new Error(`no run of ${probe}: ${document.runs.map((one) => one.probe).join(', ')}`);
  return run;
};

/** Waits for something that another process brings about. The test's own timeout bounds it. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(5);
};
