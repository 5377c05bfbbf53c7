import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Faults } from '../../examples/notes-server/options.ts';
import { type NotesServer, startNotesServer } from '../../examples/notes-server/server.ts';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { startFaultProxy } from '../../lib/fault-proxy/proxy.ts';
import type { Run, Verdict } from '../../lib/result/result.ts';
import { documentOf, openDesk } from '../support/cli.ts';
import { call, TOKEN } from '../support/notes-server.ts';

type Urls = { readonly http: string; readonly ws: string };
type MakeProbe = (urls: Urls) => object;

const headers = { authorization: `Bearer ${TOKEN}` };

/** Lists the notes and reads the first: one sample on a connection of its own, so that a fault shows as it is. */
const read =
  (timeout = '5s', more: object = {}, request: object = {}): MakeProbe =>
  ({ http }) => ({
    kind: 'http',
    samples: 1,
    timeout,
    steps: [
      {
        name: 'list',
        request: { url: `${http}/api/v1/notes`, headers, ...request },
        expect: {
          status: 200,
          header: { 'content-type': { contains: 'json' } },
          json: { '$.items[0].title': { type: 'string' } },
        },
        capture: { id: '$.items[0].id' },
      },
      { name: 'one', request: { url: `${http}/api/v1/notes/{{id}}`, headers }, expect: { status: 200 } },
    ],
    ...more,
  });

const sampled = (threshold: string): MakeProbe => read('5s', { samples: 5, slo: { thresholds: [threshold] } });

/** Replays the workspace up to an event and holds what came to its invariants. */
const replay =
  (expected: object, { timeout = '5s', last = {} }: { timeout?: string; last?: object } = {}): MakeProbe =>
  ({ ws }) => ({
    kind: 'websocket',
    timeout,
    steps: [
      { name: 'connect', connect: { as: 'a', url: ws } },
      {
        name: 'subscribe',
        send: { as: 'a', json: { type: 'subscribe', stream: 'workspace:1', cursor: 0 }, mark: 'sent' },
      },
      { name: 'events', expect: { as: 'a', ...expected, ...last } },
    ],
    invariants: [
      { monotonic: { stream: '*', field: 'event_seq' } },
      { gapless: { stream: 'workspace:1', field: 'cursor' } },
      { noDuplicates: { key: 'event_seq' } },
    ],
  });

const codes = ['note_patched', 'automation_run_queued', 'automation_run_running', 'automation_run_succeeded'];
const inOrder = { inOrder: codes.map((event_code) => ({ event_code })) };
const toTheEnd = replay({ one: { event_code: 'automation_run_succeeded' } });
const soon = { timeout: '1s' };
const quickly = replay(inOrder, { last: { latency: { since: 'sent', max: '1s' } } });
const none = 'none';

/** A fault of the proxy, the probe that meets it, and what becomes of that: a verdict, and a reason that names it. */
type Row = readonly [fault: string, probe: MakeProbe, verdict: Verdict, reason: RegExp];

const httpRows: readonly Row[] = [
  ['delay=3s', read('800ms'), 'fail', /^list: no answer within 800 ms, waiting for the first byte of the answer$/m],
  [
    'error=503',
    read(),
    'fail',
    /^list: status equals 200 failed: got 503\n[\s\S]*\nlist: nothing to capture as "id": json \$\.items\[0\]\.id was not in the 503 answer$/,
  ],
  ['error=500 /api/v1/notes/', read(), 'fail', /^one: status equals 200 failed: got 500$/m],
  ['hang=headers', read('800ms'), 'fail', /^list: no answer within 800 ms, waiting for the first byte of the answer$/m],
  ['hang=after-headers', read('800ms'), 'fail', /^list: no answer within 800 ms, waiting for the rest of the body$/m],
  ['hang=body', read('800ms'), 'fail', /^list: no answer within 800 ms, waiting for the rest of the body$/m],
  ['drip=1b/50ms', read('800ms'), 'fail', /^list: no answer within 800 ms, waiting for the rest of the body$/m],
  [
    'oversize=2mb',
    read('5s', {}, { maxBody: '1mb' }),
    'fail',
    /^list: the body is larger than 1,048,576 bytes, the most that is read$/m,
  ],
  ['wrong-type=text/html', read(), 'fail', /^list: header content-type contains "json" failed: got "text\/html"$/m],
  ['corrupt=items.0.title:7', read(), 'fail', /^list: json \$\.items\[0\]\.title is of type string failed: got 7$/m],
  ['corrupt=items.0.id', read(), 'fail', /^one: status equals 200 failed: got 404$/m],
  ['corrupt=items', read(), 'fail', /^list: json \$\.items\[0\]\.title is of type string failed: got absent$/m],
  ['cut=headers', read(), 'fail', /^list: the connection was closed before an answer came$/m],
  ['cut=after-headers', read(), 'fail', /^list: the connection was closed after 0 of [\d,]+ bytes of the body$/m],
  ['cut=body', read(), 'fail', /^list: the connection was closed after [1-9]\d* of [\d,]+ bytes of the body$/m],
  ['refuse', read(), 'fail', /^list: the connection was reset$/m],
];

