import type { ProbeState } from '../memory.ts';
import type { Observation } from '../observation.ts';
import { needsConfirmation } from '../slo.ts';
import type { ProbeRules } from './rules.ts';

/**
 * The extra run that a first total failure asks for: whether it was a blip shows in a minute, and not at the next slot
 * (detection.md §9). Never two in a row, and none while the last run was such a failure already.
 *
 * Its slot is its own, and lies before the next one of the schedule.
 *
 * @param before the state before this run.
 */
export const confirmationOf = (
  { alarm, schedule }: ProbeRules,
  before: ProbeState,
  { trigger, slot, startedAt = slot, verdict, samples, good }: Observation,
): ProbeState['confirm'] => {
  const { confirmAfterMs } = alarm;
  const failedBefore = before.alarms.runs?.recent.at(-1)?.outage === true;
  const question = { confirmAfterMs, samples, good, isConfirmation: trigger !== 'schedule', failedBefore };
  if (confirmAfterMs === null || !schedule || verdict !== 'fail' || !needsConfirmation(question)) return undefined;
  const later = (time: string) => new Date(Date.parse(time) + confirmAfterMs).toISOString();
  return { slot: later(slot), at: later(startedAt) };
};
