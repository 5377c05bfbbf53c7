import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quietStore } from '../../lib/local/quiet.ts';
import { resumeWatch } from '../../lib/local/watch/catch-up.ts';
import { createWatchSource } from '../../lib/local/watch-source.ts';
import { createQuiet } from '../../lib/monitor/quiet.ts';
import { stepRun } from '../../lib/monitor/step.ts';
import { type MonitorDeps, monitorOnce } from '../../lib/monitor.ts';
import { probers } from '../../lib/probe/probers.ts';
import type { Result } from '../../lib/result/result.ts';
import type { Store } from '../../lib/result/store.ts';
import { driveClock } from '../support/driven-clock.ts';
import { contextOf, probeOf } from '../support/probing.ts';
import { makeStoredRun } from '../support/runs.ts';
import { makeStoreFolder } from '../support/store-folder.ts';

const probe = probeOf({
  id: 'api-read',
  kind: 'http',
  schedule: { every: '1m' },
  severity: 'page',
  steps: [{ request: { url: 'http://127.0.0.1:1/' } }],
});
const slotAt = (n: number): string => new Date(Date.UTC(2026, 0, 31, 13, n)).toISOString();
const bad = (n: number) => makeStoredRun({ slot: slotAt(n), latencies: [null] });
const good = (n: number) => makeStoredRun({ slot: slotAt(n) });

const place = makeStoreFolder();
let store: Store;
let deps: MonitorDeps;
beforeEach(async () => {
  store = await place.open();
  deps = { store, probers, context: contextOf(), service: 'notes', maintenance: [], keys: 1 };
});
afterEach(async () => {
  await store.close();
  place.remove();
});

describe('a watch that was killed between a run and its alarm', () => {
  it('takes the steps that are missing, in order, and knows the newest slot', async () => {
    await store.put(bad(1));
    await stepRun(probe, bad(1), deps);
    for (const run of [bad(2), bad(3), good(4)]) await store.put(run);
    const missed = makeStoredRun({ slot: slotAt(9), latencies: [], run: { status: 'missed', verdict: null } });
    await store.put(missed);
    await store.put(makeStoredRun({ slot: slotAt(20), run: { trigger: 'demand' } }));
    const { takenMs, pending } = await resumeWatch([probe], deps);
    expect(takenMs).toEqual(new Map([['api-read', Date.parse(slotAt(9))]]));
    expect(pending.map(({ kind, slot }) => [kind, slot])).toEqual([['breached', slotAt(2)]]);
    expect(await store.state('api-read')).toMatchObject({ state: 'recovering', lastSlot: slotAt(4) });
    expect(await resumeWatch([probe], deps)).toMatchObject({ takenMs, pending });
  });

  it('before its first alarm ever takes that one run, and no history from before alarms were kept', async () => {
    for (const run of [bad(1), bad(2), bad(3)]) await store.put(run);
    const { pending } = await resumeWatch([probe], deps);
    expect([pending, (await store.state('api-read'))?.state]).toEqual([[], 'pending']);
  });

  it('has nothing to go on from in a new store', async () => {
    expect(await resumeWatch([probe], deps)).toEqual({ takenMs: new Map(), pending: [], states: [] });
  });
});

describe('one run of a slot that was delivered twice', () => {
  it('is judged by what is stored, and told once', async () => {
    const occasion = { slot: slotAt(1), trigger: 'schedule', region: 'local', environment: 'dev' } as const;
    const strict = { ...probe, samples: 1, alarm: { ...probe.alarm, breachAfter: { bad: 1, of: 1 } } };
    const signal = new AbortController().signal;
    const first = await monitorOnce(strict, occasion, deps, signal);
    expect([first.run.verdict, first.alarm.events.map(({ kind }) => kind)]).toEqual(['fail', ['breached']]);
    // The second delivery measures a service that is well again.
    const empty: Result = {
      startedAt: 0,
      durationMs: 0,
      passes: [],
      repeated: [],
      connections: [],
      cleanup: [],
      deadlineReached: false,
      connectionMode: 'fresh',
      self: { cpuMs: 0, loopDelayMaxMs: 0, concurrency: 1, taintedSamples: 0, node: '' },
    };
    const well = { ...deps, probers: { ...probers, http: async () => ({ ...empty, passes: good(1).passes }) } };
    const second = await monitorOnce(strict, occasion, well, signal);
    expect([second.run, second.alarm.events, second.alarm.after]).toEqual([first.run, [], undefined]);
    expect(await store.pendingEvents()).toEqual(first.alarm.events);
  });

  it('on demand moves no alarm', async () => {
    const occasion = { slot: slotAt(1), trigger: 'demand', region: 'local', environment: 'dev', token: 'x' } as const;
    const { run, alarm } = await monitorOnce({ ...probe, samples: 1 }, occasion, deps, new AbortController().signal);
    expect([run.verdict, alarm, await store.states()]).toEqual(['fail', { events: [] }, []]);
  });
});

