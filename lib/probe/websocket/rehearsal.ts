import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { WebSocket } from 'ws';

/** The message `{}` as a server's frame. */
const message = Buffer.from([0x81, 2, 0x7b, 0x7d]);

/** The accept key is made as in RFC 6455 §4.2.2. */
const answerUpgrade = (request: string): Buffer => {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1]?.trim() ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const head = [
    'HTTP/1.1 101 Switching Protocols',
    'upgrade: websocket',
    'connection: Upgrade',
    `sec-websocket-accept: ${accept}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
};

/** An upgrade and one message between two ends of a pipe in memory: nothing leaves the process. */
export const rehearse = (): Promise<void> => {
  const [ours, theirs]: Duplex[] = duplexPair();
  theirs?.once('data', (request: Buffer) =>
    theirs.write(Buffer.concat([answerUpgrade(request.toString('latin1')), message])),
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  // `ws` needs no more of its socket than a stream.
  const options = { perMessageDeflate: false, createConnection: () => ours as Socket };
  const socket = new WebSocket('ws://rehearsal.invalid', options);
  socket.on('message', () => socket.terminate());
  socket.on('error', () => resolve());
  socket.on('close', () => resolve());
  return promise;
};
