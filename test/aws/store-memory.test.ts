import { beforeEach, expect, it } from 'vitest';
import type { Store } from '../../lib/result/store.ts';
import { makeBaseline, makeEvent, makeState, makeStep } from '../support/alarms.ts';
import { makeAwsClients, makeAwsPlace } from '../support/aws-store.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh, shared } from '../support/fresh.ts';
import { hourMs, judgedProbe, originMs, replay, runAt, seriesOf } from '../support/judging.ts';
import { makeStoredRun } from '../support/runs.ts';
import { startStingyAws } from '../support/stingy-aws.ts';

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();

/** As DynamoDB counts: names and values. */
const sizeOf = (item: Readonly<Record<string, unknown>>): number =>
  Object.entries(item).reduce((sum, [name, value]) => {
    const [content] = Object.values(value as Record<string, string | Uint8Array>);
    return sum + Buffer.byteLength(name) + Buffer.byteLength(content ?? '');
  }, 0);

describeWithEmulator('what the judge remembers, in DynamoDB,', () => {
  const emulator = sharedEmulator();
  const stingy = shared(() => startStingyAws(emulator().endpoint));
  const place = fresh(() => makeAwsPlace(emulator()));
  const clients = fresh(() => makeAwsClients(emulator(), { endpoint: stingy().url }));
  let store: Store;
  beforeEach(() => {
    store = place().open();
  });

  it('is of one moment, whoever writes meanwhile', async () => {
    const writes = 150;
    const step = (n: number) => ({ ...makeStep(makeState('a', minute(n), n)), baseline: makeBaseline('a', n) });
    let written = 0;
    const writing = (async () => {
      for (let n = 1; n <= writes; n++) {
        expect(await store.advance(step(n))).toBe('stored');
        written = n;
      }
    })();
    const seen: (readonly (number | undefined)[])[] = [];
    while (written < writes) {
      const reads = await Promise.all(Array.from({ length: 8 }, () => store.memory('a')));
      seen.push(...reads.map(({ state, baseline }) => [state?.revision, baseline?.revision]));
    }
    await writing;
    expect(new Set(seen.map(([revision]) => revision)).size).toBeGreaterThan(20);
    expect(seen.filter(([state, baseline]) => state !== baseline)).toEqual([]);
  });

  it('and what a person makes of the baseline is seen at once, and by every later look', async () => {
    await store.advance({ ...makeStep(makeState('a', minute(1))), baseline: makeBaseline('a', 1) });
    await store.putBaseline(makeBaseline('a', 2));
    await store.advance(makeStep(makeState('a', minute(2), 2)));
    for (let looks = 0; looks < 2; looks++) {
      expect(await store.memory('a')).toMatchObject({ state: { revision: 2 }, baseline: { revision: 2 } });
    }
  });

  it('costs one unit of writing a run, and the run itself three', async () => {
    const names = ['list', 'one', 'two', 'three', 'four'];
    const steps = names.map((name) => ({ name, request: { url: 'http://127.0.0.1:1/' } }));
    const slo = { objective: '99.9%', window: '30d', thresholds: ['p(95)<400', 'p(99)<700', 'failed<1%'] };
    const probe = judgedProbe({ steps, slo });
    const inputs = Array.from({ length: 300 }, (_, n) => {
      const { series, ...samples } = seriesOf(n, 20, 100);
      const all = ['total', ...names.map((name) => `step:${name}`)].map((name) => [name, series?.total]);
      return runAt(originMs + n * hourMs, n % 29 === 3 ? 'd' : 'p', { ...samples, series: Object.fromEntries(all) });
    });
    const { memory } = replay(probe, inputs, { keys: 6 });
    if (!memory) throw new Error('nothing was remembered');
    await store.advance({ state: { ...memory.state, revision: 1 }, detectors: memory.detectors, events: [] });
    const latencies = Array.from({ length: 20 }, (_, n) => 80 + ((n * 7919) % 613) / 7);
    await store.put(makeStoredRun({ latencies }));
    const items = await place().items();
    const sizes = (prefix: string) => items.filter(({ pk }) => JSON.stringify(pk).includes(prefix)).map(sizeOf);
    expect(sizes('MEMORY#')).toEqual([expect.toSatisfy((size: number) => size <= 1024)]);
    expect(sizes('RUN#')).toEqual([expect.toSatisfy((size: number) => size <= 3 * 1024)]);
  });

  it('comes with its events, however others write', async () => {
    const cautious = place().open({ dynamo: clients().dynamo });
    const before = stingy().hits.conflict;
    const events = Array.from({ length: 10 }, (_, n) => makeEvent(`event ${n}`));
    // One and the same event twice is one.
    await cautious.advance(makeStep(makeState('a', minute(1)), ...events, ...events));
    await cautious.settleEvent('event 3', { result: 'sent', detail: 'answered 204', at: minute(2) });
    await cautious.advance(makeStep(makeState('a', minute(2), 2), ...events, makeEvent('last')));
    const ids = (await cautious.pendingEvents()).map(({ id }) => id);
    expect(ids).toEqual([...[0, 1, 2, 4, 5, 6, 7, 8, 9].map((n) => `event ${n}`), 'last']);
    expect((await store.state('a'))?.revision).toBe(2);
    expect(stingy().hits.conflict).toBeGreaterThan(before);
  });

  it('refuses a step with more events than one transaction takes, and keeps nothing of it', async () => {
    const events = Array.from({ length: 50 }, (_, n) => makeEvent(`event ${n}`));
    const refused = store.advance(makeStep(makeState('a', minute(1)), ...events));
    await expect(refused).rejects.toThrow('101 writes are too many for one transaction');
    expect([await store.states(), await store.pendingEvents()]).toEqual([[], []]);
  });

  it('keeps a mark of many probes for each of them, and for nobody else', async () => {
    const probes = Array.from({ length: 150 }, (_, n) => `probe-${n}`);
    const mark = { kind: 'deploy', at: minute(1), probes: [...probes, 'probe-0'], who: 'ci' } as const;
    await store.mark(mark);
    expect(await Promise.all(['probe-0', 'probe-149', 'other'].map((probe) => store.marks(probe)))).toEqual([
      [mark],
      [mark],
      [],
    ]);
  });
});
