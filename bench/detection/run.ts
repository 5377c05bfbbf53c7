import { type SketchBins, type SketchData, sketchAlpha } from '../../lib/result/sketch.ts';

/** One simulated run, as a detector sees it. */
export type SimulatedRun = {
  readonly atMs: number;
  readonly sketch: SketchData;
  /** ms, interpolated (type 7) as most tools do it; NaN when nobody asked. */
  readonly p95: number;
};

const lnGamma = Math.log((1 + sketchAlpha) / (1 - sketchAlpha));

const binsOf = (first: number, counts: Int32Array): readonly SketchBins[] => {
  const bins: [number, ...number[]][] = [];
  let open: [number, ...number[]] | undefined;
  for (const [index, count] of counts.entries()) {
    if (count === 0) {
      open = undefined;
    } else if (open) {
      open.push(count);
    } else {
      open = [first + index, count];
      bins.push(open);
    }
  }
  return bins;
};

/**
 * The sketch of a run, straight from the logs of its latencies: the same bins as `sketchOf` makes of the latencies
 * themselves (but for values within a rounding error of an edge), without an exponential a sample. Its sum is not kept.
 */
export const sketchRun = (logs: Float64Array): SketchData => {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const log of logs) {
    const key = Math.ceil(log / lnGamma);
    if (key < first) first = key;
    if (key > last) last = key;
  }
  const counts = new Int32Array(last - first + 1);
  for (const log of logs) {
    const at = Math.ceil(log / lnGamma) - first;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return {
    alpha: sketchAlpha,
    count: logs.length,
    sum: 0,
    min: Math.exp((first - 1) * lnGamma),
    max: Math.exp(last * lnGamma),
    zeros: 0,
    bins: binsOf(first, counts),
  };
};

/** Quantile of logs by linear interpolation between order statistics (type 7), in ms. Sorts them. */
export const interpolated = (logs: Float64Array, share: number): number => {
  logs.sort();
  const at = share * (logs.length - 1);
  const below = Math.floor(at);
  const [low, high] = [logs[below] ?? 0, logs[Math.min(logs.length - 1, below + 1)] ?? 0].map(Math.exp);
  return (low ?? 0) + (at - below) * ((high ?? 0) - (low ?? 0));
};
