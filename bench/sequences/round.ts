import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What the server says as it holds an answer back, and again as it gives it: its own monotonic clock. */
export type Mark = { readonly n: number; readonly cameMs: number; readonly answeredMs?: number };

/** What the client holds and has used, all its threads together. */
export type Look = { readonly rssBytes: number; readonly cpuMs: number };

/** Starts a client against a server; answers its process, which has an IPC channel and is preloaded with `preload`. */
export type Client = {
  readonly name: string;
  readonly start: (url: string, messages: number) => Promise<ChildProcess>;
  /** What was wrong with what it did; asked when its process has ended well. */
  readonly fault?: (messages: number) => Promise<string | undefined>;
};

/** One client over one stretch of messages: from a tenth of them to the last. */
export type Round = {
  readonly messagesPerSecond: number;
  readonly cpuMsPerMessage: number;
  readonly rssBytes: { readonly early: number; readonly late: number };
};

const child = (script: string): string => join(import.meta.dirname, '..', 'child', script);

/** A Node process that can be looked into. */
export const startNode = (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(process.execPath, ['--import', child('look-inside.ts'), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });

const startServer = async (messages: number) => {
  const server = fork(child('message-server.ts'), [String(messages)]);
  const [{ port }] = await once(server, 'message');
  return { server, url: `ws://127.0.0.1:${port}` };
};

/** Waits for the server to hold an answer back, looks into the client, and lets the server go on. */
const lookAt = async (server: ChildProcess, client: ChildProcess): Promise<{ mark: Mark; look: Look }> => {
  await once(server, 'message');
  const looked = once(client, 'message');
  client.send('look');
  const [look] = await looked;
  const going = once(server, 'message');
  server.send('go on');
  const [mark] = await going;
  return { mark, look };
};

const measure = async (server: ChildProcess, client: ChildProcess, messages: number): Promise<Round> => {
  const early = await lookAt(server, client);
  const late = await lookAt(server, client);
  const counted = messages - messages / 10;
  const elapsedMs = late.mark.cameMs - (early.mark.answeredMs ?? early.mark.cameMs);
  return {
    messagesPerSecond: counted / (elapsedMs / 1000),
    cpuMsPerMessage: (late.look.cpuMs - early.look.cpuMs) / counted,
    rssBytes: { early: early.look.rssBytes, late: late.look.rssBytes },
  };
};

/** Carries out one client against a server of its own. Rejects when it ends before its time, or did something else. */
export const measureRound = async ({ name, start, fault }: Client, messages: number): Promise<Round> => {
  const { server, url } = await startServer(messages);
  const client = await start(url, messages);
  const said: string[] = [];
  client.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const ended = once(client, 'exit');
  const early = ended.then(([code]) => {
    throw new Error(`${name} ended with ${code} before its time: ${said.join('').trim()}`);
  });
  try {
    const round = await Promise.race([measure(server, client, messages), early]);
    const [code] = await ended;
    const wrong = code === 0 ? await fault?.(messages) : `it ended with ${code}: ${said.join('').trim()}`;
    if (wrong !== undefined) throw new Error(`${name}: ${wrong}`);
    return round;
  } finally {
    early.catch(() => {});
    client.kill('SIGKILL');
    server.kill('SIGKILL');
  }
};
