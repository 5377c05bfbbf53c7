import type { Expectation, OpenBase, OpenExpectation, ValuesBase, ValuesHot } from './memory.ts';
import type { Pace } from './pace.ts';
import { addResidual, emptyTail, surprisesBy } from './tail.ts';
import { lowOf, overlapOf, type Window, windows } from './window.ts';

/** Places in `expectations`. */
export const slowPlain = 1;
export const slowSeasonal = 3;
const plain = [0, slowPlain] as const;
const seasonal = [2, slowSeasonal] as const;
/** Whether the season is taken out before comparing with it. */
export const usesSeason = (place: number): boolean => place >= 2;

export const newExpectation: Expectation = {
  level: 0,
  seen: 0,
  spread: 0,
  resemblance: 0,
  tails: windows.map(() => emptyTail),
};

/** The remembered points as an expectation looks at them: with the season or without it. */
export const seriesFor = (hot: ValuesHot, place: number): readonly number[] =>
  usesSeason(place) ? hot.seasonless : hot.logs;

/** A large distance moves a level and its spread by no more than this many spreads: an outlier is not a new level. */
const clip = { level: 2.5, spread: 4 } as const;
/** In logs: what a level may move by even when the series has been very quiet. */
const leastClip = { level: 0.05, spread: 0.5 } as const;
/** Points from which a level is more than its first values. */
export const fewPoints = 8;
/** A stretch over the slow level that is rarer than e^-3 by its history may be a drift that begins. */
const doubtfulSurprise = 3;
/** In logs: lower than this is no drift. */
const quiet = 0.05;
/** Weight of a drift's own beginning in the record of what is usual: else slow growth would excuse itself. */
const doubtfulWeight = 0.1;

export type Lesson = {
  /** Which are the points to learn from: the last `open` ones. */
  readonly hot: ValuesHot;
  readonly pace: Pace;
  /** How many came before them. */
  readonly seen: number;
  /** While an alarm is on only habits are learnt, no levels. */
  readonly levels: boolean;
};

const moveLevel = (
  to: OpenExpectation,
  residual: number,
  before: number | undefined,
  memory: number,
  pace: Pace,
): void => {
  const most = Math.max(leastClip.level, clip.level * to.spread);
  const step = to.seen < fewPoints ? residual : Math.max(-most, Math.min(most, residual));
  to.level += Math.max(1 / memory, 1 / (to.seen + 1)) * step;
  to.seen++;
  const share = Math.max(1 / pace.spreadMemory, 1 / to.seen);
  const distance = Math.min(Math.abs(residual), Math.max(leastClip.spread, clip.spread * to.spread));
  if (before !== undefined) {
    const bound = (value: number) => Math.max(-3 * to.spread, Math.min(3 * to.spread, value));
    const square = Math.max(1e-12, 1.57 * to.spread * to.spread);
    to.resemblance += share * (Math.max(-1, Math.min(3, (bound(residual) * bound(before)) / square)) - to.resemblance);
  }
  to.spread += share * (distance - to.spread);
};

/** Drift is judged against the slow levels only, and its beginning hardly counts as what is usual. */
const learnResidual = (to: OpenExpectation, low: number, window: Window, index: number, { withinDay, keep }: Pace) => {
  const tail = to.tails[index];
  if (!tail) return;
  const residual = low - to.level;
  const drift = window.against === 'anchor';
  const doubtful =
    drift && residual > quiet && surprisesBy(tail, overlapOf(window, withinDay), residual, doubtfulSurprise);
  addResidual(tail, residual, withinDay ? keep / window.stride : keep, doubtful ? doubtfulWeight : 1);
};

/**
 * Two expectations that look at the series in one way: order statistics of residuals are those of the series less the
 * level. Learnt are those that end in one of the open points and have no gap in them.
 */
const learnTails = (quick: OpenExpectation, slow: OpenExpectation, series: readonly number[], lesson: Lesson): void => {
  const { hot, pace, seen } = lesson;
  const first = series.length - hot.open + 1;
  const earliest = series.length - hot.unbroken;
  for (let index = 0; index < windows.length; index++) {
    const window = windows[index];
    if (!window) continue;
    const stride = pace.withinDay ? window.stride : 1;
    for (let end = Math.max(first, earliest + window.points); end <= series.length; end++) {
      if ((seen + end - first) % stride !== 0) continue;
      const low = lowOf(series, end, window);
      if (window.against === 'rolling') learnResidual(quick, low, window, index, pace);
      learnResidual(slow, low, window, index, pace);
    }
  }
};

const learnLevel = (to: OpenExpectation, place: number, { hot, pace }: Lesson): void => {
  const series = seriesFor(hot, place);
  const memory = pace.memories[place] ?? 1;
  for (let index = series.length - hot.open; index < series.length; index++) {
    const before = index > 0 ? (series[index - 1] ?? 0) - to.level : undefined;
    moveLevel(to, (series[index] ?? 0) - to.level, before, memory, pace);
  }
};

const learnPair = ({ expectations }: OpenBase, [quick, slow]: readonly [number, number], lesson: Lesson): void => {
  const [one, other] = [expectations[quick], expectations[slow]];
  if (!one || !other) return;
  const series = seriesFor(lesson.hot, quick);
  const first = series[series.length - lesson.hot.open] ?? 0;
  if (one.seen === 0) one.level = first;
  if (other.seen === 0) other.level = first;
  learnTails(one, other, series, lesson);
  if (!lesson.levels) return;
  learnLevel(one, quick, lesson);
  learnLevel(other, slow, lesson);
};

/** The expectations learn from a closed block. Those with the season begin where the slow one without it was. */
export const learn = (base: OpenBase, lesson: Lesson): void => {
  const level = base.expectations[slowPlain]?.level ?? 0;
  learnPair(base, plain, lesson);
  if (!base.season) return;
  for (const place of seasonal) {
    const to = base.expectations[place];
    if (to?.seen !== 0) continue;
    to.level = level;
    to.seen = 1;
  }
  learnPair(base, seasonal, lesson);
};

/** How much nearer an expectation must come to take over: one with a season has to earn its 168 numbers. */
const nearer = { season: 0.85, other: 0.95 } as const;

/** The expectation that the series kept closest to. `undefined` while none has seen enough. */
export const nearest = ({ expectations, season }: ValuesBase, pace: Pace): number | undefined => {
  let best: number | undefined;
  for (let place = 0; place < expectations.length; place++) {
    const { seen, spread } = expectations[place] ?? newExpectation;
    if (usesSeason(place) ? !season || seen < pace.pointsPerDay : seen < fewPoints) continue;
    const rival = best === undefined ? undefined : expectations[best];
    const factor = usesSeason(place) && best !== undefined && !usesSeason(best) ? nearer.season : nearer.other;
    if (rival === undefined || spread < factor * rival.spread) best = place;
  }
  return best;
};

/** The slow expectation that drift is judged against: with the season once that has seen two days. */
export const slowest = ({ expectations, season }: ValuesBase, pace: Pace): number =>
  season && (expectations[slowSeasonal]?.seen ?? 0) > 2 * pace.pointsPerDay ? slowSeasonal : slowPlain;
