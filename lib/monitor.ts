import { plannedSkips } from './config/needs.ts';
import type { ProbeKind, ProbePlan } from './config/plan.ts';
import { baselineRuns } from './judge/baseline.ts';
import { judgeRun, type Occasion, recordUnrun } from './judge/run.ts';
import type { ProbeContext, Prober } from './probe/prober.ts';
import type { SketchData } from './result/sketch.ts';
import type { Store, StoredRun } from './result/store.ts';

export type MonitorDeps = {
  readonly probers: Readonly<Record<ProbeKind, Prober>>;
  readonly store: Store;
  readonly context: ProbeContext;
};

/** Sketches of the runs that a baseline is made of. */
const acceptedSketches = async (store: Store, probe: ProbePlan): Promise<readonly SketchData[]> =>
  (await store.sketches(probe.id, 'total', baselineRuns))
    .filter(({ run }) => run.verdict === 'pass')
    .map(({ sketch }) => sketch);

const measure = async (
  probe: ProbePlan,
  occasion: Occasion,
  deps: MonitorDeps,
  signal: AbortSignal,
): Promise<StoredRun> => {
  const { context, probers, store } = deps;
  const now = context.clock.now();
  if (probe.deferred) return recordUnrun(probe, occasion, 'deferred', probe.deferred.reason, now);
  const { skipProbe } = plannedSkips(probe, context.values);
  if (skipProbe !== undefined) return recordUnrun(probe, occasion, 'skipped', skipProbe, now);
  const result = await probers[probe.kind](probe, context, signal);
  return judgeRun(probe, occasion, result, await acceptedSketches(store, probe));
};

/** One run, whole: probe → judge → store. A duplicate of a stored run changes nothing. */
export const monitorOnce = async (
  probe: ProbePlan,
  occasion: Occasion,
  deps: MonitorDeps,
  signal: AbortSignal,
): Promise<StoredRun> => {
  const stored = await measure(probe, occasion, deps, signal);
  await deps.store.put(stored);
  return stored;
};
