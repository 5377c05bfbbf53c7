import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const main = join(import.meta.dirname, 'socket-io-server.ts');

/** Starts it as a process of its own; done when it says where it is. */
const begin = async (port: string) => {
  const child = spawn(process.execPath, [main, port], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const [url] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited]);
  return { url: String(url), kill };
};

/**
 * A Socket.IO server as a process of its own. A POST to `killUrl` kills it with -9, answers when it is gone, and begins
 * it again, on the same port and with nothing of what it held in memory, unless the query is `?for-good`.
 */
export const serveKilled = async () => {
  const first = await begin('0');
  const { url } = first;
  let running: Promise<{ kill(): Promise<void> }> = Promise.resolve(first);
  const operator = createServer(async (request, response) => {
    await (await running).kill();
    if (!request.url?.endsWith('?for-good')) running = begin(new URL(url).port);
    response.writeHead(204).end();
  });
  operator.listen(0, '127.0.0.1');
  await once(operator, 'listening');
  return {
    url,
    killUrl: `http://127.0.0.1:${(operator.address() as AddressInfo).port}/kill`,
    close: async () => {
      operator.closeAllConnections();
      await new Promise((done) => operator.close(done));
      await (await running).kill();
    },
  };
};
