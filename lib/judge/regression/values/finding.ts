import type { RatioInterval, RegressionAct, RegressionFinding } from '../finding.ts';
import { gateOf } from './alarm.ts';
import { driftLimit, driftStretch, type Standing } from './drift.ts';
import { fewPoints, nearest, slowest, usesSeason } from './expectation.ts';
import { fromLog } from './floor.ts';
import type { ValuesAlarm, ValuesBase } from './memory.ts';
import { driftOf, type Moment } from './moment.ts';
import { latestOver, limitOf, onsetOf, pointsToConfirm, residualsOver, type Stretch } from './stretch.ts';
import { lowOf, windows } from './window.ts';

const dayMs = 24 * 3_600_000;

/** Half the width of a 95 % interval in standard errors, and a mean distance in standard deviations (normal). */
const halfWidth = 1.96;
const sdOfSpread = 1.25;

const figure = (value: number): string => {
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return digits >= 3 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
};
const date = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

/** Less than this share of the floor is no level to compare with. */
const leastLevel = 0.01;

/** Value over expected value. `expected` is 1 + level / floor, as the logs have it. */
const ratioOf = (residual: number, expected: number): number | null => {
  const level = expected - 1;
  return level > leastLevel ? Math.max(0, expected * Math.exp(residual) - 1) / level : null;
};

const intervalOf = (residual: number, error: number, expected: number): RatioInterval | null => {
  const low = ratioOf(residual - halfWidth * error, expected);
  return low === null ? null : [low, ratioOf(residual + halfWidth * error, expected)];
};

/** Neighbours that resemble each other tell less: the standard error of a mean of an AR(1) series. */
const errorOf = (base: ValuesBase, alarm: ValuesAlarm): number => {
  const { spread = 0, resemblance = 0 } = base.expectations[alarm.expectation] ?? {};
  const likeness = Math.min(0.95, Math.max(0, resemblance));
  const inflation = Math.min(alarm.points, (1 + likeness) / (1 - likeness));
  return sdOfSpread * spread * Math.sqrt(inflation / alarm.points);
};

const percent = (interval: RatioInterval | null): string =>
  interval === null
    ? ''
    : ` (95 %: ${interval[0].toFixed(2)} to ${interval[1] === null ? 'open' : interval[1].toFixed(2)})`;

/** While an alarm is on. `score` is known in the moment of firing; later the limit stands in for it. */
export const reportAlarm = (moment: Moment, alarm: ValuesAlarm, score?: number): RegressionFinding => {
  const { base } = moment;
  const limit = limitOf(moment);
  const residual = alarm.sum / alarm.points;
  const expected = alarm.expected / alarm.points;
  const ratio = ratioOf(residual, expected);
  const interval = intervalOf(residual, errorOf(base, alarm), expected);
  const against = windows[alarm.window]?.against ?? 'rolling';
  const level = figure(fromLog(Math.log(expected) + residual, base.floor));
  const usual = figure(fromLog(Math.log(expected), base.floor));
  const times = ratio === null ? 'over' : `${ratio.toFixed(2)} ×`;
  const season = usesSeason(alarm.expectation) ? ' for these hours' : '';
  return {
    state: 'active',
    firing: true,
    arm: 'level',
    against,
    ratio,
    interval,
    n: alarm.points,
    runs: alarm.points,
    onsetMs: alarm.onsetMs,
    score: score ?? limit,
    limit,
    moreRuns: null,
    reason: `level ${level} is ${times} its ${against === 'anchor' ? 'long-term' : 'usual'} ${usual}${season}${percent(interval)} since ${date(alarm.onsetMs)}, over ${alarm.points} points`,
  };
};

/** What one point makes of a series. */
export type Judged = { readonly finding: RegressionFinding; readonly act?: RegressionAct };

/** Of slow growth that has become the level. */
export const actOf = (grown: Standing | undefined): Pick<Judged, 'act'> =>
  grown
    ? {
        act: {
          act: 'settled',
          ratio: ratioOf(grown.level - grown.line, Math.exp(grown.line)),
          why: 'the level has grown slowly and stayed for a week: it is the level now',
        },
      }
    : {};

/** While slow growth is on, and no quicker change beside it. */
const reportDrift = ({ rule, base, hot }: Moment, { level, line, score, error }: Standing): RegressionFinding => {
  const expected = Math.exp(line);
  const ratio = ratioOf(level - line, expected);
  const interval = intervalOf(level - line, error, expected);
  const unitMs = Math.max(dayMs, base.cadenceMs);
  const onsetMs = (base.drift.foundMs ?? hot.lastMs) - driftStretch * unitMs;
  const points = Math.round((hot.lastMs - onsetMs) / base.cadenceMs);
  const times = ratio === null ? 'over' : `${ratio.toFixed(2)} ×`;
  const [now, then] = [figure(fromLog(level, base.floor)), figure(fromLog(line, base.floor))];
  const last = unitMs > dayMs ? `${driftStretch} points` : `${driftStretch} days`;
  return {
    state: 'active',
    firing: true,
    arm: 'level',
    against: 'anchor',
    ratio,
    interval,
    n: points,
    runs: points,
    onsetMs,
    score,
    limit: driftLimit(rule),
    moreRuns: null,
    reason: `level ${now} is ${times} its anchor ${then}${percent(interval)} over the last ${last}: it has grown slowly, and farther than it wanders by itself`,
  };
};

