import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server } from 'rpc-websockets';

/** An rpc-websockets server on a free port of loopback. */
export const serveRpc = async () => {
  const server = new Server({ host: '127.0.0.1', port: 0 });
  await once(server.wss, 'listening');
  let release = () => {};
  server.register('sum', (params) => (params as readonly number[]).reduce((a, b) => a + b, 0));
  // Answered when another call has come: what was asked first is answered last.
  server.register('wait', () => new Promise<string>((done) => (release = () => done('waited'))));
  server.register('go', () => {
    setImmediate(() => release());
    return 'gone';
  });
  server.event('tide');
  server.register('turn', () => {
    server.emit('tide', 'high', 12);
    return 'turned';
  });
  const { port } = server.wss.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, close: () => server.close() };
};
