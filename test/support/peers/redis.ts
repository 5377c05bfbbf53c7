import { join } from 'node:path';
import { root } from '../cli.ts';
import { freePort } from '../free-port.ts';

/** A Redis behind a front of a test's own that kills it with -9 and starts it again when it is asked to. */
export const redisTarget = async (redisArgs: readonly string[]) => {
  const [front, redis] = await Promise.all([freePort(), freePort()]);
  const url = `http://127.0.0.1:${front}`;
  const entry = { url: `${url}/entries/{{entry.id}}` };
  const main = join(root, 'test/support/redis-front.ts');
  return {
    redisPort: redis,
    restart: { kind: 'webhook', url: `${url}/restart` },
    target: {
      start: [process.execPath, main, String(front), String(redis), ...redisArgs],
      ready: `${url}/health`,
      identity: { url: `${url}/identity`, boot: '$.runId', startedAt: '$.startedAt' },
      ledger: {
        write: { request: { ...entry, method: 'PUT', text: 'value of {{entry.id}}' }, expect: { status: 200 } },
        read: {
          request: entry,
          expect: { status: 200, json: { '$.value': 'value of {{entry.id}}' } },
          absent: { status: 404 },
        },
        remove: { request: { ...entry, method: 'DELETE' } },
        list: { request: { url: `${url}/entries` }, expect: { status: 200 }, ids: '$.ids[*]' },
        projections: [{ request: { url: `${url}/count` }, expect: { json: { '$.consistent': true } } }],
      },
    },
  };
};
