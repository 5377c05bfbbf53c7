import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

// It is CommonJS, and Yjs must not be there twice.
const require = createRequire(import.meta.url);
export const Y: typeof import('yjs') = require('yjs');
const {
  setupWSConnection,
  docs,
}: {
  setupWSConnection(socket: WebSocket, request: unknown): void;
  docs: Map<string, { destroy(): void }>;
} = require('y-websocket/bin/utils');

/** The server of y-websocket on a free port of loopback, with one document. */
export const serveYjs = async () => {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  sockets.on('connection', setupWSConnection);
  await once(sockets, 'listening');
  return {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/doc`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((done) => sockets.close(() => done()));
      for (const doc of docs.values()) doc.destroy();
      docs.clear();
    },
  };
};
