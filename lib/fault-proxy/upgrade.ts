import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { bridge, destroyFlushed } from './bridge.ts';
import { maxHeaderSize, messageOf, type ProxyContext } from './context.ts';
import { answerError } from './exchange.ts';
import { endToEnd, pairsOf, withoutHeaders, withTargetHost } from './headers.ts';
import { sampleDelayMs } from './random.ts';

/** Websocket options on both sides: bytes, pings and bad UTF-8 are the two ends' own affair. */
const transparent = {
  perMessageDeflate: false,
  autoPong: false,
  skipUTF8Validation: true,
  /** What `ws` itself allows by default: a frame is whole in memory before it passes. */
  maxPayload: 100 * 1024 ** 2,
} as const;

const handshakeHeaders = ['key', 'version', 'extensions', 'accept', 'protocol'].map((name) => `sec-websocket-${name}`);
const earlyBytes = 64 * 1024;

/** A client that waits for its upgrade: notices that it went, and keeps what it said too early. */
type Waiting = { readonly signal: AbortSignal; takeSocket(): Buffer };

const watchClient = (socket: Duplex, head: Buffer): Waiting => {
  const gone = new AbortController();
  const early: Buffer[] = [head];
  let size = head.length;
  const leave = () => socket.destroy();
  const keep = (chunk: Buffer) => {
    early.push(chunk);
    size += chunk.length;
    if (size > earlyBytes) leave();
  };
  socket.on('error', () => {});
  socket.once('close', () => gone.abort());
  socket.once('end', leave);
  socket.on('data', keep);
  return {
    signal: gone.signal,
    takeSocket: () => {
      socket.off('data', keep).off('end', leave);
      return Buffer.concat(early.splice(0));
    },
  };
};

/** Headers as an object, lines of one name joined (RFC 9110 §5.2): the shape that `ws` takes. */
const headersOf = (request: IncomingMessage, target: URL): Record<string, string> => {
  const raw = withoutHeaders(endToEnd(request.rawHeaders), handshakeHeaders);
  const headers: Record<string, string> = {};
  for (const [name, value] of pairsOf(withTargetHost(raw, request.socket.localPort, target))) {
    const key = name.toLowerCase();
    const before = Object.hasOwn(headers, key) ? headers[key] : undefined;
    headers[key] = before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ', '}${value}`;
  }
  return headers;
};

const dial = (request: IncomingMessage, { target, dialling }: ProxyContext): WebSocket => {
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const url = `${target.protocol === 'https:' ? 'wss' : 'ws'}://${target.host}${request.url}`;
  const headers = headersOf(request, target);
  return new WebSocket(
    url,
    protocols.filter((name) => name !== ''),
    { ...transparent, ...dialling, headers, maxHeaderSize },
  );
};

const responseOn = (request: IncomingMessage, socket: Duplex): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.sendDate = false;
  response.assignSocket(socket as Parameters<typeof response.assignSocket>[0]);
  // Node takes its own listener off a socket that upgrades.
  socket.on('drain', () => response.emit('drain'));
  response.once('finish', () => destroyFlushed(socket));
  return response;
};

/** Passes on an answer that is no upgrade, as it came. */
const relayRefusal = async (answer: IncomingMessage, request: IncomingMessage, socket: Duplex): Promise<void> => {
  const response = responseOn(request, socket);
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
  await pipeline(answer, response);
};

/** Opens the client's side as the target opened its own, then ties the two before either can be read. */
const accept = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  ws: WebSocket,
  answer: IncomingMessage,
  context: ProxyContext,
) => {
  const server = new WebSocketServer({ ...transparent, noServer: true, handleProtocols: () => ws.protocol || false });
  server.once('headers', (lines) => {
    const extra = withoutHeaders(endToEnd(answer.rawHeaders), handshakeHeaders);
    lines.push(...pairsOf(extra).map(([name, value]) => `${name}: ${value}`));
  });
  let accepted = false;
  server.handleUpgrade(request, socket, head, (client) => {
    accepted = true;
    bridge({ ws: client, socket }, { ws, socket: answer.socket }, request.url ?? '', context.rules);
  });
  // `ws` has told a client whose handshake is not one.
  if (!accepted) ws.terminate();
};

const connect = (request: IncomingMessage, socket: Duplex, waiting: Waiting, context: ProxyContext): void => {
  const ws = dial(request, context);
  let upgraded: IncomingMessage | undefined;
  let answered = false;
  const leave = () => ws.terminate();
  waiting.signal.addEventListener('abort', leave);
  context.targets.add(ws);
  ws.once('close', () => context.targets.delete(ws));
  ws.on('error', (error) => {
    if (answered) return;
    if (!waiting.signal.aborted) context.onTargetError(messageOf(error));
    socket.destroy();
  });
  ws.once('upgrade', (answer) => {
    upgraded = answer;
  });
  ws.once('unexpected-response', (_, answer) => {
    answered = true;
    void relayRefusal(answer, request, socket)
      .catch(() => socket.destroy())
      .finally(leave);
  });
  ws.once('open', () => {
    answered = true;
    // From here on the bridge passes the client's going on, with its close code.
    waiting.signal.removeEventListener('abort', leave);
    if (upgraded) accept(request, socket, waiting.takeSocket(), ws, upgraded, context);
  });
};

/** Carries one websocket through the proxy: dials the target first and answers the client as the target answered. */
export const carryUpgrade = async (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  context: ProxyContext,
): Promise<void> => {
  const waiting = watchClient(socket, head);
  for (const { fault, draw, hit } of context.rules().upgrade(request.url ?? '')) {
    hit();
    if (fault.action === 'hang') return;
    if (fault.action === 'error') return answerError(responseOn(request, socket), fault.status, fault.body);
    try {
      await sleep(sampleDelayMs(fault.delay, draw), undefined, { signal: waiting.signal });
    } catch {
      // The client went while it waited.
      return;
    }
  }
  try {
    connect(request, socket, waiting, context);
  } catch (error) {
    // `ws` does not dial for a subprotocol or a path that it finds malformed.
    context.onTargetError(messageOf(error));
    socket.destroy();
  }
};
