import type { ProbePlan } from '../config/plan.ts';
import { type Cadences, cadencesOf } from './cadence.ts';

/** Cadences with a schedule of their own that a stack takes: with them it stays under 70 resources, whatever the plan. */
export const mostStackCadences = 15;

/**
 * The schedules of a stack: one for each cadence while they are few and EventBridge can time them all; else the minute tick
 * alone. A tick asks each minute what is due of the whole plan, so a schedule beside it would only ask once more.
 */
export const stackCadences = (probes: readonly ProbePlan[]): Cadences => {
  const { schedules, tick } = cadencesOf(probes);
  return tick || schedules.length > mostStackCadences ? { schedules: [], tick: true } : { schedules, tick };
};