const streamRows: readonly Row[] = [
  [
    'frame:delay=3s in',
    replay(inOrder, soon),
    'fail',
    /^events: inOrder 1 of 4 never came within 1,000 ms: awaited \{event_code: "note_patched"\}; no frame seen since; the connection is silent: not even a ping was answered$/m,
  ],
  ['frame:delay=1500ms in', quickly, 'fail', /^events: latency since sent <= 1,000 ms failed: got [1-9],\d\d\d/m],
  [
    'drop in event_code=automation_run_queued',
    replay(inOrder, soon),
    'fail',
    /^events: inOrder 2 of 4 never came within 1,000 ms: awaited \{event_code: "automation_run_queued"\}; \d+ frames seen since, nearest #\d+ differs at event_code: "/m,
  ],
  [
    'drop in event_code=automation_run_queued',
    toTheEnd,
    'fail',
    /^gapless cursor of workspace:1 failed: got cursor of workspace:1 jumps from 9 to 11 at frame #\d+: 1 missing/m,
  ],
  [
    'drop out type=subscribe',
    replay(inOrder, soon),
    'fail',
    /^events: inOrder 1 of 4 never came within 1,000 ms: .*; no frame seen since$/m,
  ],
  [
    'duplicate in event_code=note_patched',
    toTheEnd,
    'fail',
    /^noDuplicates event_seq failed: got event_seq 9 came twice: frames #\d+ and #\d+$/m,
  ],
  [
    'reorder in event_code=note_patched',
    toTheEnd,
    'fail',
    /^monotonic event_seq of \*, strict failed: got event_seq of workspace:1 .*\b10\b.*\b9\b/m,
  ],
  [
    'frame:corrupt=event_seq:3 in event_code=note_patched',
    toTheEnd,
    'fail',
    /^monotonic event_seq of \*, strict failed: got event_seq of workspace:1 .*\b3\b/m,
  ],
  [
    'frame:corrupt=event_code in event_code=automation_run_queued',
    replay(inOrder, soon),
    'fail',
    /^events: inOrder 2 of 4 never came within 1,000 ms: awaited \{event_code: "automation_run_queued"\}/m,
  ],
  [
    'frame:corrupt=event_seq:"nine" in event_code=note_patched',
    toTheEnd,
    'fail',
    /^monotonic event_seq .*got event_seq of workspace:1 is "nine" at frame #\d+, not a number/m,
  ],
  [
    'silence@nth:3 in',
    replay(inOrder, soon),
    'fail',
    /^events: inOrder 1 of 4 never came within 1,000 ms: .*; 3 frames seen since.*; the connection is silent: not even a ping was answered$/m,
  ],
  [
    'frame:cut@nth:3 in',
    replay(inOrder),
    'fail',
    /^events: connection "a" broke off without a close frame \(1006\); inOrder 1 of 4 never came before that/m,
  ],
  [
    'close=1012@nth:3 in',
    replay(inOrder),
    'fail',
    /^events: connection "a" was closed with 1012.*; inOrder 1 of 4 never came before that/m,
  ],
  [
    'frame:oversize=2mb in event_code=note_patched',
    replay(inOrder),
    'fail',
    /^events: a message is larger than 1,048,576 bytes, the most that is read \(maxFrame\)/m,
  ],
  ['upgrade:error=403', replay(inOrder), 'fail', /^connect: the server refused the upgrade with 403 Forbidden$/],
  [
    'upgrade:hang',
    replay(inOrder, soon),
    'fail',
    /^connect: no answer within 1,000 ms, waiting for the answer to the upgrade$/,
  ],
  [
    'upgrade:delay=3s',
    replay(inOrder, soon),
    'fail',
    /^connect: no answer within 1,000 ms, waiting for the answer to the upgrade$/,
  ],
];

