import type { RegressionAct, RegressionFinding, RegressionRule } from './finding.ts';
import { seasonLog } from './season.ts';
import { alarmsAt, extendAlarm, hasRecovered, hasSettled, isHabit, settleAt } from './values/alarm.ts';
import { newExpectation } from './values/expectation.ts';
import { reportAlarm, reportQuiet, reportSkipped } from './values/finding.ts';
import { firstFloor, toLog } from './values/floor.ts';
import type { ValuesAlarm, ValuesBase, ValuesHot } from './values/memory.ts';
import { paceOf } from './values/pace.ts';
import { closeBlock } from './values/review.ts';
import {
  findStretch,
  latestOver,
  type Moment,
  momentOf,
  onsetOf,
  residualsOver,
  type Stretch,
} from './values/stretch.ts';
import { longestWindow } from './values/window.ts';

export { acceptValues, clearValues, describeValues, pinValues, unpinValues } from './values/baseline.ts';
export { valuesLimit } from './values/pace.ts';
export type { ValuesBase, ValuesHot };

export type ValuesMemory = { readonly hot: ValuesHot; readonly base: ValuesBase };

/** One number that stands for an hour, five minutes, a week: a p95, a mean, a gauge. `n` is not looked at. */
export type ValuePoint = { readonly atMs: number; readonly value: number; readonly n?: number };

export type ValuesAdvance = {
  readonly memory: ValuesMemory;
  readonly finding: RegressionFinding;
  readonly act?: RegressionAct;
};

const hourMs = 3_600_000;
/** Points of one block; with {@link longestWindow} more this is all that is remembered of single points. */
const mostOpen = 24;
/** Missing this many cadences is a gap: a stretch does not reach across it. */
const gapCadences = 6;
/** Until the cadence is known. */
const unknownCadenceMs = hourMs;

const begin = (rule: RegressionRule, { atMs }: ValuePoint): ValuesMemory => ({
  base: {
    kind: 'values',
    revision: 0,
    pinned: false,
    cadenceMs: rule.cadenceMs ?? unknownCadenceMs,
    fromMs: atMs,
    toMs: atMs,
    points: 0,
    settledPoints: 0,
    floor: 0,
    expectations: Array.from({ length: 4 }, () => newExpectation),
    days: [],
    learntMs: atMs,
  },
  hot: startOver(0, atMs),
});

const startOver = (revision: number, lastMs: number): ValuesHot => ({
  kind: 'values',
  revision,
  lastMs,
  logs: [],
  gapsMs: [],
  seasonless: [],
  unbroken: 0,
  open: 0,
  alarms: 0,
  alarmsMs: lastMs,
});

/** The usual time between points, by the last of them. A new one is taken on when it is clearly another. */
const cadenceOf = (rule: RegressionRule, base: ValuesBase, { gapsMs }: ValuesHot): number => {
  if (rule.cadenceMs !== undefined) return rule.cadenceMs;
  const latest = (gapsMs.at(-1) ?? 0) / base.cadenceMs;
  if (base.points > 0 && latest < 1.5 && latest > 1 / 1.5) return base.cadenceMs;
  const known = gapsMs.filter((gap) => gap > 0);
  if (known.length === 0) return base.cadenceMs;
  const median = Float64Array.from(known).sort()[known.length >> 1] ?? base.cadenceMs;
  const change = median / base.cadenceMs;
  return change > 1.5 || change < 1 / 1.5 ? median : base.cadenceMs;
};

const closesBlock = ({ open, lastMs }: ValuesHot, atMs: number, cadenceMs: number): boolean =>
  open > 0 && (open >= mostOpen || cadenceMs >= hourMs || Math.floor(lastMs / hourMs) !== Math.floor(atMs / hourMs));

const closeBefore = (rule: RegressionRule, { base, hot }: ValuesMemory, atMs: number): ValuesMemory => {
  if (!closesBlock(hot, atMs, base.cadenceMs)) return { base, hot };
  const cadenceMs = cadenceOf(rule, base, hot);
  const known = cadenceMs === base.cadenceMs ? base : { ...base, cadenceMs };
  return closeBlock(known, hot, isHabit(alarmsAt(hot.alarms, hot.lastMs - hot.alarmsMs)));
};

/** Logs are remembered to 0.01 %. */
const rounded = (log: number): number => Math.round(1e4 * log) / 1e4;

const appended = (values: readonly number[], from: number, value: number): readonly number[] => {
  const longer = values.slice(from);
  longer.push(value);
  return longer;
};

const append = ({ base, hot }: ValuesMemory, { atMs, value }: ValuePoint): ValuesHot => {
  const gapMs = hot.logs.length === 0 ? 0 : atMs - hot.lastMs;
  const from = Math.max(0, hot.logs.length + 1 - (longestWindow + hot.open + 1));
  const log = rounded(toLog(Math.max(0, value), base.floor));
  const season = base.season ? seasonLog(base.season, atMs, base.cadenceMs) : 0;
  const logs = appended(hot.logs, from, log);
  const seasonless = appended(hot.seasonless, from, rounded(log - season));
  const gapsMs = appended(hot.gapsMs, from, gapMs);
  const broken = gapMs > gapCadences * base.cadenceMs;
  return {
    ...hot,
    lastMs: atMs,
    logs,
    gapsMs,
    seasonless,
    open: hot.open + 1,
    unbroken: broken ? 1 : Math.min(hot.unbroken + 1, logs.length),
  };
};

