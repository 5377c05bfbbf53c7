import type { Schedule } from './plan.ts';
import { firesBetween, openTimetable } from './schedule.ts';

/** Slots of a schedule in a stretch of time: epoch ms. */
export type Gap = { readonly slots: number; readonly firstMs: number; readonly lastMs: number };

const hourMs = 3_600_000;

/** A cron of every minute over ten weeks; what is beyond it is counted as this many. */
const mostCounted = 100_000;

const lastFire = (schedule: Schedule, untilMs: number): number => {
  for (let backMs = hourMs; ; backMs *= 2) {
    const last = firesBetween(schedule, untilMs - backMs, untilMs).at(-1);
    if (last !== undefined) return last;
  }
};

/** The slots in (`afterMs`, `untilMs`]: how many, the first and the last; `undefined` when there is none. */
export const gapBetween = (schedule: Schedule, afterMs: number, untilMs: number): Gap | undefined => {
  if (schedule.kind === 'every') {
    const [before, last] = [afterMs, untilMs].map((ms) => Math.floor(ms / schedule.everyMs));
    const slots = (last ?? 0) - (before ?? 0);
    if (slots <= 0) return undefined;
    return { slots, firstMs: ((before ?? 0) + 1) * schedule.everyMs, lastMs: (last ?? 0) * schedule.everyMs };
  }
  let gap: Gap | undefined;
  for (const fireMs of openTimetable(schedule).firesAfter(afterMs)) {
    if (fireMs > untilMs) return gap;
    gap = { slots: (gap?.slots ?? 0) + 1, firstMs: gap?.firstMs ?? fireMs, lastMs: fireMs };
    if (gap.slots >= mostCounted) return { ...gap, lastMs: lastFire(schedule, untilMs) };
  }
  return gap;
};
