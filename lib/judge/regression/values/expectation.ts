import type { Expectation, ValuesBase, ValuesHot } from './memory.ts';
import type { Pace } from './pace.ts';
import { addResidual, emptyTail, fitTail, openTail, surprise, type Tail } from './tail.ts';
import { lowOf, overlapOf, windows } from './window.ts';

/** Places in `expectations`. */
export const slowPlain = 1;
export const slowSeasonal = 3;
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
  /** While an alarm is on only habits are learnt, no levels. */
  readonly levels: boolean;
};

type Moving = { level: number; spread: number; resemblance: number; seen: number };

const moveLevel = (to: Moving, residual: number, before: number | undefined, memory: number, pace: Pace): void => {
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

/** Per window, the order statistics that end in one of the open points and have no gap in them. */
type Lows = readonly (readonly number[])[];

const lowsOf = (series: readonly number[], { open, unbroken }: ValuesHot, { withinDay }: Pace, seen: number): Lows =>
  windows.map((window) => {
    const lows: number[] = [];
    const stride = withinDay ? window.stride : 1;
    const first = series.length - open + 1;
    for (let end = first; end <= series.length; end++) {
      if ((seen + end - first) % stride === 0 && end - window.points >= series.length - unbroken) {
        lows.push(lowOf(series, end, window));
      }
    }
    return lows;
  });

/** Order statistics of residuals are those of the series less the level, so that all expectations share them. */
const learnTails = (
  tails: readonly Tail[],
  lows: Lows,
  level: number,
  { withinDay, keep }: Pace,
  slow: boolean,
): readonly Tail[] =>
  tails.map((tail, index) => {
    const window = windows[index];
    const drift = window?.against === 'anchor';
    // Drift is judged against the slow levels only.
    if (!window || (drift && !slow) || lows[index]?.length === 0) return tail;
    const open = openTail(tail);
    for (const low of lows[index] ?? []) {
      const residual = low - level;
      const doubtful =
        drift && residual > quiet && surprise(fitTail(open, overlapOf(window, withinDay)), residual) > doubtfulSurprise;
      addResidual(open, residual, withinDay ? keep / window.stride : keep, doubtful ? doubtfulWeight : 1);
    }
    return open;
  });

const learnOne = (expectation: Expectation, place: number, lows: Lows, { hot, pace, levels }: Lesson): Expectation => {
  const series = seriesFor(hot, place);
  const from = series.length - hot.open;
  const { seen, spread, resemblance } = expectation;
  const level = seen > 0 ? expectation.level : (series[from] ?? 0);
  const tails = learnTails(expectation.tails, lows, level, pace, place === slowPlain || place === slowSeasonal);
  if (!levels) return { level, seen, spread, resemblance, tails };
  const to: Moving = { level, seen, spread, resemblance };
  const memory = pace.memories[place] ?? 1;
  for (let index = from; index < series.length; index++) {
    const before = index > 0 ? (series[index - 1] ?? 0) - to.level : undefined;
    moveLevel(to, (series[index] ?? 0) - to.level, before, memory, pace);
  }
  return { level: to.level, seen: to.seen, spread: to.spread, resemblance: to.resemblance, tails };
};

/** What the expectations make of a closed block. Those with the season begin where the slow one without it is. */
export const learn = (base: ValuesBase, lesson: Lesson): readonly Expectation[] => {
  const plain = lowsOf(lesson.hot.logs, lesson.hot, lesson.pace, base.points);
  const seasonal = base.season ? lowsOf(lesson.hot.seasonless, lesson.hot, lesson.pace, base.points) : plain;
  return base.expectations.map((expectation, place) => {
    if (!usesSeason(place)) return learnOne(expectation, place, plain, lesson);
    if (!base.season) return expectation;
    const level = base.expectations[slowPlain]?.level ?? 0;
    return learnOne(expectation.seen > 0 ? expectation : { ...expectation, level, seen: 1 }, place, seasonal, lesson);
  });
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
