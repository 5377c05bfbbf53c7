import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type ServerOptions } from 'socket.io';

export type SocketIoTarget = { readonly url: string; readonly io: Server; readonly close: () => Promise<void> };

const answer = (io: Server) => {
  io.on('connection', (socket) => {
    socket.emit('hello', { recovered: socket.recovered });
    socket.on('say', (text) => io.emit('said', text));
    socket.on('join', (room, done) => {
      socket.join(room);
      done?.();
    });
    socket.on('tell', (room, text, done) => {
      io.to(room).emit('told', text);
      done();
    });
    socket.on('add', (a, b, done) => done(a + b));
    socket.on('reverse', (bytes: Buffer, done) => {
      const reversed = Buffer.from(bytes).reverse();
      socket.emit('reversed', { of: bytes, is: [reversed] });
      done?.(reversed);
    });
    socket.on('leave', () => socket.disconnect());
  });
  io.of('/private').use((socket, next) => {
    if (socket.handshake.auth.token === 'let-me-in') return next();
    next(Object.assign(new Error('who are you?'), { data: { code: 'UNAUTHORIZED' } }));
  });
};

/** A Socket.IO server with connection state recovery, on a port of loopback: by default a free one. */
export const serveSocketIo = async (options: Partial<ServerOptions> = {}, from = 0): Promise<SocketIoTarget> => {
  const http = createServer();
  const io = new Server(http, { connectionStateRecovery: {}, transports: ['websocket'], ...options });
  answer(io);
  http.listen(from, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
    io,
    close: async () => {
      await io.close();
    },
  };
};

// As a process of its own it says where it is, and lives until it is killed.
if (import.meta.main) process.stdout.write(`${(await serveSocketIo({}, Number(process.argv[2] ?? 0))).url}\n`);