/** Run one at a time, with samples enough that a busy machine does not spoil them all: a latency is what they are judged by. */
const latencyRows: readonly Row[] = [
  [
    'delay=150ms',
    sampled('p(95)<100'),
    'degraded',
    /^p\(95\)<100 missed: \d{3,}(\.\d)? ms \(([1-5]) of \2 samples too slow\)$/m,
  ],
  [
    'delay=uniform(150ms,250ms)',
    sampled('p(95)<150'),
    'degraded',
    /^p\(95\)<150 missed: \d{3,}(\.\d)? ms \(([1-5]) of \2 samples too slow\)$/m,
  ],
  ['error=503@every:3', sampled('failed<10%'), 'fail', /^failed<10% missed: \d+(\.\d+)?% \(\d+ of \d+\)$/m],
];

const undo: (() => unknown)[] = [];
const later = (one: () => unknown) => void undo.push(one);
afterAll(async () => {
  for (const one of undo.toReversed()) await one();
});

/** Runs these probes in one command. A machine that was too busy to measure says so, and is asked again. */
const runProbes = async (probes: readonly object[], concurrency: number): Promise<readonly Run[]> => {
  const desk = openDesk(later);
  desk.write('faults.json', {
    service: 'notes',
    probes: probes.map((probe, index) => ({ id: `row-${index}`, ...probe })),
  });
  const args = ['run', '-c', 'faults.json', '--json', '--concurrency', String(concurrency)];
  const { runs } = documentOf(await desk.run(args));
  return runs.some(({ verdict }) => verdict === 'inconclusive') ? documentOf(await desk.run(args)).runs : runs;
};

/** What a row's probe met: its run, and how often the proxy hit. */
type Met = { readonly run: Run | undefined; readonly hits: number };

/** Each row has a proxy of its own, so that many can run at once. */
const runRows = async (target: string, rows: readonly Row[], concurrency: number): Promise<readonly Met[]> => {
  const proxies = await Promise.all(
    rows.map(([fault]) => startFaultProxy({ target, faults: faultsOf(...(fault === none ? [] : [fault])) })),
  );
  for (const proxy of proxies) later(() => proxy.close());
  const probes = rows.map(([, make], index) => {
    const { url = '', wsUrl = '' } = proxies[index] ?? {};
    return make({ http: url, ws: `${wsUrl}/ws` });
  });
  const runs = await runProbes(probes, concurrency);
  return proxies.map((proxy, index) => ({ run: runs[index], hits: proxy.hits()[0]?.hits ?? 0 }));
};

const startSeeded = async (): Promise<NotesServer> => {
  const server = await startNotesServer({ port: 0, seed: true, dataDir: openDesk(later).path('notes') });
  later(() => server.close());
  return server;
};

describe.each<[string, readonly Row[], number]>([
  ['a fault of an HTTP exchange', httpRows, 4],
  ['a fault of a stream', streamRows, 4],
  ['a fault that only slows or thins', latencyRows, 1],
])('%s', (_, rows, concurrency) => {
  let met: readonly Met[];
  beforeAll(async () => {
    met = await runRows((await startSeeded()).url, rows, concurrency);
  });

  it.each(rows.map(([fault, , verdict, reason], index) => [fault, verdict, reason, index] as const))(
    '%s is %s, and its reason names it',
    (_fault, verdict, reason, index) => {
      const { run, hits } = met[index] ?? {};
      expect(hits).toBeGreaterThan(0);
      expect(run?.reasons.join('\n')).toMatch(reason);
      expect(run?.verdict).toBe(verdict);
    },
  );
});

describe('without a fault', () => {
  it('every one of these probes passes through the same proxy', async () => {
    const rows = [read(), replay(inOrder), toTheEnd, quickly, sampled('p(95)<4000'), sampled('failed<10%')];
    const met = await runRows(
      (await startSeeded()).url,
      rows.map((probe) => [none, probe, 'pass', /^$/]),
      2,
    );
    expect(met.map(({ run }) => [run?.verdict, ...(run?.reasons ?? ['no run'])])).toEqual(rows.map(() => ['pass']));
  });

  it('a target that is gone is told from all of them', async () => {
    const server = await startSeeded();
    await server.close();
    const [run] = await runProbes([read()({ http: server.url, ws: server.wsUrl })], 1);
    expect([run?.verdict, run?.reasons]).toEqual([
      'fail',
      [`list: the connection was refused (127.0.0.1:${server.port})`],
    ]);
  });
});

