import { once } from 'node:events';
import type { Socket } from 'node:net';
import { startTcpTarget } from '../support/http-target.ts';
import type { Host } from './case.ts';

/** Talks to each connection when its first request has come. */
export const onRequest = (talk: (socket: Socket) => void): (() => Promise<Host>) => {
  return () => startTcpTarget((socket) => void socket.once('data', () => talk(socket)));
};

/** Talks to each connection as soon as it is there. */
export const onConnect = (talk: (socket: Socket) => void): (() => Promise<Host>) => {
  return () => startTcpTarget(talk);
};

/** Answers these bytes to the first request of a connection, and hangs up. */
export const answer = (...bytes: readonly (string | Buffer)[]): (() => Promise<Host>) =>
  onRequest((socket) => socket.end(joined(bytes)));

/** Answers these bytes to every request, and leaves the connection open. */
export const answerAlways = (...bytes: readonly (string | Buffer)[]): (() => Promise<Host>) => {
  return () => startTcpTarget((socket) => void socket.on('data', () => socket.write(joined(bytes))));
};

const joined = (bytes: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(bytes.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

/** A whole answer of status 200 with this body. */
export const whole = (body: string | Buffer, headers = 'content-type: application/json\r\n'): Buffer =>
  joined([
    `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n`,
    Buffer.from(body as string),
  ]);

/** Writes what `next` gives until it gives nothing or the client has hung up; never more than the socket takes. */
export const stream = async (socket: Socket, next: () => Buffer | undefined): Promise<void> => {
  for (let piece = next(); piece && !socket.destroyed; piece = next()) {
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
    else await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Writes these bytes one by one, one every 20 ms, until the client has had enough. */
export const drip = (socket: Socket, bytes: Buffer): void => {
  let sent = 0;
  const timer = setInterval(() => socket.write(bytes.subarray(sent, ++sent)), 20);
  socket.once('close', () => clearInterval(timer));
};
