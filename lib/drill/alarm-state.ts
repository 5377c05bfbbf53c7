import type { ProbeState } from '../judge/memory.ts';
import type { AlarmState } from './gates.ts';

/** What a gate has to know of a probe: one that still recovers is no ground to restart anything. */
export const alarmStateOf = ({ probe, state, lastSlot, streak }: ProbeState): AlarmState => {
  if (state === 'breached' || state === 'recovering') return { probe, state: 'breached' };
  return { probe, state: lastSlot === undefined || streak?.toldAt !== undefined ? 'unknown' : 'ok' };
};
