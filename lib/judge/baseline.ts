import type { BaselinePlan } from '../config/plan.ts';
import { compareLatencies, nearestRank } from '../result/percentiles.ts';
import type { BaselineReport, LatencyMs } from '../result/result.ts';
import { mergeSketches, quantile, type SketchData } from '../result/sketch.ts';
import { binomialCdf } from './interval.ts';

// Field notes, detection.md §8.2: with less than this a baseline is not one yet.
const minRuns = 3;
const minSamples = 200;
const activeRuns = 14;

/** Accepted runs that a rolling baseline is merged from. */
export const baselineRuns = 150;

const stateOf = (runs: number, samples: number): BaselineReport['state'] =>
  runs < minRuns || samples < minSamples ? 'none' : runs < activeRuns ? 'provisional' : 'active';

/**
 * 95 % interval of the true p95, by binomial order statistics: no assumption on the shape of the latencies. The upper end
 * is open below 59 samples or so.
 */
const p95Interval = (sorted: readonly LatencyMs[]): readonly [number, number] | null => {
  const n = sorted.length;
  let low = 0;
  while (low < n && binomialCdf(low, n, 0.95) < 0.025) low++;
  let high = n;
  while (high > 0 && binomialCdf(high - 1, n, 0.95) >= 0.975) high--;
  const [from, to] = [sorted[low - 1], sorted[high]];
  return typeof from === 'number' && typeof to === 'number' ? [from, to] : null;
};

/**
 * Compares this run's p95 with that of the accepted runs before it. Reported, never judged by one run: a healthy run of
 * five samples is 20 % over its baseline one time in three (detection.md §0).
 */
export const compareWithBaseline = (
  plan: BaselinePlan,
  latenciesMs: readonly LatencyMs[],
  accepted: readonly SketchData[],
): BaselineReport => {
  const none = { ratio: null, interval: null, runs: accepted.length };
  if (!plan.enabled) return { state: 'off', ...none };
  const state = stateOf(
    accepted.length,
    accepted.reduce((sum, sketch) => sum + sketch.count, 0),
  );
  const base = state === 'none' ? null : quantile(mergeSketches(accepted), 0.95);
  if (!base || latenciesMs.length === 0) return { state, ...none };
  const sorted = latenciesMs.toSorted(compareLatencies);
  const p95 = sorted[nearestRank(95, sorted.length, 100) - 1] ?? null;
  const interval = p95Interval(sorted);
  return {
    state,
    ratio: p95 === null ? null : p95 / base,
    interval: interval && [interval[0] / base, interval[1] / base],
    runs: accepted.length,
  };
};
