import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { bearerToken } from './access.ts';
import { createFeed } from './feed.ts';
import { refuse, timingHeaders } from './http.ts';
import type { Metrics } from './metrics.ts';
import { patchNote } from './notes.ts';
import type { Clock, Faults } from './options.ts';
import { type Answer, type ClientMessage, errorFrame, readMessage } from './protocol.ts';
import { sameSecret } from './sessions.ts';
import { ackKey } from './state.ts';
import type { Store } from './store.ts';

export type Streams = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, startedMs: number): void;
  connections(): number;
  /** Tells every client that the server goes away (1001). */
  close(): void;
  /** Cuts those that have not answered. */
  terminate(): void;
};

export type StreamsDeps = {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly token: string;
  readonly wsAuth: boolean;
  readonly epoch: string;
  readonly notice: (line: string) => void;
};

const MAX_MESSAGE_BYTES = 256 * 1024;
/** Acks belong to a client; whoever brings no `?client=` shares this one. */
const DEFAULT_CLIENT = 'default';

export function createStreams(deps: StreamsDeps): Streams {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const pumps = new Set<() => void>();
  deps.store.onDurable(() => {
    for (const pump of pumps) pump();
  });
  const startedMs = new WeakMap<IncomingMessage, number>();
  server.on('headers', (headers, request) => {
    const timing = timingHeaders(deps.clock, startedMs.get(request) ?? deps.clock.monotonic());
    headers.push(...Object.entries(timing).map(([name, value]) => `${name}: ${value}`));
  });

  return {
    upgrade(request, socket, head, receivedMs) {
      startedMs.set(request, receivedMs);
      const url = URL.parse(request.url ?? '/', 'ws://notes-server');
      const problem = (status: number, code: string, message: string) =>
        refuseUpgrade(socket, status, JSON.stringify(refuse(status, code, message).json), deps.clock, receivedMs);
      if (url?.pathname !== '/ws') return problem(404, 'NO_SUCH_ROUTE', 'websockets are served at /ws');
      const presented = presentedToken(request, url);
      const trusted = presented !== undefined && sameSecret(presented, deps.token);
      if (presented !== undefined && !trusted) return problem(401, 'TOKEN_INVALID', 'the token is not the right one');
      if (deps.wsAuth && !trusted) return problem(401, 'UNAUTHENTICATED', 'send a bearer token, or ?token=');
      const client = url.searchParams.get('client') || DEFAULT_CLIENT;
      server.handleUpgrade(request, socket, head, (ws) => {
        const pump = serve(ws, { client, trusted }, deps);
        pumps.add(pump);
        ws.on('close', () => pumps.delete(pump));
      });
    },
    connections: () => server.clients.size,
    close() {
      for (const ws of server.clients) ws.close(1001, 'the server is stopping');
      server.close();
    },
    terminate() {
      for (const ws of server.clients) ws.terminate();
    },
  };
}

type Connection = { readonly client: string; readonly trusted: boolean };

/** Serves one connection; the function it returns sends what became due. */
function serve(ws: WebSocket, connection: Connection, deps: StreamsDeps): () => void {
  const { store } = deps;
  const feed = createFeed(ws, store, () => deps.metrics.count('notes_ws_frames_sent_total'), deps.faults.replayGap);

  async function handle(message: ClientMessage): Promise<void> {
    const echo = message.id === undefined ? {} : { id: message.id };
    const answer = answerTo(message, connection, deps, feed);
    await store.synced();
    ws.send(JSON.stringify({ ...answer, ...echo }));
    // After its answer, so that a client knows where a replay begins.
    if (message.type === 'subscribe' && answer.type === 'subscribed') feed.subscribe(message.stream, message.cursor);
  }

  // One message at a time: answers leave in the order of the questions, though an ack waits for the disk.
  let turn = Promise.resolve();
  ws.on('message', (data: RawData, isBinary: boolean) => {
    const read = isBinary ? { error: errorFrame('BAD_MESSAGE', 'a frame must be text') } : readMessage(data.toString());
    turn = turn.then(async () => {
      if ('error' in read) return ws.send(JSON.stringify(read.error));
      await handle(read.message).catch((error: unknown) => {
        deps.notice(`websocket ${read.message.type} failed: ${error instanceof Error ? error.stack : String(error)}`);
        ws.send(JSON.stringify(errorFrame('INTERNAL', 'the server failed; its own output says how')));
      });
    });
  });
  // ws closes a connection that breaks the protocol by itself, with the right code.
  ws.on('error', () => {});
  return feed.pump;
}

