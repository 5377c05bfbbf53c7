import { once } from 'node:events';
import {
  type Agent,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Fault } from '../../lib/fault-proxy/fault.ts';
import { type FaultProxy, startFaultProxy } from '../../lib/fault-proxy/proxy.ts';

const listen = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** A target that answers as told, for as long as the test runs. */
export const startTarget = (answer: RequestListener): Promise<string> => listen(createServer(answer));

export const startProxy = async (
  target: string,
  faults: readonly Fault[] = [],
  seed = 1,
  onTargetError: (message: string) => void = () => {},
): Promise<FaultProxy> => {
  const proxy = await startFaultProxy({ target, faults, seed, onTargetError });
  onTestFinished(() => proxy.close());
  return proxy;
};

export type Answer = {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly statusMessage: string | undefined;
  readonly body: Buffer;
  /** `hung`: nothing more came for a while. Otherwise how it ended: whole, or the error's code. */
  readonly end: 'whole' | 'hung' | string;
};

export type Asked = {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
  /** Silence after which it counts as hung. Default 30,000: longer than a busy machine pauses. */
  readonly quietMs?: number;
  /** What must have come before silence counts at all: a busy machine is silent too. Default nothing. */
  readonly after?: (answer: { readonly status: number | undefined; readonly bytes: number }) => boolean;
};

/** Asks with a bare client and tells all that a client can see. */
export const ask = (
  url: string,
  { method = 'GET', headers = {}, body, agent, quietMs = 30_000, after = () => true }: Asked = {},
): Promise<Answer> =>
  new Promise((resolve) => {
    let answer: IncomingMessage | undefined;
    const chunks: Buffer[] = [];
    const finish = (end: string) => {
      clearTimeout(quiet);
      const { statusCode: status, headers = {}, rawHeaders = [], statusMessage } = answer ?? {};
      resolve({ status, headers, rawHeaders, statusMessage, body: Buffer.concat(chunks), end });
      if (end !== 'whole') asking.destroy();
    };
    const isAwaited = () => {
      const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
      return !after({ status: answer?.statusCode, bytes }) && performance.now() - started < 30_000;
    };
    const started = performance.now();
    const quiet = setTimeout(() => (isAwaited() ? quiet.refresh() : finish('hung')), quietMs);
    const asking = request(url, { method, headers, ...(agent ? { agent } : {}) });
    asking.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    asking.once('response', (response) => {
      answer = response;
      quiet.refresh();
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        quiet.refresh();
      });
      response.once('end', () => finish('whole'));
      response.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    });
    asking.end(body);
  });

export const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export const sendJson = (response: ServerResponse, value: unknown): void => {
  const body = JSON.stringify(value);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
};

/** One side of a websocket with all that it saw, in order. */
export type Seen = {
  readonly ws: WebSocket;
  readonly texts: readonly string[];
  readonly frames: readonly { readonly data: Buffer; readonly binary: boolean }[];
  /** Resolves when so many frames are there. */
  count(n: number): Promise<readonly string[]>;
  /** Resolves with its close. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
};

export const watch = (ws: WebSocket): Seen => {
  const frames: { data: Buffer; binary: boolean }[] = [];
  const texts: string[] = [];
  ws.on('message', (data: Buffer, binary) => {
    frames.push({ data, binary });
    texts.push(data.toString());
  });
  ws.on('error', () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const count = async (n: number) => {
    while (frames.length < n) await once(ws, 'message');
    return texts;
  };
  return { ws, texts, frames, count, closed };
};

export type SocketTarget = {
  readonly url: string;
  /** The target's side of the next websocket that is opened. */
  next(): Promise<Seen>;
  /** Requests of the upgrades so far. */
  readonly upgrades: readonly IncomingMessage[];
};

/** A target that takes any websocket and says nothing by itself. */
export const startSocketTarget = async (greeting: readonly string[] = []): Promise<SocketTarget> => {
  const server = createServer();
  const url = await listen(server);
  const sockets = new WebSocketServer({ noServer: true, autoPong: false });
  const upgrades: IncomingMessage[] = [];
  const waiting: ((seen: Seen) => void)[] = [];
  sockets.on('headers', (lines) => lines.push('X-Target: yes'));
  server.on('upgrade', (asked, socket, head) => {
    upgrades.push(asked);
    sockets.handleUpgrade(asked, socket, head, (ws) => {
      for (const text of greeting) ws.send(text);
      waiting.shift()?.(watch(ws));
    });
  });
  onTestFinished(() => {
    for (const ws of sockets.clients) ws.terminate();
  });
  return { url, upgrades, next: () => new Promise((resolve) => waiting.push(resolve)) };
};

/** Opens a websocket through a proxy; both ends. */
export const openThrough = async (
  proxy: FaultProxy,
  target: SocketTarget,
  path = '/ws',
): Promise<{ client: Seen; server: Seen }> => {
  const arrived = target.next();
  const client = watch(new WebSocket(`${proxy.wsUrl}${path}`, { autoPong: false }));
  onTestFinished(() => client.ws.terminate());
  await once(client.ws, 'open');
  return { client, server: await arrived };
};

/** What an upgrade that fails shows its client: a status, or the error. */
export const refusedUpgrade = (
  url: string,
  quietMs = 30_000,
  /** Silence counts from when this holds. */
  after: () => boolean = () => true,
): Promise<{ status?: number | undefined; body?: string; end: string }> =>
  new Promise((resolve) => {
    const ws = new WebSocket(url);
    const quiet = setTimeout(() => {
      if (!after()) return void quiet.refresh();
      resolve({ end: 'hung' });
      ws.terminate();
    }, quietMs);
    ws.on('error', (error) => {
      clearTimeout(quiet);
      resolve({ end: error.message });
    });
    ws.once('open', () => {
      clearTimeout(quiet);
      resolve({ end: 'open' });
      ws.terminate();
    });
    ws.once('unexpected-response', async (_, response) => {
      clearTimeout(quiet);
      resolve({ status: response.statusCode, body: (await readAll(response)).toString(), end: 'refused' });
      ws.terminate();
    });
  });
