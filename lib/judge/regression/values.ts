import type { RegressionRule } from './finding.ts';
import { middle } from './middle.ts';
import { seasonLog } from './season.ts';
import { hasHabit } from './values/alarm.ts';
import { newDrift, type Standing } from './values/drift.ts';
import { newExpectation } from './values/expectation.ts';
import { actOf, type Judged, reportOn, reportSkipped } from './values/finding.ts';
import { firstFloor, toLog } from './values/floor.ts';
import { beginIncident, keepIncident } from './values/incident.ts';
import type { OpenHot, ValuesBase, ValuesHot } from './values/memory.ts';
import { forgetBase, forgetPoint, type OpenMoment, openMoment, writableBase } from './values/moment.ts';
import { paceOf } from './values/pace.ts';
import { closeBlock } from './values/review.ts';
import { findStretch } from './values/stretch.ts';
import { longestWindow } from './values/window.ts';

export { acceptValues, clearValues, describeValues, pinValues, unpinValues } from './values/baseline.ts';
export { valuesLimit } from './values/pace.ts';
export type { ValuesBase, ValuesHot };

export type ValuesMemory = { readonly hot: ValuesHot; readonly base: ValuesBase };

/** One number that stands for an hour, five minutes, a week: a p95, a mean, a gauge. `n` is not looked at. */
export type ValuePoint = { readonly atMs: number; readonly value: number; readonly n?: number };

export type ValuesAdvance = Judged & { readonly memory: ValuesMemory };

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
    drift: newDrift(),
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
  const median = middle(known);
  const change = median / base.cadenceMs;
  return change > 1.5 || change < 1 / 1.5 ? median : base.cadenceMs;
};

const closesBlock = ({ open, lastMs }: ValuesHot, atMs: number, cadenceMs: number): boolean =>
  open > 0 && (open >= mostOpen || cadenceMs >= hourMs || Math.floor(lastMs / hourMs) !== Math.floor(atMs / hourMs));

const closeBefore = (moment: OpenMoment, atMs: number): Standing | undefined => {
  const { rule, base, hot } = moment;
  if (!closesBlock(hot, atMs, base.cadenceMs)) return undefined;
  const cadenceMs = cadenceOf(rule, base, hot);
  if (cadenceMs !== base.cadenceMs) {
    const own = writableBase(moment);
    own.cadenceMs = cadenceMs;
    const { withinDay, weekly } = moment.pace;
    moment.pace = paceOf(cadenceMs);
    // Its units are others.
    if (moment.pace.withinDay !== withinDay || moment.pace.weekly !== weekly) own.drift = newDrift();
    forgetBase(moment);
  }
  return closeBlock(moment, hasHabit(hot));
};

/** Logs are remembered to 0.01 %. */
const rounded = (log: number): number => Math.round(1e4 * log) / 1e4;

/** Shifting is a good deal quicker than splicing where there is one to drop. */
const dropFirst = (hot: OpenHot, excess: number): void => {
  for (let dropped = 0; dropped < excess; dropped++) {
    hot.logs.shift();
    hot.gapsMs.shift();
    hot.seasonless.shift();
  }
};

const append = ({ base, hot }: OpenMoment, { atMs, value }: ValuePoint): void => {
  const gapMs = hot.logs.length === 0 ? 0 : atMs - hot.lastMs;
  dropFirst(hot, hot.logs.length - longestWindow - hot.open);
  const log = rounded(toLog(Math.max(0, value), base.floor));
  const season = base.season ? seasonLog(base.season, atMs, base.cadenceMs) : 0;
  hot.logs.push(log);
  hot.seasonless.push(rounded(log - season));
  hot.gapsMs.push(gapMs);
  hot.unbroken = gapMs > gapCadences * base.cadenceMs ? 1 : Math.min(hot.unbroken + 1, hot.logs.length);
  hot.open++;
  hot.lastMs = atMs;
};

/** After a long silence the level may be anything: it is learnt anew, quickly, before anything is judged. */
const afterSilence = (moment: OpenMoment, silentMs: number): void => {
  if (moment.hot.alarm || silentMs <= moment.pace.silenceMs) return;
  const base = writableBase(moment);
  base.settledPoints = Math.min(base.settledPoints, Math.max(0, moment.pace.warmUp - 12));
  for (const one of base.expectations) one.seen = Math.min(one.seen, 2);
  base.drift = newDrift();
};

const withoutChange = ({ confirmed: _, drift, ...base }: ValuesBase): ValuesBase => {
  const { foundMs: __, ...kept } = drift;
  return { ...base, drift: kept };
};

/** A base that a person has changed keeps; what was suspected of it does not. */
const resume = ({ hot, base }: { readonly hot?: ValuesHot; readonly base: ValuesBase }): ValuesMemory =>
  hot?.revision === base.revision
    ? { hot, base }
    : { hot: startOver(base.revision, hot?.lastMs ?? base.toMs), base: withoutChange(base) };

/** A cleared base begins with the next point. */
const beginAgain = (moment: OpenMoment, atMs: number): void => {
  if (moment.base.points > 0) return;
  const base = writableBase(moment);
  base.fromMs = atMs;
  base.toMs = atMs;
  base.learntMs = atMs;
};

/** Takes a point into a moment, in place. */
const take = (moment: OpenMoment, point: ValuePoint): Judged => {
  const { hot } = moment;
  const first = hot.logs.length === 0;
  forgetPoint(moment);
  if ((!first && point.atMs <= hot.lastMs) || !Number.isFinite(point.value)) return { finding: reportSkipped(moment) };
  if (first) beginAgain(moment, point.atMs);
  const grown = closeBefore(moment, point.atMs);
  afterSilence(moment, point.atMs - hot.lastMs);
  if (moment.base.floor === 0 && point.value > 0) writableBase(moment).floor = firstFloor(moment.base, point.value);
  append(moment, point);
  forgetPoint(moment);
  if (hot.alarm) return keepIncident(moment, hot.alarm);
  const stretch = moment.base.settledPoints < moment.pace.warmUp ? undefined : findStretch(moment);
  const judged = stretch?.confirmed ? beginIncident(moment, stretch) : { finding: reportOn(moment, stretch) };
  return { ...judged, ...actOf(grown) };
};

/**
 * Takes one value into the memory of its series. Values come in order of time: one that is not newer than the last, or not
 * a finite number, changes nothing.
 *
 * Judged is how far the lowest of the last 2 or 3 values, the third lowest of the last 12, and the lower quartile of the
 * last 24 (against the slowest level) lie over what was expected, compared with how far they have ever lain in this
 * series' own past: so autocorrelation, heavy tails and bursts need no model. A lone outlier never fires. Beside them the
 * last week is held against a frozen line, see drift.ts: slow growth that all these levels follow.
 */
export const advanceValues = (
  rule: RegressionRule,
  before: { readonly hot?: ValuesHot; readonly base: ValuesBase } | undefined,
  point: ValuePoint,
): ValuesAdvance => {
  const moment = openMoment(rule, before ? resume(before) : begin(rule, point));
  const judged = take(moment, point);
  return { memory: { hot: moment.hot, base: moment.base }, ...judged };
};

/** The same judge with a memory of its own, for histories: much faster than a copy for each point. */
export type ValuesReplay = {
  take(point: ValuePoint): Judged;
};

export const openValues = (rule: RegressionRule): ValuesReplay => {
  let moment: OpenMoment | undefined;
  return {
    take: (point) => {
      moment ??= openMoment(rule, begin(rule, point));
      return take(moment, point);
    },
  };
};
