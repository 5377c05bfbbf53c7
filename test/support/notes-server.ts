import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { NotesServerOptions } from '../../examples/notes-server/options.ts';
import { type NotesServer, startNotesServer } from '../../examples/notes-server/server.ts';

export const TOKEN = 'probe-token';
const MAIN = fileURLToPath(new URL('../../examples/notes-server/main.ts', import.meta.url));

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'plimsoll-notes-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A notes server in this process, on a free port, closed when the test is over. */
export async function notesServer(overrides: Partial<NotesServerOptions> = {}): Promise<NotesServer> {
  const dataDir = overrides.dataDir ?? (await temporaryFolder());
  const server = await startNotesServer({ port: 0, seed: true, ...overrides, dataDir });
  onTestFinished(() => server.close());
  return server;
}

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> };
type Sent = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

/** One HTTP request with the probe's token; headers given here win, and an empty one is left out. */
export async function call(url: string, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...sent.headers };
  const response = await fetch(url + path, {
    method,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
    ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
  });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } };
}

export type Frame = Record<string, unknown>;
export type Socket = {
  /** Every frame so far, in order of arrival. */
  readonly frames: readonly Frame[];
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** The first frame, past or to come, that holds all of `part`. */
  seen(part: Frame): Promise<Frame>;
  /** Sends, and waits for the answer to this very message. */
  ask(message: Frame): Promise<Frame>;
};

/** A websocket client that keeps every frame; it is cut when the test is over. */
export async function openSocket(wsUrl: string, headers: Readonly<Record<string, string>> = {}): Promise<Socket> {
  const socket = new WebSocket(wsUrl, { headers });
  onTestFinished(() => socket.terminate());
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    frames.push(JSON.parse(data.toString()));
    for (const look of waiting) look();
  });
  await once(socket, 'open');
  const seen = (part: Frame) => {
    const { promise, resolve } = Promise.withResolvers<Frame>();
    const look = () => {
      const found = frames.find((frame) => Object.entries(part).every(([key, value]) => frame[key] === value));
      if (found === undefined) return;
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
    return promise;
  };
  let asked = 0;
  return {
    frames,
    socket,
    seen,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    ask(message) {
      const id = `ask-${++asked}`;
      socket.send(JSON.stringify({ ...message, id }));
      return seen({ id });
    },
  };
}

export type Child = {
  readonly url: string;
  readonly wsUrl: string;
  readonly process: ChildProcess;
  stderr(): string;
  /** Signals, waits for the end and gives the exit code, or the signal's name. */
  stop(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | string>;
};

/** A notes server as a process of its own, on a free port; killed when the test is over. `wrapper` is put before node. */
export async function spawnNotesServer(args: readonly string[], wrapper: readonly string[] = []): Promise<Child> {
  const [command = '', ...rest] = [...wrapper, process.execPath, MAIN, '--port', '0', ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const ready = await Promise.race([once(lines, 'line'), ended.then(() => [`ended early: ${stderr}`])]);
  const url = /http:\/\/\S+?(?=,)/.exec(String(ready[0]))?.[0];
  if (url === undefined) throw new Error(`the notes server did not start: ${ready[0]}`);
  return {
    url,
    wsUrl: `${url.replace('http', 'ws')}/ws`,
    process: child,
    stderr: () => stderr,
    async stop(signal) {
      child.kill(signal);
      const [code, killedBy] = await ended;
      return code ?? killedBy;
    },
  };
}

/** Runs the command to its end. */
export async function runNotesServer(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stderr };
}
