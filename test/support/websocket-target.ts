import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Pass, Result, StepOutcome } from '../../lib/result/result.ts';
import { contextOf, measure, probeOf } from './probing.ts';

/** A server on a free port of loopback. */
export type Target = { readonly url: string; readonly close: () => Promise<void> };

/** Keeps the targets of a test file, and closes them after each test. Answers the URL of a kept one. */
export const keepTargets = (): ((target: Promise<Target>) => Promise<string>) => {
  const targets: Target[] = [];
  afterEach(async () => {
    await Promise.all(targets.splice(0).map((target) => target.close()));
  });
  return async (target) => {
    const kept = await target;
    targets.push(kept);
    return kept.url;
  };
};

/** Sends these bodies as JSON, each a frame. */
export const say = (socket: WebSocket, ...bodies: readonly object[]): void => {
  for (const body of bodies) socket.send(JSON.stringify(body));
};

type Said = {
  readonly type?: string;
  readonly id?: number | string;
  readonly stream?: string;
  readonly cursor?: number;
};

/** Answers each message with what `reply` makes of it. */
export const answering =
  (reply: (message: Said, socket: WebSocket) => readonly object[]) =>
  (socket: WebSocket): void => {
    socket.on('message', (data) => say(socket, ...reply(JSON.parse(data.toString()), socket)));
  };

const portOf = (address: ReturnType<Server['address']> | string): number => (address as AddressInfo).port;

/** A real `ws` server; `accept` plays each connection. */
export const serveWebsocket = async (
  accept: (socket: WebSocket) => void,
  options: Omit<ServerOptions, 'port' | 'host'> = {},
): Promise<Target> => {
  const server = new WebSocketServer({ ...options, port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    accept(socket);
  });
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${portOf(server.address())}`,
    close: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((done) => server.close(done));
    },
  };
};

/** A bare TCP server, for what no websocket library would send. `allowHalfOpen`: it does not hang up by itself. */
export const serveTcp = async (
  accept: (socket: Socket) => void,
  options: { readonly allowHalfOpen?: boolean } = {},
): Promise<Target> => {
  const sockets = new Set<Socket>();
  const server = createServer(options, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${portOf(server.address())}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
};

/** The head that accepts an upgrade request (RFC 6455 §4.2.2). */
export const switchingProtocols = (request: string, headers = ''): string => {
  const key = /sec-websocket-key: (.*)\r\n/i.exec(request)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n${headers}\r\n`;
};

/** A client's close with a code and no reason: eight bytes, masked. */
const endsInClose = (chunk: Buffer): boolean => chunk.at(-8) === 0x88 && chunk.at(-7) === 0x82;

/**
 * A bare server that accepts every upgrade, writes `first` in the same segment as the head, and then what `talk` writes.
 * It answers nothing, but hangs up when it is told to close, unless it is `deaf`.
 */
export const serveRawWebsocket = (
  first: readonly Buffer[],
  talk: (socket: Socket) => void = () => {},
  deaf = false,
): Promise<Target> =>
  serveTcp((socket) => {
    socket.once('data', (request) => {
      socket.write(Buffer.concat([Buffer.from(switchingProtocols(request.toString('latin1'))), ...first]));
      talk(socket);
      socket.on('data', (chunk) => {
        if (!deaf && endsInClose(chunk)) socket.end();
      });
    });
  });

/** A frame as a server sends it: unmasked, unfragmented, of up to 65,535 bytes. */
export const frameOf = (opcode: number, payload: string | Buffer = ''): Buffer => {
  const body = Buffer.from(payload as string);
  const head =
    body.length < 126 ? [0x80 | opcode, body.length] : [0x80 | opcode, 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from(head), body]);
};

export const textFrame = (json: object): Buffer => frameOf(1, JSON.stringify(json));

/** A probe over these steps, once. */
export const converse = (steps: readonly object[], more: object = {}, context = contextOf()): Promise<Result> =>
  measure(probeOf({ kind: 'websocket', timeout: '20s', steps, ...more }), context);

/** Its steps in few words. */
export const statusesOf = (result: Result): readonly string[] => passOf(result).steps.map(({ status }) => status);

export const passOf = (result: Result): Pass => {
  const [pass] = result.passes;
  if (!pass) throw new Error('the run has no pass');
  return pass;
};

export const lastStep = (result: Result): StepOutcome => {
  const step = passOf(result).steps.at(-1);
  if (!step) throw new Error('the pass has no step');
  return step;
};
