import { firesBetween } from '../../config/schedule.ts';
import type { ProbeState } from '../memory.ts';
import type { ProbeRules } from './rules.ts';

/** Waiting for a free place, and the writing of what was measured. */
const allowanceMs = 60_000;

/** A watch that has just begun, or woken up, runs what is due before it complains; but it does not wait for a week. */
const longestSettlingMs = 6 * 3_600_000;

const endOf = ({ offsetMs, deadlineMs }: ProbeRules, slotMs: number): number =>
  slotMs + offsetMs + deadlineMs + allowanceMs;

/**
 * When (epoch ms) a probe is overdue unless a run arrives before: `overdueAfter` slots have passed since its last run, or
 * since it was first waited for, each with its time to run; `Infinity` where it has no schedule or waits for nothing yet.
 *
 * @param awakeSinceMs since when the watch has looked without a break: while it was down it could run nothing, and it
 * is given until the next slot (at most 6 hours) before it says so.
 */
export const overdueAtMs = (
  rules: ProbeRules,
  state: Pick<ProbeState, 'lastSlot' | 'watchedSince'> | undefined,
  awakeSinceMs = Number.NEGATIVE_INFINITY,
): number => {
  const { schedule, alarm } = rules;
  const since = state?.lastSlot ?? state?.watchedSince;
  if (!schedule || since === undefined) return Number.POSITIVE_INFINITY;
  const fires = firesBetween(schedule, Date.parse(since), Number.POSITIVE_INFINITY, alarm.overdueAfter);
  const last = fires.length < alarm.overdueAfter ? undefined : fires.at(-1);
  if (last === undefined) return Number.POSITIVE_INFINITY;
  const dueMs = endOf(rules, last);
  if (!Number.isFinite(awakeSinceMs)) return dueMs;
  const [next = Number.POSITIVE_INFINITY] = firesBetween(
    schedule,
    awakeSinceMs - rules.offsetMs,
    Number.POSITIVE_INFINITY,
    1,
  );
  return Math.max(dueMs, Math.min(awakeSinceMs + longestSettlingMs, endOf(rules, next)));
};
