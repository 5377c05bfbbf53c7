import type { RegressionRule } from '../finding.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Values that come at least this often have a day to show; slower ones have neither hours nor a season. */
const withinDayMs = 20 * hourMs;

/** All that depends on how often a value comes. Counts are of points. */
export type Pace = {
  readonly withinDay: boolean;
  readonly pointsPerDay: number;
  /** There is a level for each day of the week. */
  readonly weekly: boolean;
  /** Before these nothing is judged: two days have been seen, or a handful of points. */
  readonly warmUp: number;
  /** Residuals that a tail remembers, twice as many at most. */
  readonly keep: number;
  /** How long the four expectations remember. */
  readonly memories: readonly number[];
  /** How long their mean distance does; the same for all, so that they can be compared. */
  readonly spreadMemory: number;
  /** A new level that has lasted this long is the level. */
  readonly settle: number;
  /** A silence this long asks for another look at the level before judging. */
  readonly silenceMs: number;
};

export const paceOf = (cadenceMs: number): Pace => {
  const withinDay = cadenceMs < withinDayMs;
  const pointsPerDay = Math.max(1, dayMs / cadenceMs);
  const day = (days: number, fewest: number) => Math.max(fewest, Math.round(days * pointsPerDay));
  return {
    withinDay,
    pointsPerDay,
    weekly: cadenceMs < 1.5 * dayMs,
    warmUp: withinDay ? day(2, 8) : 8,
    keep: withinDay ? day(14, 200) : 100,
    memories: withinDay ? [day(0.25, 4), day(10, 40), day(1, 8), day(14, 40)] : [4, 20, 4, 20],
    spreadMemory: withinDay ? day(7, 50) : 50,
    settle: withinDay ? day(2, 14) : 14,
    silenceMs: Math.max(7 * dayMs, 30 * cadenceMs),
  };
};

/** -ln of how rare a stretch must be, by the series' own history, for an hourly value. */
const limits = { ticket: 4.5, page: 5 } as const;
/** A value each minute is tested sixty times as often. */
const oftenTested = 2.5;
/** A daily or weekly one can afford to be wrong more often per point than per year. */
const seldomTested = -2;
/** Series in a plan up to which a limit holds as it is (detection.md §8.5). */
const fewKeys = 50;

/** Evidence at which a stretch of high values is a regression. */
export const valuesLimit = ({ severity, keys = 1 }: RegressionRule, cadenceMs: number): number => {
  const often = Math.min(1, Math.max(0, Math.log(hourMs / cadenceMs) / Math.log(60)));
  const pace = cadenceMs >= withinDayMs ? seldomTested : often * oftenTested;
  return limits[severity] + pace + Math.log(Math.max(1, keys / fewKeys));
};
