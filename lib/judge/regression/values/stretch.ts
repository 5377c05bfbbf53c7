import type { RegressionRule } from '../finding.ts';
import { alarmsAt, gateOf } from './alarm.ts';
import { nearest, seriesFor, slowest } from './expectation.ts';
import type { ValuesBase, ValuesHot } from './memory.ts';
import { type Pace, paceOf, valuesLimit } from './pace.ts';
import { emptyTail, fitTail, residualAt, type Strays, surprise } from './tail.ts';
import { lowOf, overlapOf, type Window, windows } from './window.ts';

/** A series at its latest point, and the rule that it is judged by. */
export type Moment = {
  readonly rule: RegressionRule;
  readonly base: ValuesBase;
  readonly hot: ValuesHot;
  readonly pace: Pace;
  /** How coarse its values are; found out when it is first asked for. */
  readonly grain: () => number;
};

/** The most surprising of the stretches that end in the latest point. */
export type Stretch = {
  /** Its place in `windows`, and that of the expectation that it is over. */
  readonly window: number;
  readonly expectation: number;
  readonly score: number;
  /** Index of the remembered point that it began with. */
  readonly from: number;
  readonly confirmed: boolean;
};

const levelOf = ({ base }: Moment, place: number): number => base.expectations[place]?.level ?? 0;

/** Log of the latest point over one of the expectations. */
export const latestOver = (moment: Moment, place: number): number =>
  (seriesFor(moment.hot, place).at(-1) ?? 0) - levelOf(moment, place);

/** Logs of the last `points` over it, oldest first. */
export const residualsOver = (moment: Moment, place: number, points: number): readonly number[] => {
  const level = levelOf(moment, place);
  const series = seriesFor(moment.hot, place);
  return series.slice(Math.max(0, series.length - points)).map((log) => log - level);
};

/** Instant of a remembered point. */
export const onsetOf = ({ gapsMs, lastMs }: ValuesHot, index: number): number =>
  gapsMs.slice(index + 1).reduce((atMs, gapMs) => atMs - gapMs, lastMs);

/** Each alarm of late asks for more evidence for the next: what keeps coming back by itself wakes nobody each time. */
const perAlarm = 0.7;
/** So does a past that has not seen a week yet. */
const whileYoung = 1.5;

/** Evidence that confirms a stretch now. */
export const limitOf = ({ rule, base, hot, pace }: Moment): number => {
  const young = pace.withinDay ? Math.max(0, 1 - base.settledPoints / (7 * pace.pointsPerDay)) : 0;
  const alarms = alarmsAt(hot.alarms, hot.lastMs - hot.alarmsMs);
  return valuesLimit(rule, base.cadenceMs) + perAlarm * alarms + whileYoung * young;
};

const middleOf = (logs: readonly number[]): number => logs.toSorted((a, b) => a - b)[logs.length >> 1] ?? 0;

const singles = windows.findIndex(({ points }) => points === 1);

/** Stretches are steadier than single points, but not without end: shares of the scale of single points. */
const steadier = { pair: 0.5, longer: 0.12 } as const;

/** Share of a step between the values of a coarse series (whole numbers, a gauge in tenths) that its tails are widened by. */
const shareOfStep = 0.3;

/** With fewer different values the steps between them are no pattern: an incident of a constant has one. */
const fewestSteps = 3;

/** The middle step from one value to the next larger one, as far as it widens a tail. */
const grainOf = ({ logs }: ValuesHot): number => {
  const sorted = new Float64Array(logs).sort();
  const steps = sorted
    .subarray(1)
    .map((log, index) => log - (sorted[index] ?? log))
    .filter((step) => step > 0);
  return steps.length < fewestSteps ? 0 : shareOfStep * (steps.sort()[steps.length >> 1] ?? 0);
};

