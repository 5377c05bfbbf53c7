import type { SketchData } from '../../result/sketch.ts';
import { emptyBase } from './baseline.ts';
import type { RegressionAct, RegressionFinding, RegressionRule } from './finding.ts';
import { binWidth, type Histogram, histogramOf, mergeHistograms, placeOf } from './histogram.ts';
import { judgeBlock, type Scores } from './judgment.ts';
import { noteLevel, seasonAt } from './levels.ts';
import type { OpenBlock, SketchBase, SketchHot } from './memory.ts';
import { findingOf } from './report.ts';
import { standingOf } from './standing.ts';

const minuteMs = 60_000;

/** detection.md §8.1: runs are one block until they are 200 samples and 15 minutes; an hour at most. */
const block = { samples: 200, atLeastMs: 15 * minuteMs, atMostMs: 60 * minuteMs } as const;

/** Runs that make one block, when all goes as planned. */
export const runsPerBlock = (cadenceMs: number | undefined, samplesPerRun: number): number => {
  if (cadenceMs === undefined || cadenceMs >= block.atMostMs) return 1;
  const least = Math.max(Math.ceil(block.atLeastMs / cadenceMs), Math.ceil(block.samples / Math.max(1, samplesPerRun)));
  return Math.min(least, Math.ceil(block.atMostMs / cadenceMs));
};

export type SketchMemory = { readonly hot?: SketchHot; readonly base: SketchBase };
export type SketchSample = { readonly atMs: number; readonly sketch: SketchData; readonly unanswered: number };

export type SketchAdvance = {
  readonly memory: { readonly hot: SketchHot; readonly base: SketchBase };
  readonly finding: RegressionFinding;
  readonly act?: RegressionAct;
};

/** Follows the usual gap between runs, whatever single gaps there are. */
const seenCadence = (hot: SketchHot | undefined, atMs: number): number | undefined => {
  if (!hot || atMs <= hot.lastMs) return hot?.cadenceMs;
  const gap = atMs - hot.lastMs;
  const before = hot.cadenceMs ?? gap;
  return gap > 1.1 * before ? 1.1 * before : gap < 0.9 * before ? 0.9 * before : gap;
};

const openWith = (open: OpenBlock | undefined, atMs: number, counts: Histogram): OpenBlock => ({
  fromMs: open?.fromMs ?? atMs,
  toMs: atMs,
  runs: (open?.runs ?? 0) + 1,
  counts: open ? mergeHistograms([open.counts, counts]) : counts,
});

const isWhole = ({ fromMs, toMs, counts }: OpenBlock, cadenceMs: number | undefined): boolean => {
  const spanMs = toMs - fromMs + (cadenceMs ?? 0);
  return spanMs >= block.atMostMs || (spanMs >= block.atLeastMs && counts.total >= block.samples);
};

/** ln of the median in ms, with the season that was taken out. */
const medianOf = ({ counts }: OpenBlock, season: number): number | null => {
  const place = placeOf(counts, 0.5);
  return place === null ? null : place * binWidth + season;
};

const scoresOf = (hot: SketchHot | undefined): Scores => {
  if (!hot) return { trails: {} };
  const { trails, alarm, faster } = hot;
  return { trails, ...(alarm ? { alarm } : {}), ...(faster ? { faster } : {}) };
};

/** Takes in the raw samples of one run. Scores against a baseline that a person has changed since start anew. */
export const advanceSketches = (
  rule: RegressionRule,
  before: SketchMemory | undefined,
  { atMs, sketch, unanswered }: SketchSample,
): SketchAdvance => {
  const base = before?.base ?? emptyBase;
  const known = before?.hot?.revision === base.revision ? before.hot : undefined;
  const seenMs = seenCadence(before?.hot, atMs);
  const cadenceMs = rule.cadenceMs ?? seenMs;
  const season = seasonAt(base, atMs, cadenceMs);
  const run = histogramOf(sketch, unanswered, season);
  const open = openWith(known?.open, atMs, run);
  const standing = standingOf(rule, base, cadenceMs);
  const hotWith = (scores: Scores, rest: Pick<SketchHot, 'open'>): SketchHot => ({
    kind: 'sketches',
    revision: base.revision,
    lastMs: atMs,
    ...(seenMs === undefined ? {} : { cadenceMs: seenMs }),
    ...scores,
    ...rest,
  });
  if (!isWhole(open, cadenceMs)) {
    const hot = hotWith(scoresOf(known), { open });
    return { memory: { hot, base }, finding: findingOf(standing, hot, run, cadenceMs) };
  }
  const { base: judged, act, ...scores } = judgeBlock(standing, known, base, open);
  const hot = hotWith(scores, {});
  const after = scores.alarm ? judged : noteLevel(judged, open.fromMs, medianOf(open, season), cadenceMs);
  return { memory: { hot, base: after }, finding: findingOf(standing, hot, run, cadenceMs), ...(act ? { act } : {}) };
};
