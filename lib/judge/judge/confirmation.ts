import type { ProbeState } from '../memory.ts';
import type { Observation } from '../observation.ts';
import { needsConfirmation } from '../slo.ts';
import type { ProbeRules } from './rules.ts';

/** Days pass until the next slot: then a run that is bad in any way is worth another look, and not a total failure alone. */
const isWorthALook = ({ rare }: ProbeRules, before: ProbeState, { trigger, verdict, slight }: Observation): boolean =>
  rare &&
  trigger === 'schedule' &&
  (verdict === 'fail' || (verdict === 'degraded' && !slight)) &&
  !before.alarms.runs?.recent.at(-1)?.bad;

const isTotalFailure = ({ alarm }: ProbeRules, before: ProbeState, observation: Observation): boolean => {
  const { trigger, verdict, samples, good } = observation;
  const failedBefore = before.alarms.runs?.recent.at(-1)?.outage === true;
  const question = { samples, good, isConfirmation: trigger !== 'schedule', failedBefore };
  return verdict === 'fail' && needsConfirmation({ confirmAfterMs: alarm.confirmAfterMs, ...question });
};

/**
 * The extra run that a first total failure asks for, and of a weekly probe any first bad run: whether it was a blip shows in
 * a minute, and not at the next slot (detection.md §9). Never two in a row.
 *
 * Its slot is its own, and lies before the next one of the schedule.
 *
 * @param before the state before this run.
 */
export const confirmationOf = (
  rules: ProbeRules,
  before: ProbeState,
  observation: Observation,
): ProbeState['confirm'] => {
  const { confirmAfterMs } = rules.alarm;
  if (confirmAfterMs === null || !rules.schedule) return undefined;
  if (!isTotalFailure(rules, before, observation) && !isWorthALook(rules, before, observation)) return undefined;
  const { slot, startedAt = slot } = observation;
  const later = (time: string) => new Date(Date.parse(time) + confirmAfterMs).toISOString();
  return { slot: later(slot), at: later(startedAt) };
};
