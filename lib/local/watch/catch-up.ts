import type { ProbePlan } from '../../config/plan.ts';
import { type MonitorDeps, stepAlarm } from '../../monitor.ts';
import type { PageEvent } from '../../page/event.ts';

/** What a watch goes on from. */
export type Resumption = {
  /** Newest slot on record of each probe that has one: epoch ms. */
  readonly takenMs: ReadonlyMap<string, number>;
  /** Still to be sent, oldest first. */
  readonly pending: readonly PageEvent[];
};

/** Scheduled runs that are looked at for the step that a kill took from between a run and its alarm. */
const mostUnstepped = 100;

const catchUp = async (probe: ProbePlan, deps: MonitorDeps): Promise<number | undefined> => {
  const state = await deps.store.state(probe.id);
  // Without a state there is one run at most: the first, whose watch was killed before it could judge it.
  const stretch = state ? { from: state.lastSlot, limit: mostUnstepped } : { limit: 1 };
  const runs = await deps.store.list({ probe: probe.id, trigger: 'schedule', ...stretch });
  for (const run of runs.toReversed()) await stepAlarm(probe, run, deps);
  const newest = runs[0]?.slot ?? state?.lastSlot;
  return newest === undefined ? undefined : Date.parse(newest);
};

/** Takes the steps that a kill left undone, and tells where the watch was. */
export const resumeWatch = async (probes: readonly ProbePlan[], deps: MonitorDeps): Promise<Resumption> => {
  const takenMs = new Map<string, number>();
  for (const probe of probes) {
    const newest = await catchUp(probe, deps);
    if (newest !== undefined) takenMs.set(probe.id, newest);
  }
  return { takenMs, pending: await deps.store.pendingEvents() };
};
