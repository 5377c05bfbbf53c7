import type { RegressionRule } from './finding.ts';
import { binOf, binWidth, type Histogram } from './histogram.ts';
import { limitOf } from './limit.ts';
import { dispersionOf, evidenceOf, overdispersion, type Reference, referenceOf } from './reference.ts';
import { runsPerBlock } from './sketches.ts';
import { comparisonsOf, mostPerBlock } from './trail.ts';

/** Upper tail of the normal distribution (Abramowitz and Stegun 7.1.26): good to 1e-7. */
const normalAbove = (z: number): number => {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const above = 0.5 * series * Math.exp(-x * x);
  return z < 0 ? 1 - above : above;
};

/** detection.md §7: a log-normal body, and one in fifty two to eight times slower. */
const body = 0.5;
const stragglers = { share: 0.02, factors: [2.375, 3.125, 3.875, 4.625, 5.375, 6.125, 6.875, 7.625] } as const;

const shareAbove = (latency: number): number => {
  const over = (factor: number) => normalAbove(Math.log(latency / factor) / body);
  const slow = stragglers.factors.reduce((sum, factor) => sum + over(factor), 0) / stragglers.factors.length;
  return (1 - stragglers.share) * over(1) + stragglers.share * slow;
};

/** So many samples of a typical service, times a factor, exactly as often in each bin as is to be expected. */
const typical = (samples: number, factor: number): Histogram => {
  const [first, last] = [binOf(factor / 10), binOf(factor * 60)];
  const above = Array.from({ length: last - first + 2 }, (_, index) =>
    shareAbove(Math.exp((first - 1 + index) * binWidth) / factor),
  );
  const counts = above.slice(1).map((share, index) => samples * ((above[index] ?? 0) - share));
  return { total: counts.reduce((sum, count) => sum + count, 0), over: 0, first, counts };
};

/** What is taken for the past: the blocks of an anchor, many enough not to err by themselves. */
const past = { blocks: 28, samples: 1e6 } as const;

/** Middles of nine equally likely slices of a normal distribution. */
const slices = [-1.59, -0.97, -0.59, -0.28, 0, 0.28, 0.59, 0.97, 1.59] as const;

/** Mean of what a block brings, clipped as it will be. */
const meanScore = (reference: Reference, arm: 'shift' | 'tail', change: Histogram): number => {
  const samples = change.total;
  const whole = samples * past.blocks;
  const spread = { blocks: past.blocks, samples: whole, shift: whole * 0.01, tail: whole * 0.005 };
  const tempering = overdispersion(spread, arm, samples);
  const cells = reference.arms()[arm];
  const mean = evidenceOf(cells, change) / tempering;
  const deviation = Math.sqrt(samples * cells.variance * dispersionOf(spread, arm, samples)) / tempering;
  const scores = slices.map((z) => Math.max(-mostPerBlock, Math.min(mostPerBlock, mean + z * deviation)));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
};

/** Longer than anybody waits: 20 years of a weekly probe. */
const mostRuns = 1000;

/**
 * Runs until a lasting slowdown of all latencies is confirmed, typically (Wald: the limit over what a block brings), on a
 * service of typical shape whose runs differ by 6 % and whose baseline is active. A real service may need half or twice
 * as many.
 *
 * @param ratio 1.3 is 30 % slower.
 * @returns `null`: not in a thousand runs, or never.
 */
export const runsToDetect = (rule: RegressionRule, samplesPerRun: number, ratio: number): number | null => {
  const cadenceMs = rule.cadenceMs;
  const perBlock = runsPerBlock(cadenceMs, samplesPerRun);
  const samples = samplesPerRun * perBlock;
  const reference = referenceOf(typical(past.samples, 1), rule.maxRegression);
  const limit = limitOf(rule, cadenceMs);
  const change = typical(samples, ratio);
  const [gate] = comparisonsOf(reference, undefined, limit, rule.maxRegression);
  if (!gate || (reference.p95Place ?? 0) + Math.log(ratio) / binWidth < gate.gate) return null;
  const arms = samples >= 20 ? (['shift', 'tail'] as const) : (['shift'] as const);
  const best = Math.max(...arms.map((arm) => meanScore(reference, arm, change)));
  if (best <= 0) return null;
  const runs = Math.ceil(limit / best) * perBlock;
  return runs <= mostRuns * perBlock ? runs : null;
};
