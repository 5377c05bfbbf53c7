import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export type Mosquitto = {
  readonly url: string;
  /** What it has on its disk. */
  saved(): Promise<string>;
  /** Nothing is saved that was not. */
  kill(): Promise<void>;
  /** On the same port, with what it has saved. */
  start(): Promise<void>;
  close(): Promise<void>;
};

const configOf = (port: number, folder: string, more: readonly string[]): string =>
  [
    // With websockets alone, 2.0.11 says that it listens nowhere, and ends.
    `listener 0 ${folder}/mqtt.sock`,
    `listener ${port} 127.0.0.1`,
    'protocol websockets',
    // It would become another user, who may write nothing here.
    `user ${userInfo().username}`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    // Saves at each change, not in half an hour.
    'autosave_on_changes true',
    'autosave_interval 1',
    'log_dest stderr',
    ...more,
    '',
  ].join('\n');

/** Waits until it says that it runs. Nothing where it ended before: its port was taken meanwhile. */
const launch = async (file: string): Promise<ChildProcess | undefined> => {
  const child = spawn('mosquitto', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const running = new Promise<boolean>((resolve) => {
    child.stderr?.on('data', (text: Buffer) => {
      log += text.toString();
      if (/mosquitto version \S+ running/.test(log)) resolve(true);
    });
    child.once('exit', () => resolve(false));
    child.once('error', () => resolve(false));
  });
  if (await running) return child;
  if (/already in use/.test(log)) return undefined;
  throw new Error(`mosquitto did not start; it printed:\n${log}`);
};

const end = async (child: ChildProcess | undefined): Promise<void> => {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
};

/** Debian's broker over websocket, on a port of loopback that was free, with a folder of its own. */
export const serveMosquitto = async (...more: readonly string[]): Promise<Mosquitto> => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-mosquitto-'));
  const file = join(folder, 'mosquitto.conf');
  for (;;) {
    const port = await freePort();
    await writeFile(file, configOf(port, folder, more));
    let child = await launch(file);
    if (!child) continue;
    return {
      url: `ws://127.0.0.1:${port}`,
      saved: () => readFile(join(folder, 'mosquitto.db'), 'latin1').catch(() => ''),
      kill: () => end(child),
      start: async () => {
        child = await launch(file);
        if (!child) throw new Error(`mosquitto: port ${port} was taken meanwhile`);
      },
      close: async () => {
        await end(child);
        await rm(folder, { recursive: true, force: true });
      },
    };
  }
};