export const momentOf = (rule: RegressionRule, { base, hot }: Pick<Moment, 'base' | 'hot'>): Moment => {
  let grain: number | undefined;
  return {
    rule,
    base,
    hot,
    pace: paceOf(base.cadenceMs),
    grain: () => {
      grain ??= grainOf(hot);
      return grain;
    },
  };
};

/** How far stretches of a window usually lie over an expectation. */
const straysOf = ({ base, pace, grain }: Moment, window: Window, place: number): Strays => {
  const tails = base.expectations[place]?.tails;
  const [single, tail] = [tails?.[singles], tails?.[windows.indexOf(window)]];
  if (!single || !tail) return { fits: [], tail: emptyTail };
  const [alone] = fitTail(single, 1).fits;
  const share = window.points === 2 ? steadier.pair : steadier.longer;
  return fitTail(tail, overlapOf(window, pace.withinDay), share * (alone?.scale ?? 0), grain());
};

/** How far single points do; without the bare record, which holds the beginnings of earlier incidents, too. */
const singleStrays = ({ base }: Moment, place: number): Strays => ({
  ...fitTail(base.expectations[place]?.tails[singles] ?? emptyTail, 1),
  tail: emptyTail,
});

const judgeWindow = (moment: Moment, window: Window, place: number): Stretch | undefined => {
  const { rule, hot } = moment;
  const gate = gateOf(rule);
  const low = lowOf(seriesFor(hot, place), hot.logs.length, window) - levelOf(moment, place);
  if (low < gate.low) return undefined;
  const limit = limitOf(moment);
  const score = surprise(straysOf(moment, window, place), low) - window.extra;
  const stretch = residualsOver(moment, place, window.points);
  const enough = score > limit && (window.points !== 2 || surprise(singleStrays(moment, place), low) > limit);
  const begun = stretch.findIndex((residual) => residual >= low);
  return {
    window: windows.indexOf(window),
    expectation: place,
    score,
    from: hot.logs.length - window.points + Math.max(0, begun),
    confirmed: enough && middleOf(stretch) >= gate.middle,
  };
};

const tellsMore = (one: Stretch, other: Stretch | undefined): boolean =>
  other === undefined || (one.confirmed === other.confirmed ? one.score > other.score : one.confirmed);

/** The evidence that the latest points hold. A point that is not above its expectation adds none. */
export const findStretch = (moment: Moment): Stretch | undefined => {
  const { rule, base, hot, pace } = moment;
  const slow = slowest(base, pace);
  // What is only high beside a quiet hour is not high.
  if (latestOver(moment, slow) < gateOf(rule).slow) return undefined;
  let most: Stretch | undefined;
  for (const window of windows) {
    const place = window.against === 'anchor' ? slow : nearest(base, pace);
    if (window.silent || window.points > hot.unbroken || place === undefined) continue;
    if (latestOver(moment, place) <= 0) continue;
    const found = judgeWindow(moment, window, place);
    if (found && tellsMore(found, most)) most = found;
  }
  return most;
};

/** What points have to reach for a window of them to be confirmed. */
const neededFor = (moment: Moment, window: Window, place: number): number => {
  const limit = limitOf(moment);
  const needed = residualAt(straysOf(moment, window, place), limit + window.extra);
  const alone = window.points === 2 ? residualAt(singleStrays(moment, place), limit) : 0;
  return needed === undefined || alone === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(gateOf(moment.rule).middle, needed, alone);
};

/** Points like the latest that would confirm it; `null` when none would, however many. */
export const pointsToConfirm = (moment: Moment, place: number): number | null => {
  const latest = latestOver(moment, place);
  const counts = windows.flatMap((window) => {
    if (window.silent || window.against === 'anchor') return [];
    const needed = neededFor(moment, window, place);
    if (latest < needed) return [];
    const recent = residualsOver(moment, place, Math.min(window.points, moment.hot.unbroken));
    const high = recent.filter((residual) => residual >= needed).length;
    return [Math.max(1, window.points - window.rank + 1 - high)];
  });
  return counts.length === 0 ? null : Math.min(...counts);
};
