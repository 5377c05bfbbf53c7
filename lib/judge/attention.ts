import type { MaintenancePlan, ProbePlan } from '../config/plan.ts';
import { overdueAtMs, rulesOf } from './judge.ts';
import type { ProbeState } from './memory.ts';

/** What the judge of a plan goes by. */
type Plan = { readonly keys: number; readonly maintenance: readonly MaintenancePlan[] };

/**
 * Whether a look at the clock may find something for this probe: a run is overdue and nobody was told, or it is waited for
 * from now on. Who looks does so without a break: what was not run was not run.
 */
export const wantsLook = (
  probe: ProbePlan,
  state: ProbeState | undefined,
  { keys, maintenance }: Plan,
  nowMs: number,
): boolean => {
  if (!probe.schedule || state?.alarms.overdue?.incident) return false;
  if (state?.lastSlot === undefined && state?.watchedSince === undefined) return true;
  return overdueAtMs(rulesOf(probe, keys, maintenance), state) <= nowMs;
};

/** An extra run that was asked for when it was due, and is under way or about to be. */
const underWayMs = 120_000;

/** Whether the extra run that a state asks for should have come by now: it was too far ahead for a queue, or was lost. */
export const lacksConfirmation = ({ confirm }: Pick<ProbeState, 'confirm'>, nowMs: number): boolean =>
  confirm !== undefined && nowMs >= Date.parse(confirm.at) + underWayMs;
