// A websocket server in a process of its own: answers each message with one of a kilobyte or so, numbered from 1 on its
// connection. At a tenth of the messages that are announced, and at the last, it holds its answer until it is told to go on.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Mark } from '../sequences/round.ts';

const [announced = '0'] = process.argv.slice(2);
const messages = Number(announced);
const text = 'x'.repeat(200);

const tell = (mark: Mark) => process.send?.(mark);

const serve = (socket: WebSocket) => {
  let n = 0;
  const answer = (number: number) => socket.send(JSON.stringify({ type: 'answer', stream: 's', n: number, text }));
  socket.on('message', async () => {
    n += 1;
    const number = n;
    if (number !== messages / 10 && number !== messages) return answer(number);
    const cameMs = performance.now();
    tell({ n: number, cameMs });
    await once(process, 'message');
    tell({ n: number, cameMs, answeredMs: performance.now() });
    answer(number);
  });
  socket.on('error', () => {});
};

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', serve);
server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit());
