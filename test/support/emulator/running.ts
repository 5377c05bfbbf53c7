import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { endGroup, folderPrefix } from './emulator.ts';
import { cacheFolder } from './venv.ts';

/** The emulator that `npm run aws:up` left behind. */
export type Running = {
  readonly endpoint: string;
  readonly pid: number;
  readonly folder: string;
  /** The bucket and the roles of cdk are there. */
  readonly bootstrapped: boolean;
};

/** Where it is recorded, unless another place is named. */
export const stateFile = join(cacheFolder, 'running.json');

/** Its folder is removed and its process ended, so a file that names anything else is refused. */
export const readRunning = async (file: string): Promise<Running | undefined> => {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const running: Running = JSON.parse(text);
  if (dirname(running.folder) === tmpdir() && basename(running.folder).startsWith(folderPrefix)) return running;
  throw new Error(`${file} names the folder "${running.folder}", which no emulator made; delete that file`);
};

export const writeRunning = async (running: Running, file: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(running, null, 2)}\n`);
};

const commandOf = async (pid: number): Promise<string> => {
  const linux = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (linux !== undefined) return linux;
  return new Promise((resolve) =>
    execFile('ps', ['-p', String(pid), '-o', 'command='], (_, stdout) => resolve(stdout)),
  );
};

/** A recorded pid may belong to somebody else by now: it is ours only while its command names our folder. */
export const isAlive = async ({ pid, folder }: Running): Promise<boolean> => (await commandOf(pid)).includes(folder);

/** Ends the recorded process if it still is the emulator, and removes its traces. Answers whether it was running. */
export const endRunning = async (running: Running, file: string): Promise<boolean> => {
  const alive = await isAlive(running);
  if (alive) await endGroup(running.pid);
  await rm(running.folder, { recursive: true, force: true, maxRetries: 5 });
  await rm(file, { force: true });
  return alive;
};
