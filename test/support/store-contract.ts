import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeSketches } from '../../lib/result/sketch.ts';
import type { Store } from '../../lib/result/store.ts';
import { makeBaseline, makeEvent, makeState, makeStep } from './alarms.ts';
import { makePass, makeStoredRun } from './runs.ts';

export type OpenedStore = {
  /** Empty, with the default retention; the probe `weekly` has a cadence of a week, and no other has one. */
  readonly store: Store;
  /** Closes the store and opens what it kept, if it keeps anything beyond its own process. */
  readonly reopen?: () => Promise<Store>;
  readonly cleanup: () => Promise<void>;
};

const hour = (n: number): string => new Date(Date.UTC(2026, 0, 1, n)).toISOString();
const runAt = (n: number, probe = 'api-read') => makeStoredRun({ probe, slot: hour(n) });
const slots = (runs: readonly { readonly slot: string }[]) => runs.map((run) => run.slot);
const daysBefore = (now: number, days: number): string => new Date(now - days * 86_400_000).toISOString();

/** What every adapter of the store must do, whatever it is made of. */
export const describeStoreContract = (name: string, open: () => Promise<OpenedStore>): void => {
  describe(`${name} keeps the contract of a store`, () => {
    let opened: OpenedStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.cleanup());

    it('gives back a run as it was put', async () => {
      const stored = makeStoredRun();
      expect(await store.put(stored)).toBe('stored');
      expect(await store.get(stored.run.runId)).toEqual(stored);
    });

    it('knows nothing of a run that was never put', async () => {
      expect(await store.get('nowhere')).toBeUndefined();
      expect(await store.list()).toEqual([]);
      expect(await store.latest()).toEqual([]);
    });

    it('keeps a run beyond its own process', async (context) => {
      if (!opened.reopen) return context.skip('this store keeps nothing beyond its process');
      const stored = makeStoredRun();
      await store.put(stored);
      store = await opened.reopen();
      expect(await store.get(stored.run.runId)).toEqual(stored);
      expect(await store.put(stored)).toBe('duplicate');
    });

    it('keeps the first of two runs with one id', async () => {
      const first = runAt(1);
      const second = makeStoredRun({ slot: hour(1), latencies: [999], run: { reasons: ['second'] } });
      expect(second.run.runId).toBe(first.run.runId);
      expect([await store.put(first), await store.put(second), await store.put(first)]).toEqual([
        'stored',
        'duplicate',
        'duplicate',
      ]);
      expect(await store.get(first.run.runId)).toEqual(first);
      expect(await store.list()).toEqual([first.run]);
    });

    it('stores once when the same run is put many times at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => store.put(runAt(1))));
      expect(answers.toSorted()).toEqual([...Array<string>(19).fill('duplicate'), 'stored']);
      expect(await store.list()).toHaveLength(1);
    });

    it('lists by slot, newest first unless asked otherwise, whatever the order of arrival', async () => {
      for (const n of [2, 4, 1, 3]) await store.put(runAt(n));
      expect(slots(await store.list())).toEqual([4, 3, 2, 1].map(hour));
      expect(slots(await store.list({ order: 'oldest' }))).toEqual([1, 2, 3, 4].map(hour));
    });

    it('lists one probe alone', async () => {
      await store.put(runAt(1, 'a'));
      await store.put(runAt(2, 'b'));
      await store.put(runAt(3, 'a'));
      expect(slots(await store.list({ probe: 'a' }))).toEqual([3, 1].map(hour));
      expect(await store.list({ probe: 'A' })).toEqual([]);
    });

    it('lists from one slot, inclusive, to another, exclusive, in any spelling of the time', async () => {
      for (const n of [1, 2, 3, 4]) await store.put(runAt(n));
      expect(slots(await store.list({ from: hour(2), to: hour(4) }))).toEqual([3, 2].map(hour));
      expect(slots(await store.list({ probe: 'api-read', from: '2026-01-01T04:00:00+01:00' }))).toEqual(
        [4, 3].map(hour),
      );
      expect(slots(await store.list({ to: '2026-01-01T02:00Z', order: 'oldest' }))).toEqual([hour(1)]);
      expect(await store.list({ from: hour(4), to: hour(2) })).toEqual([]);
      await expect(store.list({ from: 'yesterday' })).rejects.toThrow('from must be an ISO time, not yesterday');
    });

    it('lists no more than the limit, which is 100 unless given', async () => {
      for (let n = 0; n < 105; n += 1) await store.put(runAt(n));
      expect(await store.list()).toHaveLength(100);
      expect(slots(await store.list({ limit: 3 }))).toEqual([104, 103, 102].map(hour));
      expect(slots(await store.list({ limit: 2, order: 'oldest' }))).toEqual([0, 1].map(hour));
      expect(await store.list({ limit: 1000 })).toHaveLength(105);
      expect(await store.list({ limit: 0 })).toEqual([]);
      await expect(store.list({ limit: -1 })).rejects.toThrow('not -1');
    });

    it('knows the newest run of each probe, by probe id', async () => {
      for (const n of [1, 3, 2]) for (const probe of ['c', 'a', 'b']) await store.put(runAt(n, probe));
      const late = makeStoredRun({ probe: 'b', slot: hour(9), latencies: [], run: { status: 'late', verdict: null } });
      await store.put(late);
      const latest = await store.latest();
      expect(latest.map((run) => [run.probe, run.slot, run.status])).toEqual([
        ['a', hour(3), 'done'],
        ['b', hour(9), 'late'],
        ['c', hour(3), 'done'],
      ]);
      expect(latest[1]).toEqual(late.run);
    });

    it('gives the sketches of a run back as they were, and they merge', async () => {
      const runs = [1, 2].map((n) => makeStoredRun({ slot: hour(n), latencies: [n * 10, n * 100] }));
      for (const stored of runs) await store.put(stored);
      const kept = await Promise.all(runs.map(({ run }) => store.get(run.runId)));
      const totals = kept.flatMap((stored) => stored?.sketches.total ?? []);
      expect(mergeSketches(totals)).toMatchObject({ count: 4, min: 10, max: 200, sum: 330 });
    });

    it('keeps a sample without an answer as null, never as a number', async () => {
      const stored = makeStoredRun({ latencies: [null, 20, null] });
      await store.put(stored);
      const kept = await store.get(stored.run.runId);
      expect(kept?.passes.map((pass) => pass.latencyMs)).toEqual([null, 20, null]);
      expect(kept?.run.latencyMs).toMatchObject({ min: 20, p95: null, max: null });
    });

    it('keeps figures to the last bit', async () => {
      const latencies = [0.1 + 0.2, 1 / 3, Number.MIN_VALUE, 1e21, 0];
      const stored = makeStoredRun({ latencies });
      await store.put(stored);
      expect((await store.get(stored.run.runId))?.passes.map((pass) => pass.latencyMs)).toEqual(latencies);
    });

    it('keeps any text: other scripts, line breaks, quotes, NUL, half a character', async () => {
      const text = 'Größe 測試 😀 \u2028 \r\n "\'\\ \0 \ud800 </script>';
      const passes = [{ ...makePass(5), checks: [{ name: text, result: 'pass', actual: text } as const] }];
      const stored = makeStoredRun({ probe: 'größe-測試', passes, run: { reasons: [text, ''] } });
      await store.put(stored);
      expect(await store.get(stored.run.runId)).toEqual(stored);
      expect(await store.list({ probe: 'größe-測試' })).toEqual([stored.run]);
    });

    it('keeps a run with a megabyte of evidence', async () => {
      const body = Array.from({ length: 1 << 19 }, (_, index) => ((index * 2_654_435_761) >>> 16).toString(36))
        .join('')
        .slice(0, 1 << 20);
      expect(body.length).toBe(1 << 20);
      const step = {
        ...makePass(5).steps[0],
        evidence: { response: { status: 500, headers: {}, body, bodyBytes: body.length } },
      };
      const passes = [{ ...makePass(5), steps: [step as ReturnType<typeof makePass>['steps'][number]] }];
      const stored = makeStoredRun({ passes });
      await store.put(stored);
      expect(await store.get(stored.run.runId)).toEqual(stored);
    });

    it('keeps many runs apart', async () => {
      const runs = Array.from({ length: 500 }, (_, index) =>
        makeStoredRun({ probe: `probe-${index % 7}`, slot: hour(index), latencies: [index] }),
      );
      for (const stored of runs) await store.put(stored);
      expect(await store.list({ limit: 1000, order: 'oldest' })).toEqual(runs.map((stored) => stored.run));
      for (const stored of runs.filter((_, index) => index % 50 === 0)) {
        expect(await store.get(stored.run.runId)).toEqual(stored);
      }
      expect(await store.latest()).toHaveLength(7);
    });

    it('prunes a run after 90 days, or 200 cadences where that is longer, and samples after 400 days', async () => {
      const now = Date.UTC(2026, 5, 1);
      const aged = (probe: string, days: number) => makeStoredRun({ probe, slot: daysBefore(now, days) });
      const [young, old] = [aged('often', 89), aged('often', 91)];
      const [weekly, bare, ancient] = [aged('weekly', 399), aged('weekly', 401), aged('weekly', 1401)];
      for (const stored of [young, old, weekly, bare, ancient]) await store.put(stored);
      expect(await store.prune(now)).toBe(2);
      expect(await store.prune(now)).toBe(0);
      expect(await store.list()).toEqual([young.run, weekly.run, bare.run]);
      expect(await store.get(old.run.runId)).toBeUndefined();
      expect(await store.get(weekly.run.runId)).toEqual(weekly);
      expect(await store.get(bare.run.runId)).toEqual({ ...bare, passes: [] });
      expect(slots(await store.latest())).toEqual([young.run.slot, weekly.run.slot]);
      expect(await store.put(old)).toBe('stored');
    });

    it('lists the runs of one trigger, or those that were not good', async () => {
      await store.put(runAt(1));
      await store.put(makeStoredRun({ slot: hour(2), run: { trigger: 'demand', verdict: 'degraded' } }));
      await store.put(makeStoredRun({ slot: hour(3), run: { verdict: 'inconclusive' } }));
      await store.put(makeStoredRun({ slot: hour(4), latencies: [null] }));
      await store.put(makeStoredRun({ slot: hour(5), run: { status: 'missed', verdict: null } }));
      expect(slots(await store.list({ trigger: 'demand' }))).toEqual([hour(2)]);
      expect(slots(await store.list({ trigger: ['confirm', 'demand'] }))).toEqual([hour(2)]);
      expect(await store.list({ trigger: ['confirm'] })).toEqual([]);
      expect(slots(await store.list({ trigger: 'schedule', limit: 1 }))).toEqual([hour(5)]);
      expect(slots(await store.list({ notGood: true }))).toEqual([4, 3, 2].map(hour));
      expect(slots(await store.list({ notGood: true, trigger: 'schedule', limit: 1 }))).toEqual([hour(4)]);
    });

    it('keeps what the judge remembers of each probe as it was given', async () => {
      expect([await store.state('a'), await store.states(), await store.memory('a')]).toEqual([undefined, [], {}]);
      const [a, b] = [makeState('a', hour(1)), makeState('b', hour(2))];
      const hot = JSON.parse('{"slo":{"p(95)<400":{"n":1}},"regression":{"total":{"kind":"sketches"}}}');
      expect(await store.advance(makeStep(b))).toBe('stored');
      expect(await store.advance({ ...makeStep(a), detectors: hot })).toBe('stored');
      expect([await store.state('a'), await store.states()]).toEqual([a, [a, b]]);
      expect(await store.memory('a')).toEqual({ state: a, detectors: hot });
    });

    it('takes no step that does not follow on what is there, and keeps nothing of it', async () => {
      const [first, second, third] = [1, 2, 3].map((n) => makeState('a', hour(n), n));
      expect(await store.advance(makeStep(makeState('a', hour(1), 2), makeEvent('none')))).toBe('stale');
      expect([await store.memory('a'), await store.pendingEvents()]).toEqual([{}, []]);
      for (const state of [first, second]) if (state) expect(await store.advance(makeStep(state))).toBe('stored');
      for (const revision of [1, 2, 4]) {
        const step = makeStep(makeState('a', hour(9), revision), makeEvent(`not ${revision}`));
        expect(await store.advance({ ...step, baseline: makeBaseline('a') })).toBe('stale');
      }
      expect([await store.memory('a'), await store.pendingEvents()]).toEqual([
        { state: second, detectors: makeStep(makeState('a', hour(1))).detectors },
        [],
      ]);
      if (third) expect(await store.advance(makeStep(third))).toBe('stored');
      expect(await store.advance(makeStep(makeState('b', hour(1))))).toBe('stored');
    });

    it('advances once when the same step is taken many times at once', async () => {
      const step = () => store.advance(makeStep(makeState('a', hour(1)), makeEvent('one'), makeEvent('two')));
      const answers = await Promise.all(Array.from({ length: 20 }, step));
      expect(answers.toSorted()).toEqual([...Array<string>(19).fill('stale'), 'stored']);
      expect(await store.pendingEvents()).toEqual([makeEvent('one'), makeEvent('two')]);
    });

    it('keeps a baseline together with the step that changed it, or neither', async () => {
      const [one, two] = [makeBaseline('a', 1), makeBaseline('a', 2)];
      expect(await store.advance({ ...makeStep(makeState('a', hour(1))), baseline: one })).toBe('stored');
      expect(await store.memory('a')).toMatchObject({ state: { revision: 1 }, baseline: one });
      // A person was quicker.
      expect(await store.putBaseline(two)).toBe('stored');
      const late = { ...makeStep(makeState('a', hour(2), 2), makeEvent('late')), baseline: makeBaseline('a', 2) };
      expect(await store.advance(late)).toBe('stale');
      expect(await store.memory('a')).toMatchObject({ state: { revision: 1 }, baseline: two });
      expect(await store.pendingEvents()).toEqual([]);
      expect(await store.advance({ ...late, baseline: makeBaseline('a', 3) })).toBe('stored');
      expect(await store.baseline('a')).toEqual(makeBaseline('a', 3));
    });

    it('keeps a baseline that somebody put, once, whether there is a state or not', async () => {
      expect([await store.baseline('a'), await store.baselines()]).toEqual([undefined, []]);
      expect(await store.putBaseline(makeBaseline('a', 2))).toBe('stale');
      const put = (probe: string, revision: number) => store.putBaseline(makeBaseline(probe, revision));
      expect([await put('b', 1), await put('a', 1), await put('a', 1), await put('a', 3)]).toEqual([
        'stored',
        'stored',
        'stale',
        'stale',
      ]);
      const racing = await Promise.all(Array.from({ length: 10 }, () => put('a', 2)));
      expect(racing.filter((answer) => answer === 'stored')).toHaveLength(1);
      expect(await store.baselines()).toEqual([makeBaseline('a', 2), makeBaseline('b', 1)]);
      expect(await store.memory('a')).toEqual({ baseline: makeBaseline('a', 2) });
    });

    it('keeps the marks of people: those of a probe and of all, oldest first, from after a time on', async () => {
      const mark = (n: number, probes: readonly string[]) =>
        ({ kind: 'deploy', at: hour(n), version: `v${n}`, probes, who: 'ci', why: 'it was time' }) as const;
      const [all, mine, other] = [mark(2, []), mark(1, ['x', 'a']), mark(3, ['b'])];
      expect(await store.marks('a')).toEqual([]);
      for (const each of [all, mine, other]) await store.mark(each);
      expect(await store.marks('a')).toEqual([mine, all]);
      expect(await store.marks('b')).toEqual([all, other]);
      expect(await store.marks('a', hour(1))).toEqual([all]);
      expect(await store.marks('a', '2026-01-01T03:00:00+01:00')).toEqual([]);
      await expect(store.mark({ ...all, at: 'noon' })).rejects.toThrow('noon');
    });

    it('gives pending events in the order in which they came, until they are settled, once', async () => {
      const ids = ['z', 'a', 'm'];
      for (const [n, id] of ids.entries()) await store.advance(makeStep(makeState('a', hour(n), n + 1), makeEvent(id)));
      const sent = { result: 'sent', detail: 'answered 204', at: hour(9) } as const;
      expect((await store.pendingEvents()).map((event) => event.id)).toEqual(ids);
      expect([await store.settleEvent('a', sent), await store.settleEvent('a', sent)]).toEqual(['settled', 'unknown']);
      expect(await store.settleEvent('nobody', sent)).toBe('unknown');
      expect((await store.pendingEvents()).map((event) => event.id)).toEqual(['z', 'm']);
    });

    it('gives those of one probe, whatever the others are called', async () => {
      const probes = ['a', 'a-b', 'a#b', 'b'];
      for (const probe of probes) await store.advance(makeStep(makeState(probe, hour(1)), makeEvent(probe, { probe })));
      for (const probe of [...probes, 'c']) {
        const ids = (await store.pendingEvents(probe)).map((event) => event.id);
        expect(ids).toEqual(probe === 'c' ? [] : [probe]);
      }
      expect(await store.pendingEvents()).toHaveLength(4);
    });

    it('never makes an event pending again that was settled', async () => {
      await store.advance(makeStep(makeState('a', hour(1)), makeEvent('one')));
      await store.settleEvent('one', { result: 'refused', detail: 'answered 400', at: hour(2) });
      expect(await store.advance(makeStep(makeState('a', hour(3), 2), makeEvent('one')))).toBe('stored');
      expect(await store.pendingEvents()).toEqual([]);
    });

    it('keeps memory, baselines and pending events beyond its own process, and through a pruning', async (context) => {
      if (!opened.reopen) return context.skip('this store keeps nothing beyond its process');
      const step = makeStep(makeState('a', '2020-01-01T00:00:00.000Z'), makeEvent('one'));
      await store.advance({ ...step, baseline: makeBaseline('a') });
      const mark = { kind: 'deploy', at: '2029-12-31T00:00:00.000Z', probes: [], who: 'ci' } as const;
      for (const each of [mark, { ...mark, at: '2020-01-01T00:00:00.000Z' }]) await store.mark(each);
      store = await opened.reopen();
      await store.prune(Date.UTC(2030, 0, 1));
      expect([await store.states(), await store.baselines(), await store.pendingEvents()]).toEqual([
        [step.state],
        [makeBaseline('a')],
        [makeEvent('one')],
      ]);
      // What was deployed years ago explains nothing any more.
      expect(await store.marks('a')).toEqual([mark]);
      expect(await store.advance(step)).toBe('stale');
    });

    it('refuses a run without a time, and keeps nothing of it', async () => {
      await expect(store.put(makeStoredRun({ run: { slot: 'noon' } }))).rejects.toThrow('noon');
      expect(await store.list()).toEqual([]);
    });
  });
};
