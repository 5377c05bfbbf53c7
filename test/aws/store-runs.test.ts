import { beforeEach, expect, it } from 'vitest';
import { openSamples } from '../../lib/aws/samples.ts';
import { sideBySide } from '../../lib/aws/side-by-side.ts';
import { type Observation, observationOf } from '../../lib/judge/observation.ts';
import type { Store, StoredRun } from '../../lib/result/store.ts';
import { makeAwsClients, makeAwsPlace } from '../support/aws-store.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { makePass, makeStoredRun } from '../support/runs.ts';
import { startStingyAws } from '../support/stingy-aws.ts';

const hour = (n: number): string => new Date(Date.UTC(2026, 0, 1, n)).toISOString();
const dayMs = 86_400_000;

const historyOf = async (store: Store, probe = 'api-read', range: Parameters<Store['history']>[1] = {}) => {
  const seen: Observation[] = [];
  for await (const observation of store.history(probe, range)) seen.push(observation);
  return seen;
};

describeWithEmulator('the runs of the store in DynamoDB', () => {
  const emulator = sharedEmulator();
  const place = fresh(() => makeAwsPlace(emulator()));
  const stingy = fresh(() => startStingyAws(emulator().endpoint));
  const clients = fresh(() => makeAwsClients(emulator(), { endpoint: stingy().url }));
  let store: Store;
  beforeEach(() => {
    store = place().open({ dynamo: clients().dynamo });
  });

  const keep = async (...runs: readonly StoredRun[]): Promise<void> => {
    await sideBySide(runs, 8, (run) => store.put(run));
  };
  const slotsOf = async (range: Parameters<Store['history']>[1]) =>
    (await historyOf(store, 'api-read', range)).map(({ slot }) => slot);

  it('come as history in the order in which they were judged, however many there are', async () => {
    const runs = Array.from({ length: 250 }, (_, n) =>
      makeStoredRun({ slot: hour((n * 7) % 250), latencies: [n, null] }),
    );
    // An extra run after the one that it confirms, although its slot is the earlier.
    const late = makeStoredRun({ slot: hour(300), run: { startedAt: '2026-01-20T01:40:00.000Z' } });
    const extra = makeStoredRun({ slot: hour(299), run: { startedAt: '2026-01-20T01:50:00.000Z' } });
    await keep(...runs, late, extra, makeStoredRun({ probe: 'other' }));
    const sorted = runs.toSorted((a, b) => (a.run.slot < b.run.slot ? -1 : 1));
    expect(await historyOf(store)).toEqual([...sorted, late, extra].map(observationOf));
    expect(stingy().hits['half batch']).toBeGreaterThan(5);
    expect(stingy().hits['cut page']).toBeGreaterThan(50);
  });

  it('come as history from a time, inclusive, to a time, exclusive', async () => {
    await keep(...[1, 2, 3, 4].map((n) => makeStoredRun({ slot: hour(n) })));
    expect(await slotsOf({ from: hour(2), to: hour(4) })).toEqual([hour(2), hour(3)]);
    expect(await slotsOf({ to: '2026-01-01T03:00:00+01:00' })).toEqual([hour(1)]);
    expect(await slotsOf({ from: '-271821-04-20T00:00:00Z', to: '+275760-09-13T00:00:00Z' })).toHaveLength(4);
    expect(await slotsOf({ from: hour(3), to: hour(3) })).toEqual([]);
    await expect(slotsOf({ from: 'noon' })).rejects.toThrow('from is no ISO time: noon');
  });

  it('let others write, and those that are pruned go, while their history is read', async () => {
    const before = Array.from({ length: 150 }, (_, n) => makeStoredRun({ slot: hour(n) }));
    await keep(...before);
    const found: string[] = [];
    for await (const { slot } of store.history('api-read')) {
      found.push(slot);
      if (found.length > 1) continue;
      await store.put(makeStoredRun({ slot: hour(999) }));
      await store.prune(Date.UTC(2030, 0, 1));
    }
    // What was read before it went is told; no more than that.
    expect(found).toEqual(before.slice(0, 100).map(({ run }) => run.slot));
  });

  it('of one slot are listed in the order in which they started, and cut where the limit says', async () => {
    const regions = ['d', 'a', 'c', 'b', 'e'];
    const runs = regions.map((region, n) =>
      makeStoredRun({ slot: hour(1), region, run: { startedAt: `2026-01-01T01:00:0${n}.000Z` } }),
    );
    await keep(...runs.toReversed(), makeStoredRun({ slot: hour(0) }), makeStoredRun({ slot: hour(2) }));
    const listed = async (query: Parameters<Store['list']>[0]) => (await store.list(query)).map(({ region }) => region);
    expect(await listed({ limit: 4 })).toEqual(['local', 'e', 'b', 'c']);
    expect(await listed({ limit: 4, order: 'oldest' })).toEqual(['local', 'd', 'a', 'c']);
    expect(await listed({ from: hour(1), to: hour(2), limit: 1 })).toEqual(['e']);
    expect((await store.latest()).map(({ slot }) => slot)).toEqual([hour(2)]);
  });

  it('of many probes are merged by slot', async () => {
    const runs = Array.from({ length: 60 }, (_, n) => makeStoredRun({ probe: `p${n % 5}`, slot: hour((n * 17) % 60) }));
    await keep(...runs);
    const newest = runs.map(({ run }) => run).toSorted((a, b) => (a.slot < b.slot ? 1 : -1));
    expect(await store.list({ limit: 7 })).toEqual(newest.slice(0, 7));
    expect(await store.list({ limit: 60 })).toEqual(newest);
    expect(await store.list({ limit: 2, trigger: [] })).toEqual([]);
  });

  it('that are few among many are found', async () => {
    const runs = Array.from({ length: 40 }, (_, n) =>
      makeStoredRun({ slot: hour(n), run: n % 20 === 3 ? { verdict: 'degraded' } : {} }),
    );
    await keep(...runs);
    expect((await store.list({ notGood: true, limit: 2 })).map(({ slot }) => slot)).toEqual([hour(23), hour(3)]);
    expect((await store.list({ notGood: true, limit: 1, order: 'oldest' })).map(({ slot }) => slot)).toEqual([hour(3)]);
  });

  it('are found by the process that met them, while the index is still behind', async () => {
    const [mine, theirs] = [makeStoredRun({ slot: hour(1) }), makeStoredRun({ slot: hour(2) })];
    await place().open().put(theirs);
    stingy().blindIndex();
    await store.put(mine);
    expect(await store.get(mine.run.runId)).toEqual(mine);
    // The check can say no: the index is blind.
    expect(await store.get(theirs.run.runId)).toBeUndefined();
    expect(await store.put(theirs)).toBe('duplicate');
    expect(await store.get(theirs.run.runId)).toEqual(theirs);
  });

  it('are not found once their time is over, although AWS takes days to delete them', async () => {
    const stored = makeStoredRun({ slot: hour(0) });
    await keep(stored);
    const at = (days: number) =>
      place().open({ clock: { ...place().clock, now: () => Date.UTC(2026, 0, 1) + days * dayMs } });
    expect(await at(89).list()).toHaveLength(1);
    expect([await at(90).list(), await at(90).latest(), await historyOf(at(90))]).toEqual([[], [], []]);
    expect(await at(90).get(stored.run.runId)).toBeUndefined();
    const brief = { runsMs: 90 * dayMs, runCadences: 0, samplesMs: dayMs };
    const other = makeStoredRun({ slot: hour(1) });
    await place().open({ retention: brief }).put(other);
    expect(await at(3).get(other.run.runId)).toEqual({ ...other, passes: [] });
  });

  it('carry the time at which the table may delete them, whole seconds after which nobody asks for them', async () => {
    await keep(makeStoredRun({ slot: '2026-01-01T00:00:00.001Z' }));
    const item = (await place().items()).find(({ runId }) => runId !== undefined);
    expect(item).toMatchObject({ expiresAt: { N: String(Date.UTC(2026, 0, 1) / 1000 + 90 * 86_400 + 1) } });
  });

  it('lie beside evidence that is too large for the table, and stand without it when that is gone', async () => {
    const body = Array.from({ length: 100_000 }, (_, n) => ((n * 2_654_435_761) >>> 7).toString(36)).join('');
    const pass = makePass(5);
    const steps = pass.steps.map((step) => ({ ...step, reason: body }));
    const [large, wordy] = [
      makeStoredRun({ slot: hour(1), passes: [{ ...pass, steps }] }),
      makeStoredRun({ slot: hour(2), run: { reasons: [body] } }),
    ];
    await keep(large, wordy);
    expect(await store.list({ order: 'oldest' })).toEqual([large.run, wordy.run]);
    expect(await historyOf(store)).toEqual([large, wordy].map(observationOf));
    const documents = (await place().objects()).filter((key) => key.startsWith('documents/'));
    expect(documents).toHaveLength(2);
    expect(documents[0]).toMatch(/^documents\/probe=api-read\/date=2026-01-01\/[a-z2-7]{26}-[0-9a-f]{16}\.json\.gz$/);

    // A second measurement leaves nothing behind.
    const again = makeStoredRun({ slot: hour(1), passes: [{ ...pass, index: 1, steps }] });
    expect(await store.put(again)).toBe('duplicate');
    expect(await store.put(large)).toBe('duplicate');
    expect(await place().objects()).toHaveLength(4);
    expect(await store.get(large.run.runId)).toEqual(large);

    const samples = {
      ...openSamples(place()),
      readDocument: async () => undefined,
    };
    const poor = place().open({ samples });
    expect((await poor.get(large.run.runId))?.run).toEqual({ ...large.run, exemplar: null });
    await expect(poor.get(wordy.run.runId)).rejects.toThrow(`the document of run ${wordy.run.runId} is gone`);

    expect(await store.prune(Date.UTC(2027, 0, 1))).toBe(2);
    expect([await place().objects(), await place().items()]).toEqual([[], []]);
  });

  it('of a slot that no calendar on a wall has are refused', async () => {
    await expect(store.put(makeStoredRun({ slot: '+012345-01-01T00:00:00.000Z' }))).rejects.toThrow(
      /the slot of run \w+ is not in the years 0 to 9999: \+012345-01-01T00:00:00.000Z/,
    );
    await expect(store.list({ to: '' })).rejects.toThrow('to must be an ISO time, not ');
    expect([await place().objects(), await place().items()]).toEqual([[], []]);
  });
});
