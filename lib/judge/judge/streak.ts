import type { ProbeState, StateChange } from '../memory.ts';
import type { Observation } from '../observation.ts';

/** `inconclusive` runs in a row that are told to `notify.monitoring`. */
export const inconclusiveStreak = 3;

type Moved = { readonly state: ProbeState; readonly changes: readonly StateChange[] };

/** A state that was kept before streaks were: the last run of it that is known is where the streak began at the latest. */
export const adoptStreak = (state: ProbeState): ProbeState => {
  const { inconclusive, streak, lastSlot } = state;
  return inconclusive === 0 || streak || lastSlot === undefined ? state : { ...state, streak: { since: lastSlot } };
};

/** Takes an `inconclusive` run; told once, with the one that makes it a streak. */
const growStreak = (state: ProbeState, slot: string): Moved => {
  const runs = state.inconclusive + 1;
  const known = (runs > 1 && state.streak) || { since: slot };
  const streak = runs === inconclusiveStreak ? { ...known, toldAt: slot } : known;
  return {
    state: { ...state, inconclusive: runs, streak, since: state.since ?? slot },
    changes: runs === inconclusiveStreak ? [{ kind: 'inconclusive', slot, runs, streak }] : [],
  };
};

/** Takes a run that says something, whatever it says; the end is told where the streak was. */
const endStreak = (state: ProbeState, slot: string): Moved => {
  const { streak = { since: slot }, ...rest } = state;
  const runs = state.inconclusive;
  if (runs === 0) return { state, changes: [] };
  return {
    state: { ...rest, inconclusive: 0 },
    changes: runs < inconclusiveStreak ? [] : [{ kind: 'conclusive', slot, runs, streak }],
  };
};

/** Takes a run that was made. Maintenance is of the service: our own trouble does not begin in it, and may end in it. */
export const advanceStreak = (state: ProbeState, { slot, verdict }: Observation, maintained: boolean): Moved => {
  if (verdict !== 'inconclusive') return endStreak(state, slot);
  return maintained ? { state, changes: [] } : growStreak(state, slot);
};
