import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Target } from '../../../lib/drill/ports.ts';
import type { Entry } from '../../../lib/drill/record.ts';
import { openTarget } from '../../../lib/probe/target/open.ts';
import { checkOf, never, targetPlanOf } from '../../support/drill-target.ts';
import { bodyOf, type Target as HttpTarget, json, startHttpTarget } from '../../support/http-target.ts';
import { contextOf } from '../../support/probing.ts';

/** What a small key-value front answers to everything; a test puts its own in place. */
type Front = (response: ServerResponse, key: string, method: string, body: string) => unknown;

const startedS = 1_790_000_000.25;
const metrics = [
  '# HELP process_start_time_seconds Start time of the process.',
  '# TYPE process_start_time_seconds gauge',
  `process_start_time_seconds ${startedS}`,
  'process_start_time_seconds_total 7',
  'app_info{boot="b {1}",path="a\\"}b"} 1 1790000000000',
  'replica_start{pod="b"} 1.79e+09',
  'replica_start{pod="a"} 1.78e9',
  '',
].join('\n');

describe('a target that speaks HTTP alone', () => {
  let server: HttpTarget | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const keep: Front = (() => {
    const kept = new Map<string, string>();
    return (response, key, method, body) => {
      if (method === 'PUT') kept.set(key, body);
      if (method === 'DELETE') kept.delete(key);
      json(response, 200, { value: method === 'GET' ? (kept.get(key) ?? null) : 'OK', servedAt: Math.random() });
    };
  })();

  const plan = {
    identity: { url: '{{baseUrl}}/metrics', startedAt: 'process_start_time_seconds' },
    ledger: {
      write: {
        request: { method: 'PUT', url: '{{baseUrl}}/kv/{{entry.id}}', text: 'of {{entry.id}}' },
        expect: { status: 200, json: { '$.value': 'OK' } },
        timeout: '1s',
      },
      read: {
        request: { url: '{{baseUrl}}/kv/{{entry.id}}' },
        expect: { json: { '$.value': 'of {{entry.id}}' } },
        capture: { value: '$.value' },
        absent: { status: 200, json: { '$.value': null } },
        timeout: '1s',
      },
    },
  };

  const open = async (front: Front = keep, target: object = plan): Promise<Target> => {
    server = await startHttpTarget(async (request, response) => {
      if (request.url === '/metrics') return void response.end(metrics);
      const body = await bodyOf(request);
      return void front(response, request.url ?? '', request.method ?? '', body);
    });
    return openTarget(targetPlanOf(target, { baseUrl: {} }), contextOf({ baseUrl: server.url }));
  };

  const write = (target: Target, signal = never): Promise<Entry> => target.write({ id: 'e-1', phase: 'seed' }, signal);

  const entry: Entry = { id: 'e-1', phase: 'seed', invokedAt: 0, endedAt: 0, outcome: 'acknowledged', captures: {} };

  it('is told apart from its former self by the start time of its process', async () => {
    const sighting = await (await open()).identify(never);
    expect(sighting).toMatchObject({ boot: String(startedS), startedAt: startedS * 1000 });
    expect(sighting).not.toHaveProperty('epoch');
  });

  it('may say who it is in labels, and be several', async () => {
    const labelled = await open(keep, { ...plan, identity: { url: '{{baseUrl}}/metrics', boot: 'app_info' } });
    expect((await labelled.identify(never)).boot).toBe('{boot="b {1}",path="a\\"}b"}1');
    await server?.close();
    const identity = { url: '{{baseUrl}}/metrics', boot: 'replica_start', startedAt: 'replica_start' };
    const several = await (await open(keep, { ...plan, identity })).identify(never);
    expect(several).toMatchObject({ boot: '{pod="a"}1.78e9 {pod="b"}1.79e+09', startedAt: 1.78e12 });
  });

  it('says nothing of who it is where the metric is not there', async () => {
    const identity = { url: '{{baseUrl}}/metrics', boot: 'no_such_metric' };
    expect(await (await open(keep, { ...plan, identity })).identify(never)).toEqual({ at: expect.any(Number) });
  });

  it('is ready when it says who it is, where the config names nothing else', async () => {
    const target = await open();
    expect(await target.ready(never)).toEqual({});
    await server?.close();
    expect(await target.ready(never)).toHaveProperty('problem');
  });

  it('keeps what is written, and reads it as the same content though the answer is another', async () => {
    const target = await open();
    expect(await target.read(entry, never)).toMatchObject({ found: 'absent' });
    expect(await write(target)).toMatchObject({ outcome: 'acknowledged', captures: {} });
    const [first, second] = [await target.read(entry, never), await target.read(entry, never)];
    expect(first).toMatchObject({ found: 'present', digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(second.digest).toBe(first.digest);
  });

  it('has a whole answer for its content where the config captures nothing of it', async () => {
    const { capture: _, ...read } = plan.ledger.read;
    const target = await open(keep, { ...plan, ledger: { ...plan.ledger, read } });
    await write(target);
    const [first, second] = [await target.read(entry, never), await target.read(entry, never)];
    expect(first.found).toBe('present');
    expect(second.digest).not.toBe(first.digest);
  });

  it.each<[string, Front, Entry['outcome']]>([
    ['a status of 500', (response) => json(response, 500, {}), 'unknown'],
    ['a status of 503', (response) => json(response, 503, {}), 'unknown'],
    ['a status of 408', (response) => json(response, 408, {}), 'unknown'],
    ['a status of 400', (response) => json(response, 400, {}), 'refused'],
    ['a status of 429', (response) => json(response, 429, {}), 'refused'],
    ['a yes with other words', (response) => json(response, 200, { value: 'queued' }), 'unknown'],
    ['a redirect', (response) => void response.writeHead(302, { location: '/' }).end(), 'unknown'],
    ['a reset', (response) => response.socket?.destroy(), 'unknown'],
    [
      'half an answer',
      (response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"value":"OK"}', () => response.socket?.destroy());
      },
      'unknown',
    ],
    ['silence', () => {}, 'unknown'],
  ])('that answers a write with %s leaves it so', async (_, front, outcome) => {
    const written = await write(await open(front));
    expect(written).toMatchObject({ id: 'e-1', phase: 'seed', outcome, problem: expect.any(String) });
    expect(written.endedAt).toBeGreaterThanOrEqual(written.invokedAt);
  });

  it('that has not answered when the drill ends leaves the write unknown, and not forgotten', async () => {
    const stop = new AbortController();
    const target = await open(() => stop.abort(new Error('enough')));
    expect(await write(target, stop.signal)).toMatchObject({ outcome: 'unknown', problem: expect.any(String) });
    await expect(target.read(entry, stop.signal)).rejects.toThrow('enough');
  });

  it.each<[string, Front, string]>([
    ['another value', (response) => json(response, 200, { value: 'of another' }), 'different'],
    ['nothing of it', (response) => json(response, 200, {}), 'different'],
    ['a status of 404 that nobody spoke of', (response) => json(response, 404, {}), 'different'],
    ['a status of 500', (response) => json(response, 500, {}), 'unreadable'],
    ['a status of 429', (response) => json(response, 429, {}), 'unreadable'],
    ['a reset', (response) => response.socket?.destroy(), 'unreadable'],
  ])('that answers a read with %s says so', async (_, front, found) => {
    const reading = await (await open(front)).read(entry, never);
    expect(reading).toMatchObject({ id: 'e-1', found, problem: expect.any(String) });
  });

  it('has no way to list or remove where the config names none, and of a stream that nobody follows nothing is known', async () => {
    const target = await open();
    expect(await target.list(never)).toBeUndefined();
    expect(await target.remove(entry, never)).toHaveProperty('problem');
    expect(await target.head('any', never)).toEqual({ stream: 'any', events: [] });
    expect(await checkOf(target, { stream: 'any', events: [] })).toMatchObject([{ result: 'inconclusive' }]);
    expect(await target.projections(never)).toEqual([]);
  });

  it('whose write has no key is not written to again to find out what to remove', async () => {
    const { write: put, read } = plan.ledger;
    const ledger = {
      write: { ...put, request: { ...put.request, method: 'POST' }, capture: { place: '$.place' } },
      read,
      remove: { request: { method: 'DELETE', url: '{{baseUrl}}/kv/{{place}}' } },
    };
    const target = await open(keep, { ...plan, ledger });
    expect(await target.remove({ ...entry, outcome: 'unknown' }, never)).toEqual({
      problem: 'no answer to its write says where it is, and the write has no idempotency key to ask by',
    });
    expect(server?.requests).toEqual([]);
  });

  it('whose listing names a page as the next of itself has none that ends', async () => {
    const front: Front = (response) => json(response, 200, { ids: ['a'], next: 'again' });
    const list = { request: { url: '{{baseUrl}}/all' }, ids: '$.ids[*]', next: { query: 'after', json: '$.next' } };
    const target = await open(front, { ...plan, ledger: { ...plan.ledger, list } });
    expect(await target.list(never)).toEqual({ problem: 'the listing never ends: a page names itself as the next' });
    expect(server?.requests.map(({ path }) => path)).toEqual(['/all', '/all?after=again']);
  });
});
