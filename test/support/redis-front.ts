/**
 * A small service of the test's own that keeps its entries in a Redis of its own: `redis-front.ts HTTP-PORT REDIS-PORT
 * [redis-server's arguments…]`. It is supervisor, too: POST /restart kills Redis with -9 and starts it again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { bodyOf, json } from './http-target.ts';
import { askRedis, type Reply } from './peers/resp.ts';

const [httpPort = 0, redisPort = 0] = process.argv.slice(2, 4).map(Number);
const redisArgs = process.argv.slice(4);
const folder = 'redis';
/** Before it is started again, as supervisors do (systemd's `RestartSec`): several turns of a sampler see it gone. */
const pauseMs = 2000;

/** What `INFO server` says under a name. */
const told = (info: Reply, name: string): string =>
  new RegExp(`^${name}:(.*)\r?$`, 'm').exec(String(info))?.[1]?.trim() ?? '';

const ask = (...words: readonly string[]) => askRedis(redisPort, ...words);

const begin = async (): Promise<ChildProcess> => {
  const args = ['--port', String(redisPort), '--bind', '127.0.0.1', '--dir', folder, ...redisArgs];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  await once(child, 'spawn');
  return child;
};

mkdirSync(folder, { recursive: true });
let running = begin();

const kill = async (): Promise<void> => {
  const child = await running;
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

const restart = async (): Promise<void> => {
  await kill();
  await wait(pauseMs);
  running = begin();
  await running;
};

type Answer = { readonly status: number; readonly body: unknown };

const ok = (body: unknown): Answer => ({ status: 200, body });
const missing: Answer = { status: 404, body: { error: 'no such entry' } };

const identity = async (): Promise<Answer> => {
  const info = await ask('INFO', 'server');
  const [nowS, upS] = [Number(told(info, 'server_time_usec')) / 1e6, Number(told(info, 'uptime_in_seconds'))];
  return ok({ runId: told(info, 'run_id'), startedAt: Math.floor(nowS - upS) });
};

const entryRoutes: Readonly<Record<string, (id: string, request: IncomingMessage) => Promise<Answer>>> = {
  PUT: async (id, request) => {
    await ask('SET', id, await bodyOf(request));
    return ok({ id });
  },
  GET: async (id) => {
    const value = await ask('GET', id);
    return value === null ? missing : ok({ id, value });
  },
  DELETE: async (id) => ((await ask('DEL', id)) === 0 ? missing : ok({ id })),
};

const routes: Readonly<Record<string, () => Promise<Answer>>> = {
  'GET /health': async () => ok(await ask('PING')),
  'GET /identity': identity,
  'GET /entries': async () => ok({ ids: await ask('KEYS', '*') }),
  'GET /count': async () =>
    ok({ consistent: (await ask('DBSIZE')) === ((await ask('KEYS', '*')) as unknown[]).length }),
  'POST /restart': async () => {
    await restart();
    return { status: 202, body: {} };
  },
};

const answer = (request: IncomingMessage): Promise<Answer> => {
  const [, id] = /^\/entries\/(\w+)$/.exec(request.url ?? '') ?? [];
  const route = id === undefined ? routes[`${request.method} ${request.url}`] : entryRoutes[request.method ?? ''];
  return route ? route(id ?? '', request) : Promise.resolve(missing);
};

const server = createServer((request, response) => {
  answer(request).then(
    ({ status, body }) => json(response, status, body),
    // Redis is away, or loads its file: nobody knows what became of it.
    (error) => json(response, 503, { error: String(error) }),
  );
});
server.listen(httpPort, '127.0.0.1');

process.once('SIGTERM', async () => {
  await kill();
  process.exit(0);
});