describe('the source of the dashboard', () => {
  const openSource = () => {
    const next = { slotMs: Date.parse(slotAt(30)), startMs: 0 };
    const watch = { next: () => next, isRunning: () => true };
    return createWatchSource({
      service: 'notes',
      environment: 'dev',
      store,
      probes: () => [probe],
      watch: () => watch,
    });
  };

  it('shows each probe with its state and its last runs, oldest first, and takes in what ends', async () => {
    for (const run of [good(2), bad(1)]) await store.put(run);
    await stepRun(probe, bad(1), deps);
    const source = openSource();
    const [view] = await source.probes();
    expect(view).toMatchObject({
      id: 'api-read',
      kind: 'http',
      severity: 'page',
      schedule: 'every 1m',
      nextSlot: slotAt(30),
      running: true,
      state: 'pending',
      since: slotAt(1),
    });
    expect(view?.runs.map(({ slot, verdict }) => [slot, verdict])).toEqual([
      [slotAt(1), 'fail'],
      [slotAt(2), 'pass'],
    ]);
    let told = 0;
    const stop = source.subscribe(() => {
      told += 1;
    });
    await store.put(bad(3));
    const alarm = await stepRun(probe, bad(3), deps);
    source.ended(bad(3).run, alarm);
    source.ended(bad(3).run, { events: [] });
    const [after] = await source.probes();
    expect([after?.state, after?.since, after?.runs.map(({ slot }) => slot), told]).toEqual([
      'breached',
      slotAt(3),
      [slotAt(1), slotAt(2), slotAt(3)],
      2,
    ]);
    stop();
    source.changed();
    expect(told).toBe(2);
  });

  it('shows 60 runs at most, without their samples', async () => {
    const source = openSource();
    for (let n = 0; n < 59; n += 1) await store.put(good(n));
    expect((await source.probes())[0]?.runs).toHaveLength(59);
    for (let n = 59; n < 70; n += 1) source.ended(good(n).run, { events: [] });
    const runs = (await source.probes())[0]?.runs ?? [];
    expect([runs.length, runs[0]?.slot, runs.at(-1)?.slot]).toEqual([60, slotAt(10), slotAt(69)]);
    expect(runs.every(({ exemplar }) => exemplar === null)).toBe(true);
  });

  it('answers history, failures and one run from the store', async () => {
    for (const run of [good(1), bad(2), good(3)]) await store.put(run);
    const source = openSource();
    expect(await source.history('api-read', 2)).toEqual([good(3).run, bad(2).run]);
    expect(await source.failures(10)).toEqual([bad(2).run]);
    expect(await source.run(bad(2).run.runId)).toEqual({ run: bad(2).run, passes: bad(2).passes });
    expect(await source.run('nowhere')).toBeUndefined();
  });
});

describe('a quiet store', () => {
  it('waits at the end of a run until nothing is measured, but not for ever, and writes what was not run likewise', async () => {
    const clock = driveClock(0);
    const quiet = createQuiet(clock.sleep, 100);
    const quietly = quietStore(store, quiet);
    expect(await quietly.memory('api-read')).toEqual({});

    const done: string[] = [];
    let end = () => {};
    const measure = () => quiet.during(() => new Promise<void>((ended) => (end = ended)));
    const measuring = measure();
    const looking = quietly.memory('api-read').then(() => done.push('looked'));
    await clock.pass(50);
    expect(done).toEqual([]);
    end();
    await Promise.all([measuring, looking]);
    expect([done, clock.monotonic()]).toEqual([['looked'], 50]);

    void measure();
    const skipped = makeStoredRun({ slot: slotAt(1), latencies: [], run: { status: 'skipped', verdict: null } });
    void quietly.put(skipped).then(() => done.push('skipped'));
    expect(await quietly.put(good(2))).toBe('stored');
    await clock.pass(99);
    expect(done).toEqual(['looked']);
    await clock.pass(2);
    expect(done).toEqual(['looked', 'skipped']);
    end();
  });
});