const improvementRun = { points: 12, rank: 3 } as const;

/** Ten of the last twelve clearly below the slow level. */
const improvementOf = (moment: Moment): RegressionFinding['improvement'] => {
  const { rule, base, hot, pace } = moment;
  const place = slowest(base, pace);
  const bar = -Math.log1p(rule.maxRegression);
  if (hot.unbroken < improvementRun.points || latestOver(moment, place) > bar) return undefined;
  const residuals = residualsOver(moment, place, improvementRun.points);
  const below = residuals.map((residual) => -residual);
  if (-lowOf(below, below.length, improvementRun) > bar) return undefined;
  const mean = residuals.reduce((sum, residual) => sum + residual, 0) / residuals.length;
  const expected = Math.exp((hot.logs.at(-1) ?? 0) - (residuals.at(-1) ?? 0));
  const error = (sdOfSpread * (base.expectations[place]?.spread ?? 0)) / Math.sqrt(residuals.length);
  const ratio = ratioOf(mean, expected);
  return ratio === null ? undefined : { ratio, interval: intervalOf(mean, error, expected) };
};

type Quiet = Pick<RegressionFinding, 'firing' | 'n' | 'runs' | 'score' | 'limit' | 'ratio' | 'interval'>;

/** Not judged yet. */
const reportUnready = ({ base, pace }: Moment, quiet: Quiet): RegressionFinding => {
  const moreRuns = Math.max(0, pace.warmUp - base.settledPoints);
  const state = base.settledPoints < fewPoints ? 'none' : 'provisional';
  const begun = state === 'none' ? 'there is no baseline yet' : 'the baseline is provisional';
  return { ...quiet, state, moreRuns, reason: `${begun}: ${moreRuns} points more until anything is judged` };
};

/** Judged, and no alarm. */
const reportJudged = (moment: Moment, place: number, quiet: Quiet, stretch: Stretch | undefined): RegressionFinding => {
  const improvement = improvementOf(moment);
  const shared = { ...quiet, state: 'active', ...(improvement ? { improvement } : {}) } as const;
  const high = stretch !== undefined || latestOver(moment, place) >= gateOf(moment.rule).middle;
  const moreRuns = high ? pointsToConfirm(moment, place) : null;
  if (!stretch) {
    const reason = high ? 'one high point is nothing yet' : 'within what is usual for this series';
    return { ...shared, moreRuns, reason };
  }
  const runs = moment.hot.logs.length - stretch.from;
  const score = Math.max(0, stretch.score);
  return {
    ...shared,
    arm: 'level',
    against: windows[stretch.window]?.against ?? 'rolling',
    runs,
    n: runs,
    onsetMs: onsetOf(moment.hot, stretch.from),
    score,
    moreRuns,
    reason: `high for ${runs} points, and not clearly more than this series has been before: evidence ${score.toFixed(1)} of ${quiet.limit.toFixed(1)}`,
  };
};

/** No alarm: the latest point beside what was expected of it. */
const reportQuiet = (moment: Moment, stretch?: Stretch): RegressionFinding => {
  const { base, hot, pace } = moment;
  const place = stretch?.expectation ?? nearest(base, pace);
  const quiet = { firing: false, n: 1, runs: 0, score: 0, limit: limitOf(moment) } as const;
  if (place === undefined) return reportUnready(moment, { ...quiet, ratio: null, interval: null });
  const residual = latestOver(moment, place);
  const expected = Math.exp((hot.logs.at(-1) ?? 0) - residual);
  const error = sdOfSpread * (base.expectations[place]?.spread ?? 0);
  const ratio = ratioOf(residual, expected);
  const compared = { ...quiet, ratio, interval: intervalOf(residual, error, expected) };
  if (base.settledPoints < pace.warmUp) return reportUnready(moment, compared);
  return reportJudged(moment, place, compared, stretch);
};

/** No quick change: slow growth, or nothing. */
export const reportOn = (moment: Moment, stretch?: Stretch): RegressionFinding => {
  const standing = driftOf(moment);
  return standing ? reportDrift(moment, standing) : reportQuiet(moment, stretch);
};

/** A point that was not taken. */
export const reportSkipped = (moment: Moment): RegressionFinding => {
  const { alarm } = moment.hot;
  const finding = alarm ? reportAlarm(moment, alarm) : reportOn(moment);
  return { ...finding, reason: `${finding.reason}; the last value was not taken: it is no number, or not newer` };
};