function answerTo(
  message: ClientMessage,
  connection: Connection,
  deps: StreamsDeps,
  feed: { unsubscribe(stream: string): void },
): Answer {
  switch (message.type) {
    case 'ping':
      return { type: 'pong' };
    case 'unsubscribe':
      feed.unsubscribe(message.stream);
      return { type: 'unsubscribed', stream: message.stream };
    case 'subscribe':
      return subscribe(message, connection, deps);
    case 'ack':
      return ack(message, connection, deps);
    case 'patch':
      return patch(message, connection, deps);
  }
}

type MessageOf<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

function subscribe(message: MessageOf<'subscribe'>, { client }: Connection, deps: StreamsDeps): Answer {
  const { stream, cursor } = message;
  const head = headOf(deps.store, stream);
  if (cursor > head) return futureCursor(stream, head);
  const acked = deps.store.state.acks.get(ackKey(client, stream)) ?? 0;
  return { type: 'subscribed', stream, cursor, head, acked, epoch: deps.epoch };
}

function ack(message: MessageOf<'ack'>, { client }: Connection, deps: StreamsDeps): Answer {
  const { stream, cursor } = message;
  const current = deps.store.state.acks.get(ackKey(client, stream)) ?? 0;
  if (cursor < current && !deps.faults.acceptStaleAck) {
    deps.metrics.count('notes_stale_acks_total');
    return errorFrame('STALE_CURSOR', `the cursor stands at ${current} and moves forward only`, {
      stream,
      cursor: current,
    });
  }
  const head = headOf(deps.store, stream);
  if (cursor > head) return futureCursor(stream, head);
  if (cursor !== current) deps.store.record({ kind: 'ack', client, stream, cursor });
  return { type: 'acked', stream, cursor };
}

function patch(message: MessageOf<'patch'>, { trusted }: Connection, deps: StreamsDeps): Answer {
  if (!trusted) return errorFrame('UNAUTHENTICATED', 'a change needs a connection that brought a token');
  const { note_id, idempotency_key: key } = message;
  const outcome = patchNote(deps.store, note_id, message, key);
  switch (outcome.kind) {
    case 'done': {
      const { version } = outcome.note;
      return { type: 'patched', note_id, version, replayed: outcome.replayed };
    }
    case 'missing':
      return errorFrame('NO_SUCH_NOTE', `there is no note ${note_id}`, { note_id });
    case 'conflict': {
      const current = { note_id, current_version: outcome.currentVersion };
      return errorFrame('CONFLICT', `the note has moved on to version ${outcome.currentVersion}`, current);
    }
    case 'keyReused':
      return errorFrame('IDEMPOTENCY_KEY_REUSED', 'this idempotency key came with another request before', { note_id });
  }
}

function headOf(store: Store, stream: string): number {
  return store.state.streams.get(stream)?.length ?? 0;
}

function futureCursor(stream: string, head: number): Answer {
  return errorFrame('FUTURE_CURSOR', `the stream ends at ${head}`, { stream, cursor: head });
}

function presentedToken(request: IncomingMessage, url: URL): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return bearerToken(authorization) ?? '';
  return url.searchParams.get('token') ?? undefined;
}

function refuseUpgrade(socket: Duplex, status: number, body: string, clock: Clock, startedMs: number): void {
  const headers = {
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...timingHeaders(clock, startedMs),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${status === 401 ? 'Unauthorized' : 'Not Found'}\r\n${lines.join('')}\r\n${body}`);
}
