import type { Season } from '../season.ts';
import type { Drift, OpenDrift } from './drift.ts';
import { type OpenTail, openTail, type Tail } from './tail.ts';

/**
 * One way to guess the next value: a level that follows quickly or slowly, with or without the season. Each keeps its own
 * record of how far the series strayed from it.
 */
export type Expectation = {
  /** ln(1 + level / floor). */
  readonly level: number;
  /** Points that it has seen. */
  readonly seen: number;
  /** Mean distance (in logs) of points from it, large ones clipped. The nearest expectation is the one that judges. */
  readonly spread: number;
  /** Mean product of neighbouring distances over their mean square: how much points resemble the one before. */
  readonly resemblance: number;
  /** One per window, in the order of `windows`. */
  readonly tails: readonly Tail[];
};

/** One UTC day of hourly medians: 100 × ln, `null` where there was none. */
export type Day = { readonly day: number; readonly logs: readonly (number | null)[] };

/** The accepted past of a series of values that somebody else aggregated. */
export type ValuesBase = {
  readonly kind: 'values';
  /** Counts what people did to it. */
  readonly revision: number;
  readonly pinned: boolean;
  readonly cadenceMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly points: number;
  /** Points since a long silence, or from the start: too few and nothing is judged. */
  readonly settledPoints: number;
  /** A share of the median that values are taken as multiples of, so that near 0 not all is ratio. 0 until one was not 0. */
  readonly floor: number;
  /** Plain quick, plain slow, and the same two with the season. */
  readonly expectations: readonly Expectation[];
  readonly days: readonly Day[];
  readonly drift: Drift;
  readonly season?: Season;
  /** Epoch ms of the day on which the season was last learnt. */
  readonly learntMs: number;
  /** ln(1 + level / floor) of the last level that a person accepted, or of the first. */
  readonly accepted?: number;
  /** While an alarm is on: how far (in logs) the level has moved, so that a person can accept it. */
  readonly confirmed?: number;
};

export type ValuesAlarm = {
  /** The expectation that it is against, and the window that found it. */
  readonly expectation: number;
  readonly window: number;
  readonly onsetMs: number;
  readonly firedMs: number;
  readonly points: number;
  /** Sums since the onset: of logs over the expectation, and of what was expected (1 + value / floor). */
  readonly sum: number;
  readonly expected: number;
  /** How far above the expectation (in logs) it has been of late. */
  readonly shift: number;
  /** What it was when it fired. */
  readonly atFiring: number;
  /** Points in favour of recovery. */
  readonly good: number;
};

/** What changes with every point. */
export type ValuesHot = {
  readonly kind: 'values';
  readonly revision: number;
  readonly lastMs: number;
  /** The last points, oldest first: ln(1 + value / floor), and ms since the one before. The last `open` of them are not in the base yet. */
  readonly logs: readonly number[];
  readonly gapsMs: readonly number[];
  /** The logs without what the season adds; the same as `logs` while there is none. */
  readonly seasonless: readonly number[];
  /** How many of them follow each other without a gap. */
  readonly unbroken: number;
  readonly open: number;
  readonly alarm?: ValuesAlarm;
  /** Alarms of late, each worth less by the week, and when that was counted. */
  readonly alarms: number;
  readonly alarmsMs: number;
};

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The same, to be written in place: a copy per point costs more than judging it. */
export type OpenExpectation = Omit<Writable<Expectation>, 'tails'> & { tails: OpenTail[] };
type OpenDay = Omit<Writable<Day>, 'logs'> & { logs: (number | null)[] };
export type OpenBase = Omit<Writable<ValuesBase>, 'expectations' | 'days' | 'drift'> & {
  expectations: OpenExpectation[];
  days: OpenDay[];
  drift: OpenDrift;
};
export type OpenHot = Omit<Writable<ValuesHot>, 'logs' | 'gapsMs' | 'seasonless'> & {
  logs: number[];
  gapsMs: number[];
  seasonless: number[];
};

export const copyBase = (base: ValuesBase): OpenBase => ({
  ...base,
  expectations: base.expectations.map((one) => ({ ...one, tails: one.tails.map(openTail) })),
  days: base.days.map(({ day, logs }) => ({ day, logs: logs.slice() })),
  drift: { ...base.drift, levels: base.drift.levels.slice() },
});

export const copyHot = (hot: ValuesHot): OpenHot => ({
  ...hot,
  logs: hot.logs.slice(),
  gapsMs: hot.gapsMs.slice(),
  seasonless: hot.seasonless.slice(),
});
