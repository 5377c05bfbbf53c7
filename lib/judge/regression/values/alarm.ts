import type { RegressionRule } from '../finding.ts';
import { shiftDrift } from './drift.ts';
import type { OpenBase, ValuesAlarm, ValuesHot } from './memory.ts';
import type { Pace } from './pace.ts';

/** A point that is back below half of what was found, or of what counts, is one for recovery; a bad one undoes two. */
const recoveryShare = 0.5;
const goodForRecovery = 3;
const undoneByBad = 2;

/** One more point since the onset: `residual` over the expectation, whose own value was `expected`. */
export const extendAlarm = (
  alarm: ValuesAlarm,
  residual: number,
  expected: number,
  maxRegression: number,
  pace: Pace,
): ValuesAlarm => {
  const points = alarm.points + 1;
  const bar = Math.max(Math.log1p(recoveryShare * maxRegression), recoveryShare * alarm.atFiring);
  const memory = pace.withinDay ? Math.max(7, pace.pointsPerDay) : 7;
  return {
    ...alarm,
    points,
    sum: alarm.sum + residual,
    expected: alarm.expected + expected,
    shift: alarm.shift + (residual - alarm.shift) * Math.max(1 / points, 1 / memory),
    good: residual < bar ? alarm.good + 1 : Math.max(0, alarm.good - undoneByBad),
  };
};

export const hasRecovered = ({ good }: ValuesAlarm): boolean => good >= goodForRecovery;
export const hasSettled = ({ points }: ValuesAlarm, pace: Pace): boolean => points >= pace.settle;

/** Expectations at the level that the series has had since the onset. */
export const settleAt = (base: OpenBase, shift: number): void => {
  for (const one of base.expectations) if (one.seen > 0) one.level += shift;
  shiftDrift(base.drift, shift);
};

/** In a week an alarm counts a third of what it did. */
const forgetMs = 7 * 24 * 3_600_000;

/** From here on alarms are a habit of the series, and what they were about becomes part of what is usual. */
const habitFrom = 2.5;

export const alarmsAt = (alarms: number, sinceMs: number): number =>
  alarms === 0 ? 0 : alarms * Math.exp(-sinceMs / forgetMs);
export const hasHabit = ({ alarms, lastMs, alarmsMs }: ValuesHot): boolean =>
  alarmsAt(alarms, lastMs - alarmsMs) > habitFrom;

/** Least that counts as confirmed: a stretch at three quarters of what is allowed to be too much, its middle at nearly all of it. */
export const gateOf = ({ maxRegression }: RegressionRule) => ({
  low: Math.log1p(0.75 * maxRegression),
  middle: Math.log1p(0.9 * maxRegression),
  /** Over the slow level: what is only high beside a quiet hour is not. */
  slow: Math.log1p(0.5 * maxRegression),
});