/** After a long silence the level may be anything: it is learnt anew, quickly, before anything is judged. */
const afterSilence = (base: ValuesBase, silentMs: number): ValuesBase => {
  const pace = paceOf(base.cadenceMs);
  if (silentMs <= pace.silenceMs) return base;
  return {
    ...base,
    settledPoints: Math.min(base.settledPoints, Math.max(0, pace.warmUp - 12)),
    expectations: base.expectations.map((one) => ({ ...one, seen: Math.min(one.seen, 2) })),
  };
};

const raise = (moment: Moment, found: Stretch): ValuesAdvance => {
  const { base, hot } = moment;
  const since = residualsOver(moment, found.expectation, hot.logs.length - found.from);
  const sum = since.reduce((total, residual) => total + residual, 0);
  const expectedAt = (residual: number, index: number) => Math.exp((hot.logs[found.from + index] ?? 0) - residual);
  const alarm: ValuesAlarm = {
    expectation: found.expectation,
    window: found.window,
    onsetMs: onsetOf(hot, found.from),
    firedMs: hot.lastMs,
    points: since.length,
    sum,
    expected: since.map(expectedAt).reduce((total, expected) => total + expected, 0),
    shift: sum / since.length,
    atFiring: since.toSorted((a, b) => a - b)[since.length >> 1] ?? 0,
    good: 0,
  };
  const alarms = alarmsAt(hot.alarms, hot.lastMs - hot.alarmsMs) + 1;
  const raised = { base: { ...base, confirmed: alarm.shift }, hot: { ...hot, alarm, alarms, alarmsMs: hot.lastMs } };
  return { memory: raised, finding: reportAlarm(moment, alarm, found.score) };
};

const withoutAlarm = ({ alarm: _, ...hot }: ValuesHot): ValuesHot => ({ ...hot, unbroken: 0, open: 0 });
const withoutChange = ({ confirmed: _, ...base }: ValuesBase): ValuesBase => base;

/** A base that a person has changed keeps; what was suspected of it does not. */
const resume = ({ hot, base }: { readonly hot?: ValuesHot; readonly base: ValuesBase }): ValuesMemory =>
  hot?.revision === base.revision
    ? { hot, base }
    : { hot: startOver(base.revision, hot?.lastMs ?? base.toMs), base: withoutChange(base) };

/** A cleared base begins with the next point. */
const beginAgain = (base: ValuesBase, atMs: number): ValuesBase =>
  base.points > 0 ? base : { ...base, fromMs: atMs, toMs: atMs, learntMs: atMs };

const recover = (moment: Moment): ValuesAdvance => {
  const { base, hot } = moment;
  const learnt = closeBlock(base, hot, isHabit(alarmsAt(hot.alarms, hot.lastMs - hot.alarmsMs))).base;
  return { memory: { base: withoutChange(learnt), hot: withoutAlarm(hot) }, finding: reportQuiet(moment) };
};

const settle = (moment: Moment, alarm: ValuesAlarm): ValuesAdvance => {
  const { base, hot } = moment;
  const finding = reportAlarm(moment, alarm);
  const why = `the level has stayed since ${new Date(alarm.onsetMs).toISOString()}: it is the level now`;
  const settled = { ...withoutChange(base), expectations: settleAt(base.expectations, alarm.shift), toMs: hot.lastMs };
  return {
    memory: { base: settled, hot: withoutAlarm(hot) },
    finding: { ...finding, firing: false, reason: `${finding.reason}; ${why}` },
    act: { act: 'settled', ratio: finding.ratio, why },
  };
};

const keepAlarm = (moment: Moment, before: ValuesAlarm): ValuesAdvance => {
  const { rule, base, hot, pace } = moment;
  const residual = latestOver(moment, before.expectation);
  const expected = Math.exp((hot.logs.at(-1) ?? 0) - residual);
  const alarm = extendAlarm(before, residual, expected, rule.maxRegression, pace);
  if (hasRecovered(alarm)) return recover(moment);
  if (hasSettled(alarm, pace) && !base.pinned) return settle(moment, alarm);
  return { memory: { base, hot: { ...hot, alarm } }, finding: reportAlarm(moment, alarm) };
};

/**
 * Takes one value into the memory of its series. Values come in order of time: one that is not newer than the last, or not
 * a finite number, changes nothing.
 *
 * Judged is how far the lowest of the last 2 or 3 values, the third lowest of the last 12, and the lower quartile of the
 * last 24 (against the slowest level: drift) lie over what was expected, compared with how far they have ever lain in this
 * series' own past: so autocorrelation, heavy tails and bursts need no model. A lone outlier never fires.
 */
export const advanceValues = (
  rule: RegressionRule,
  before: { readonly hot?: ValuesHot; readonly base: ValuesBase } | undefined,
  point: ValuePoint,
): ValuesAdvance => {
  const current = before ? resume(before) : begin(rule, point);
  const older = current.hot.logs.length > 0 && point.atMs <= current.hot.lastMs;
  if (older || !Number.isFinite(point.value)) {
    return { memory: current, finding: reportSkipped(momentOf(rule, current)) };
  }
  const first = current.hot.logs.length === 0;
  const known = first ? { ...current, base: beginAgain(current.base, point.atMs) } : current;
  const closed = closeBefore(rule, known, point.atMs);
  const rested = closed.hot.alarm ? closed.base : afterSilence(closed.base, point.atMs - closed.hot.lastMs);
  const base = rested.floor > 0 ? rested : { ...rested, floor: firstFloor(rested, point.value) };
  const hot = append({ base, hot: closed.hot }, point);
  const moment = momentOf(rule, { base, hot });
  if (hot.alarm) return keepAlarm(moment, hot.alarm);
  const stretch = base.settledPoints < moment.pace.warmUp ? undefined : findStretch(moment);
  return stretch?.confirmed ? raise(moment, stretch) : { memory: { base, hot }, finding: reportQuiet(moment, stretch) };
};
