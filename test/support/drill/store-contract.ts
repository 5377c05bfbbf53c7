import { expect, it } from 'vitest';
import type { Json } from '../../../lib/config/plan.ts';
import type { DrillStore } from '../../../lib/drill/ports.ts';
import { drillReport } from './reports.ts';

const request = { drillId: 'restart', requester: 'ann', reason: 'a test', dryRun: false, trigger: 'demand' } as const;

/** A store over one place, and time that a test may set. */
export type DrillStoreDesk = {
  readonly store: DrillStore & { part(runId: string, part: string): Promise<Json | undefined> };
  readonly time: { nowMs: number };
  /** Another store over the same place, as another process opens it. */
  again(): Promise<DrillStoreDesk['store'] & { close?(): Promise<void> }>;
};

/** Begins a run, as the first step of a drill does. */
export const beginRun = ({ store, time }: Pick<DrillStoreDesk, 'store' | 'time'>, runId: string): Promise<void> =>
  store.put(runId, 'request', { request: { ...request, runId }, startedAt: time.nowMs });

/** What every store of drills keeps to. */
export const itKeepsDrills = (desk: () => DrillStoreDesk): void => {
  it('reads a record back from its parts, and none where nothing began', async () => {
    const { store } = desk();
    expect(await store.read('r1')).toBeUndefined();
    await beginRun(desk(), 'r1');
    await store.put('r1', 'trail/000001-ValidateRequest', { state: 'ValidateRequest', at: 1 });
    await store.put('r1', 'trail/000002-CheckGates', { state: 'CheckGates', at: 2 });
    const record = await store.read('r1');
    expect(record).toMatchObject({ request: { runId: 'r1' }, status: 'running', entries: [] });
    expect(record?.trail.map(({ state }) => state)).toEqual(['ValidateRequest', 'CheckGates']);
    expect(await store.read('r')).toBeUndefined();
  });

  it('puts a part in the place of an earlier one, however large it is', async () => {
    const { store } = desk();
    const large = { texts: Array.from({ length: 40_000 }, (_, n) => `${n * 7919}-${Math.sin(n)}`) };
    for (const value of [{ n: 1 }, { n: 2, text: 'ü'.repeat(5_000) }, large, { n: 4 }]) {
      await store.put('r1', 'listing', value);
      expect(await store.part('r1', 'listing')).toEqual(value);
    }
    expect(await store.part('r1', 'receipt')).toBeUndefined();
  });

  it('reads a few parts without the rest, and leaves out what is not there', async () => {
    const { store } = desk();
    await beginRun(desk(), 'r1');
    await store.put('r1', 'stop', { reason: 'enough' });
    await store.put('r1', 'turn/000001', { entries: [] });
    await store.put('r2', 'receipt', { adapter: 'of another run' });
    const some = await store.parts('r1', ['stop', 'receipt', 'ending']);
    expect([...some]).toEqual([['stop', { reason: 'enough' }]]);
    expect(await store.parts('r3', ['stop'])).toEqual(new Map());
  });

  it('says of a part that may be written once whether it was the first, also across processes', async () => {
    const { store, again } = desk();
    const other = await again();
    expect(await store.putOnce('r1', 'intent', { by: 'one' })).toBe(true);
    expect(await other.putOnce('r1', 'intent', { by: 'two' })).toBe(false);
    expect(await other.part('r1', 'intent')).toEqual({ by: 'one' });
    const asked = await Promise.all(
      Array.from({ length: 8 }, (_, n) => (n % 2 ? store : other).putOnce('r1', 'restart-asked', { n })),
    );
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await store.putOnce('r2', 'request', { request: { ...request, runId: 'r2' }, startedAt: 1 })).toBe(true);
    expect(await other.putOnce('r2', 'request', { request: { ...request, runId: 'r2' }, startedAt: 2 })).toBe(false);
    await other.close?.();
  });

  it('gives a lock to one at a time, with a fence that grows', async () => {
    const { store, time } = desk();
    expect(await store.acquire('notes', 'r1', 1000)).toEqual({ fence: 1 });
    expect(await store.acquire('notes', 'r1', 1000)).toEqual({ fence: 1 });
    expect(await store.acquire('notes', 'r2', 1000)).toEqual({ held: { by: 'r1', until: time.nowMs + 1000 } });
    expect(await store.release('notes', 'r2', 1)).toBe(false);
    expect(await store.release('notes', 'r1', 1)).toBe(true);
    expect(await store.release('notes', 'r1', 1)).toBe(false);
    expect(await store.acquire('notes', 'r2', 1000)).toEqual({ fence: 2 });
  });

  it('gives a lock to one of many who ask at once', async () => {
    const { store } = desk();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => store.acquire('notes', `r${n}`, 1000)));
    expect(answers.filter((answer) => 'fence' in answer)).toEqual([{ fence: 1 }]);
  });

  it('does not renew a lease that is over, and lets another have it', async () => {
    const { store, time } = desk();
    await store.acquire('notes', 'r1', 1000);
    time.nowMs += 999;
    expect(await store.renew('notes', 'r1', 1, 1000)).toBe(true);
    time.nowMs += 1000;
    expect(await store.renew('notes', 'r1', 1, 1000)).toBe(false);
    expect(await store.acquire('notes', 'r2', 1000)).toEqual({ fence: 2 });
    expect(await store.release('notes', 'r1', 1)).toBe(false);
  });

  it('keeps the first report of a run, and refuses one that does not follow on the newest', async () => {
    const { store } = desk();
    await store.publish(drillReport());
    await store.publish(drillReport({ verdict: 'INTERRUPTED', hash: 'zz' }));
    const late = drillReport({ run: 'restart-2', previous: null, hash: 'bb' });
    await expect(store.publish(late)).rejects.toMatchObject({ name: 'Drill.Transient' });
    await store.publish({ ...late, previous: 'aa' });
    const reports = await store.reports('restart', 10);
    expect(reports.map(({ run, verdict }) => [run, verdict])).toEqual([
      ['restart-2', 'PASS'],
      ['restart-1', 'PASS'],
    ]);
    expect(await store.reports('restart', 1)).toMatchObject([{ run: 'restart-2' }]);
    expect(await store.reports('another', 10)).toEqual([]);
  });

  it('lets one of two reports follow on the same, and the other come again', async () => {
    const { store } = desk();
    const two = ['one', 'two'].map((run) => store.publish(drillReport({ run, hash: run })));
    const settled = await Promise.allSettled(two);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await store.reports('restart', 10)).toHaveLength(1);
  });

  it('has a kill switch with its reason', async () => {
    const { store } = desk();
    expect(await store.killSwitch()).toEqual({ on: false });
    await store.setKillSwitch(true, 'the region is on fire');
    expect(await store.killSwitch()).toEqual({ on: true, reason: 'the region is on fire' });
    await store.setKillSwitch(false, '');
    expect(await store.killSwitch()).toEqual({ on: false });
  });
};
