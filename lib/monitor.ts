import { plannedSkips } from './config/needs.ts';
import type { ProbeKind, ProbePlan } from './config/plan.ts';
import { baselineRuns } from './judge/baseline.ts';
import { judgeRun, type Occasion, recordUnrun } from './judge/run.ts';
import { advanceState, type ProbeState } from './judge/state.ts';
import { type PageEvent, pageEvent } from './page/event.ts';
import type { ProbeContext, Prober } from './probe/prober.ts';
import type { Run } from './result/result.ts';
import type { SketchData } from './result/sketch.ts';
import type { Store, StoredRun } from './result/store.ts';

export type MonitorDeps = {
  readonly probers: Readonly<Record<ProbeKind, Prober>>;
  readonly store: Store;
  readonly context: ProbeContext;
  /** Stands in every event. */
  readonly service: string;
};

/** What a run did to the alarm of its probe. */
export type AlarmStep = {
  readonly before?: ProbeState;
  readonly after?: ProbeState;
  /** In the store's outbox already: somebody has to send it. */
  readonly event?: PageEvent;
};

export type Monitored = StoredRun & { readonly alarm: AlarmStep };

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

/**
 * Takes a stored run into the state of its probe, with the event that it brings. A run on demand is somebody trying:
 * it moves no alarm. One that was taken in before changes nothing, so that this may be done again after a kill.
 */
export const stepAlarm = async (
  probe: ProbePlan,
  run: Run,
  { store, service }: Pick<MonitorDeps, 'store' | 'service'>,
): Promise<AlarmStep> => {
  if (run.trigger === 'demand') return {};
  const before = await store.state(probe.id);
  const { state, event: change } = advanceState(probe.alarm, before, run);
  const known = before === undefined ? {} : { before };
  if (state === undefined || state === before) return known;
  const event = change && pageEvent(probe, run, state, change, { service, environment: run.environment });
  if ((await store.advance(state, event)) === 'stale') return known;
  return { ...known, after: state, ...(event ? { event } : {}) };
};

/** One run, whole: probe → store → judge → event. A duplicate of a stored run changes nothing. */
export const monitorOnce = async (
  probe: ProbePlan,
  occasion: Occasion,
  deps: MonitorDeps,
  signal: AbortSignal,
): Promise<Monitored> => {
  const stored = await measure(probe, occasion, deps, signal);
  // What is stored stands, and not this second measurement, when the slot was delivered twice.
  const duplicate = (await deps.store.put(stored)) === 'duplicate';
  const kept = duplicate ? ((await deps.store.get(stored.run.runId)) ?? stored) : stored;
  return { ...kept, alarm: await stepAlarm(probe, kept.run, deps) };
};