const note = { title: 'before', body: '' };
const one = (path: string, method: string, sent: object = {}) => ({ request: { method, url: path, headers, ...sent } });

/** Faults of the server that need its state: each with the probe that can see it. */
const serverRows: readonly (readonly [
  name: string,
  faults: Partial<Faults>,
  probe: (urls: Urls & { kept: string }) => object,
  reason: RegExp,
])[] = [
  [
    'accept-stale-ack',
    { acceptStaleAck: true },
    ({ ws }) => ({
      kind: 'websocket',
      timeout: '2s',
      steps: [
        { connect: { as: 'a', url: `${ws}?client=probe` } },
        ...[5, 2].map((cursor) => ({
          send: { as: 'a', json: { type: 'ack', stream: 'workspace:1', cursor, id: cursor } },
        })),
        { name: 'refused', expect: { as: 'a', one: { id: 2, type: 'error', code: 'STALE_CURSOR' } } },
      ],
    }),
    /^refused: one never came within 2,000 ms: awaited \{id: 2, type: "error", code: "STALE_CURSOR"\}; 2 frames seen since, nearest #\d+ differs at type: "acked"/,
  ],
  [
    'replay-gap',
    { replayGap: true },
    toTheEnd,
    /^gapless cursor of workspace:1 failed: got cursor of workspace:1 jumps from \d+ to \d+ at frame #\d+: 1 missing/,
  ],
  [
    'slow-start',
    { slowStartMs: 600_000 },
    ({ http }) => ({
      kind: 'http',
      steps: [{ name: 'health', ...one(`${http}/health`, 'GET'), expect: { status: 200, json: { '$.status': 'ok' } } }],
    }),
    /^health: status equals 200 failed.*: got 503\nhealth: json \$\.status equals "ok" failed.*: got "starting"$/,
  ],
  [
    'drift-projection',
    { driftProjection: true },
    ({ http }) => ({
      kind: 'http',
      steps: [
        { name: 'create', ...one(`${http}/api/v1/notes`, 'POST', { json: note }), capture: { id: '$.id' } },
        { name: 'patch', ...one(`${http}/api/v1/notes/{{id}}`, 'PATCH', { json: { version: 1, title: 'after' } }) },
        { name: 'look', ...one(`${http}/api/v1/notes/{{id}}`, 'GET'), expect: { json: { '$.title': 'after' } } },
      ],
      cleanup: [{ name: 'remove', ...one(`${http}/api/v1/notes/{{id}}`, 'DELETE') }],
    }),
    /^look: json \$\.title equals "after" failed: got "before"$/,
  ],
  [
    'lose-acked-writes over a restart',
    { loseAckedWrites: 1 },
    ({ http, kept }) => ({
      kind: 'http',
      samples: 1,
      steps: [{ name: 'kept', ...one(`${http}/api/v1/notes/${kept}`, 'GET'), expect: { status: 200 } }],
    }),
    /^kept: status equals 200 failed: got 404$/,
  ],
];

/** A server that acknowledged a note, and was started again with these faults. */
const restart = async (faults: Partial<Faults>) => {
  const dataDir = openDesk(later).path('notes');
  const before = await startNotesServer({ port: 0, seed: true, dataDir });
  const { status, body } = await call(before.url, 'POST', '/api/v1/notes', { body: note });
  expect(status).toBe(201);
  await before.close();
  const server = await startNotesServer({ port: 0, dataDir, faults });
  later(() => server.close());
  return { http: server.url, ws: server.wsUrl, kept: String(body.id) };
};

describe('a fault of the notes server', () => {
  let faulty: readonly Run[];
  let healthy: readonly Run[];
  beforeAll(async () => {
    const calm = await restart({});
    const probes: object[] = [];
    for (const [, faults, probe] of serverRows) probes.push(probe(await restart(faults)));
    const runs = await runProbes([...probes, ...serverRows.map(([, , probe]) => probe(calm))], 2);
    faulty = runs.slice(0, serverRows.length);
    healthy = runs.slice(serverRows.length);
  });

  it.each(serverRows.map(([name, , , reason], index) => [name, reason, index] as const))(
    '%s is fail with a reason that names it, and the same probe passes without it',
    (_, reason, index) => {
      expect(faulty[index]?.reasons.join('\n')).toMatch(reason);
      expect(faulty[index]?.verdict).toBe('fail');
      expect([healthy[index]?.verdict, healthy[index]?.reasons]).toEqual(['pass', []]);
    },
  );
});
