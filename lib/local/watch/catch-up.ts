import type { ProbePlan } from '../../config/plan.ts';
import type { ProbeState } from '../../judge/memory.ts';
import { stepRun } from '../../monitor/step.ts';
import type { MonitorDeps } from '../../monitor.ts';
import type { PageEvent } from '../../page/event.ts';

/** What a watch goes on from. */
export type Resumption = {
  /** Newest slot on record of each probe that has one: epoch ms. */
  readonly takenMs: ReadonlyMap<string, number>;
  /** Still to be sent, oldest first. */
  readonly pending: readonly PageEvent[];
  /** Of all probes that have one. */
  readonly states: readonly ProbeState[];
};

/** Scheduled runs that are looked at for the step that a kill took from between a run and its alarm. */
const mostUnstepped = 100;

const catchUp = async (probe: ProbePlan, deps: MonitorDeps): Promise<number | undefined> => {
  const state = await deps.store.state(probe.id);
  // Before the first step there is one run at most: the first, whose watch was killed before it could judge it.
  const lastSlot = state?.lastSlot;
  const stretch = lastSlot === undefined ? { limit: 1 } : { from: lastSlot, limit: mostUnstepped };
  const runs = await deps.store.list({ probe: probe.id, trigger: ['schedule', 'confirm'], ...stretch });
  for (const run of runs.toReversed()) {
    if (lastSlot !== undefined && Date.parse(run.slot) <= Date.parse(lastSlot)) continue;
    const stored = await deps.store.get(run.runId);
    if (stored) await stepRun(probe, stored, deps);
  }
  const newest = runs[0]?.slot ?? lastSlot;
  return newest === undefined ? undefined : Date.parse(newest);
};

/** Takes the steps that a kill left undone, and tells where the watch was. */
export const resumeWatch = async (probes: readonly ProbePlan[], deps: MonitorDeps): Promise<Resumption> => {
  const takenMs = new Map<string, number>();
  for (const probe of probes) {
    const newest = await catchUp(probe, deps);
    if (newest !== undefined) takenMs.set(probe.id, newest);
  }
  return { takenMs, pending: await deps.store.pendingEvents(), states: await deps.store.states() };
};
