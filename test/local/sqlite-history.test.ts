import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Observation, observationOf } from '../../lib/judge/observation.ts';
import type { Store, StoredRun } from '../../lib/result/store.ts';
import { makeStoredRun } from '../support/runs.ts';
import { makeStoreFolder } from '../support/store-folder.ts';

const hour = (n: number): string => new Date(Date.UTC(2026, 0, 1, n)).toISOString();

describe('the history of a probe in the embedded store', () => {
  let place: ReturnType<typeof makeStoreFolder>;
  let store: Store;
  beforeEach(async () => {
    place = makeStoreFolder();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
    place.remove();
  });

  const keep = async (...runs: readonly StoredRun[]): Promise<void> => {
    for (const run of runs) await store.put(run);
  };
  const slotsOf = async (range?: { readonly from?: string; readonly to?: string }): Promise<readonly string[]> => {
    const slots: string[] = [];
    for await (const observation of store.history('api-read', range)) slots.push(observation.slot);
    return slots;
  };

  it('is what the judge saw of its runs alone, with their sketches, oldest first', async () => {
    const runs = [3, 1, 2].map((n) => makeStoredRun({ slot: hour(n), latencies: [n, null] }));
    await keep(...runs, makeStoredRun({ probe: 'other' }));
    const seen: Observation[] = [];
    for await (const observation of store.history('api-read')) seen.push(observation);
    expect(seen).toEqual([runs[1], runs[2], runs[0]].map((run) => run && observationOf(run)));
    expect(seen[0]?.series.total).toMatchObject({ unanswered: 1, sketch: { count: 1 } });
  });

  it('has an extra run after the one that it confirms, although its slot is the earlier', async () => {
    const late = makeStoredRun({ slot: hour(1), run: { startedAt: '2026-01-01T01:40:00.000Z' } });
    const extra = makeStoredRun({ slot: '2026-01-01T01:20:00.000Z', run: { startedAt: '2026-01-01T01:20:01.000Z' } });
    await keep(late, extra);
    expect(await slotsOf()).toEqual([extra.run.slot, late.run.slot]);
  });

  it('goes from a time, inclusive, to a time, exclusive', async () => {
    await keep(...[1, 2, 3, 4].map((n) => makeStoredRun({ slot: hour(n) })));
    expect(await slotsOf({ from: hour(2), to: hour(4) })).toEqual([hour(2), hour(3)]);
    expect(await slotsOf({ to: hour(2) })).toEqual([hour(1)]);
    await expect(slotsOf({ from: 'noon' })).rejects.toThrow('from is no ISO time: noon');
  });

  it('lets others write, and leaves out what is pruned, while it is read', async () => {
    await keep(...[1, 2, 3].map((n) => makeStoredRun({ slot: hour(n) })));
    const seen: string[] = [];
    for await (const { slot } of store.history('api-read')) {
      seen.push(slot);
      if (seen.length > 1) continue;
      await store.put(makeStoredRun({ slot: hour(9) }));
      await store.prune(Date.UTC(2030, 0, 1));
    }
    expect(seen).toEqual([hour(1)]);
  });
});
