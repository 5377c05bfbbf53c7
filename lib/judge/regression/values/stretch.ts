import { middle, sortFew } from '../middle.ts';
import { alarmsAt, gateOf } from './alarm.ts';
import { nearest, seriesFor, slowest } from './expectation.ts';
import type { ValuesHot } from './memory.ts';
import { type Moment, shapesOf } from './moment.ts';
import { valuesLimit } from './pace.ts';
import { emptyTail, residualAt, residualAtLeast, type Strays, surprise, widenTail } from './tail.ts';
import { lowOf, type Window, windows } from './window.ts';

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

const findLimit = ({ rule, base, hot, pace }: Moment): number => {
  const young = pace.withinDay ? Math.max(0, 1 - base.settledPoints / (7 * pace.pointsPerDay)) : 0;
  const alarms = alarmsAt(hot.alarms, hot.lastMs - hot.alarmsMs);
  return valuesLimit(rule, base.cadenceMs) + perAlarm * alarms + whileYoung * young;
};

/** Evidence that confirms a stretch now. */
export const limitOf = (moment: Moment): number => {
  moment.known.limit ??= findLimit(moment);
  return moment.known.limit;
};

const singles = windows.findIndex(({ points }) => points === 1);

/** Stretches are steadier than single points, but not without end: shares of the scale of single points. */
const steadier = { pair: 0.5, longer: 0.12 } as const;

/** Share of a step between the values of a coarse series (whole numbers, a gauge in tenths) that its tails are widened by. */
const shareOfStep = 0.3;

/** With fewer different values the steps between them are no pattern: an incident of a constant has one. */
const fewestSteps = 3;

/** The middle step from one value to the next larger one, as far as it widens a tail. */
const findGrain = ({ logs }: ValuesHot): number => {
  const sorted = sortFew(logs);
  const steps: number[] = [];
  for (let index = 1; index < sorted.length; index++) {
    const step = (sorted[index] ?? 0) - (sorted[index - 1] ?? 0);
    if (step > 0) steps.push(step);
  }
  return steps.length < fewestSteps ? 0 : shareOfStep * middle(steps);
};

const grainOf = (moment: Moment): number => {
  moment.known.grain ??= findGrain(moment.hot);
  return moment.known.grain;
};

const tailOf = ({ base }: Moment, place: number, index: number) => base.expectations[place]?.tails[index] ?? emptyTail;

/** How far stretches of a window usually lie over an expectation. */
const straysOf = (moment: Moment, index: number, place: number): Strays => {
  const alone = Math.max(0, shapesOf(moment, place, singles)[0]?.scale ?? 0);
  const share = windows[index]?.points === 2 ? steadier.pair : steadier.longer;
  const shapes = shapesOf(moment, place, index);
  return widenTail(tailOf(moment, place, index), shapes, share * alone, grainOf(moment));
};

/** How far single points do; without the bare record, which holds the beginnings of earlier incidents, too. */
const singleStrays = (moment: Moment, place: number): Strays =>
  widenTail(emptyTail, shapesOf(moment, place, singles), 0, 0);

const judgeWindow = (moment: Moment, window: Window, index: number, place: number): Stretch | undefined => {
  const { rule, hot } = moment;
  const gate = gateOf(rule);
  const low = lowOf(seriesFor(hot, place), hot.logs.length, window) - levelOf(moment, place);
  if (low < gate.low) return undefined;
  const limit = limitOf(moment);
  const score = surprise(straysOf(moment, index, place), low) - window.extra;
  const stretch = residualsOver(moment, place, window.points);
  const enough = score > limit && (window.points !== 2 || surprise(singleStrays(moment, place), low) > limit);
  const begun = stretch.findIndex((residual) => residual >= low);
  return {
    window: index,
    expectation: place,
    score,
    from: hot.logs.length - window.points + Math.max(0, begun),
    confirmed: enough && middle(stretch) >= gate.middle,
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
  const near = nearest(base, pace);
  let most: Stretch | undefined;
  for (let index = 0; index < windows.length; index++) {
    const window = windows[index];
    if (!window || window.silent || window.points > hot.unbroken) continue;
    const place = window.against === 'anchor' ? slow : near;
    if (place === undefined || latestOver(moment, place) <= 0) continue;
    const found = judgeWindow(moment, window, index, place);
    if (found && tellsMore(found, most)) most = found;
  }
  return most;
};

/** What points have to reach for a window of them to be confirmed. */
const neededFor = (moment: Moment, window: Window, index: number, place: number): number => {
  const limit = limitOf(moment);
  const needed = residualAt(straysOf(moment, index, place), limit + window.extra);
  const alone = window.points === 2 ? residualAt(singleStrays(moment, place), limit) : 0;
  return needed === undefined || alone === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(gateOf(moment.rule).middle, needed, alone);
};

/** Points like the latest that would confirm it; `null` when none would, however many. */
export const pointsToConfirm = (moment: Moment, place: number): number | null => {
  const latest = latestOver(moment, place);
  if (latest < gateOf(moment.rule).middle) return null;
  const counts = windows.flatMap((window, index) => {
    if (window.silent || window.against === 'anchor') return [];
    // Seldom enough: and then the rest need not be worked out.
    if (latest < residualAtLeast(shapesOf(moment, place, index), limitOf(moment) + window.extra)) return [];
    const needed = neededFor(moment, window, index, place);
    if (latest < needed) return [];
    const recent = residualsOver(moment, place, Math.min(window.points, moment.hot.unbroken));
    const high = recent.filter((residual) => residual >= needed).length;
    return [Math.max(1, window.points - window.rank + 1 - high)];
  });
  return counts.length === 0 ? null : Math.min(...counts);
};
