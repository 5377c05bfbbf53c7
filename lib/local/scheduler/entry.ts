import { type Gap, gapBetween } from '../../config/gap.ts';
import type { ProbePlan, Schedule } from '../../config/plan.ts';
import { cadenceMs, openTimetable, type Timetable } from '../../config/schedule.ts';
import { startOffsetMs } from '../../config/spread.ts';

/** Longest that a slot may be overdue and still be run, where the cadence is longer. */
const longestGraceMs = 60_000;

export type ScheduledProbe = ProbePlan & { readonly schedule: Schedule };

/** A probe's place in its schedule. Times are epoch ms. */
export type Entry = {
  probe: ScheduledProbe;
  readonly schedule: Schedule;
  readonly timetable: Timetable;
  readonly offsetMs: number;
  /** A slot that is overdue by more is missed, and not run. */
  readonly graceMs: number;
  fires: Generator<number, void>;
  /** The slot that comes next; infinite when there is none. */
  nextMs: number;
  /** Newest slot that was ever taken: one that is not newer may be known to the store. */
  takenMs: number;
  /** The first slots that it takes were due before the watch was there. */
  isNew: boolean;
};

/** What is due of an entry: a slot to run, and those that it is too late for. */
export type Due = { readonly runMs?: number; readonly missed?: Gap };

const step = (entry: Entry): void => {
  const next = entry.fires.next();
  entry.nextMs = next.done ? Number.POSITIVE_INFINITY : next.value;
};

/** Sets the entry before the first slot after `afterMs` (exclusive). */
export const placeAfter = (entry: Entry, afterMs: number): void => {
  entry.fires = entry.timetable.firesAfter(afterMs);
  step(entry);
};

/** `takenMs`: the newest slot on record, if any; what came due since then counts as missed. Without one it begins now. */
export const openEntry = (probe: ScheduledProbe, nowMs: number, takenMs: number | undefined): Entry => {
  const { schedule } = probe;
  const timetable = openTimetable(schedule);
  const offsetMs = startOffsetMs(probe.id, schedule);
  const startMs = nowMs - offsetMs;
  const afterMs = Math.min(takenMs ?? startMs, startMs);
  const entry: Entry = {
    probe,
    schedule,
    timetable,
    offsetMs,
    graceMs: Math.min(cadenceMs(schedule), longestGraceMs),
    fires: timetable.firesAfter(afterMs),
    nextMs: Number.POSITIVE_INFINITY,
    takenMs: takenMs ?? Number.NEGATIVE_INFINITY,
    isNew: true,
  };
  step(entry);
  return entry;
};

/** When the entry wants to be looked at again. */
export const dueAt = (entry: Entry): number => entry.nextMs + entry.offsetMs;

const missedOf = (entry: Entry, fromMs: number, untilMs: number): Gap | undefined =>
  // After the clock went back: what was taken before is not missed now.
  gapBetween(entry.schedule, Math.max(fromMs - 1, entry.takenMs), untilMs);

/**
 * Takes all slots that are due. The newest is to run unless it is overdue by more than the grace; the ones before it, a
 * machine asleep or a process that stood still has slept through, and they are told as one.
 */
export const takeDue = (entry: Entry, nowMs: number): Due => {
  const ripeMs = nowMs - entry.offsetMs;
  const firstMs = entry.nextMs;
  if (firstMs > ripeMs) return {};
  step(entry);
  let newestMs = firstMs;
  if (entry.nextMs <= ripeMs) {
    newestMs = gapBetween(entry.schedule, firstMs, ripeMs)?.lastMs ?? firstMs;
    placeAfter(entry, ripeMs);
  }
  const runs = ripeMs - newestMs <= entry.graceMs;
  const missed = missedOf(entry, firstMs, runs ? newestMs - 1 : newestMs);
  return { ...(runs ? { runMs: newestMs } : {}), ...(missed ? { missed } : {}) };
};
