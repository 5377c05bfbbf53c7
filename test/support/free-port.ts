import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port that nobody listens on. A start command names it before there is a server that could choose one. It lies below
 * those that a system hands out, which others would be given while the server is down.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
};
