import { plannedSkips } from './config/needs.ts';
import type { ProbeKind, ProbePlan } from './config/plan.ts';
import { judgeRun, type Occasion, recordUnrun } from './judge/run.ts';
import type { Monitored } from './monitor/keep.ts';
import type { JudgeDeps } from './monitor/step.ts';
import { type Control, withControl } from './probe/control.ts';
import type { ProbeContext, Prober } from './probe/prober.ts';
import type { StoredRun } from './result/store.ts';

export type { Monitored } from './monitor/keep.ts';
export type { AlarmStep } from './monitor/step.ts';

export type MonitorDeps = JudgeDeps & {
  readonly probers: Readonly<Record<ProbeKind, Prober>>;
  readonly context: ProbeContext;
  /** Asked when a service cannot be reached; absent: the plan names none. */
  readonly control?: Control;
};

/** The first half of a run: what keeps it may be out of reach for a while, and what was measured must not go with it. */
export const measureOnce = async (
  probe: ProbePlan,
  occasion: Occasion,
  { context, probers, control }: Pick<MonitorDeps, 'context' | 'probers' | 'control'>,
  signal: AbortSignal,
): Promise<StoredRun> => {
  const now = context.clock.now();
  if (probe.deferred) return recordUnrun(probe, occasion, 'deferred', probe.deferred.reason, now);
  const { skipProbe } = plannedSkips(probe, context.values);
  if (skipProbe !== undefined) return recordUnrun(probe, occasion, 'skipped', skipProbe, now);
  const result = await probers[probe.kind](probe, context, signal);
  return withControl(judgeRun(probe, occasion, result), control, signal);
};

/** One run, whole: probe → judge → store → event. A duplicate of a stored run changes nothing. */
export const monitorOnce = async (
  probe: ProbePlan,
  occasion: Occasion,
  deps: MonitorDeps,
  signal: AbortSignal,
): Promise<Monitored> => {
  const measured = await measureOnce(probe, occasion, deps, signal);
  // Nothing that the first sample has to wait for: it is loaded once there is something to judge.
  const { keepRun } = await import('./monitor/keep.ts');
  return keepRun(probe, measured, deps);
};
