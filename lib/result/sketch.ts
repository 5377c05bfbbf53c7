import { DDSketch } from '@datadog/sketches-js';
import { nearestRank } from './percentiles.ts';

/** Relative error of every quantile: 1 %. */
export const sketchAlpha = 0.01;

/** A run of neighbouring bins: the key of the first, then how many values each of them holds (1 and up). */
export type SketchBins = readonly [firstKey: number, ...counts: number[]];

/**
 * A sketch as plain JSON, about half a kilobyte: the same values give the same data, but for the last bits of `sum`.
 * Bin `k` holds the values in (γ^(k-1), γ^k], where γ = (1 + alpha) / (1 - alpha).
 */
export type SketchData = {
  /** Also the version of the layout: sketches of different alpha never merge. */
  readonly alpha: number;
  readonly count: number;
  /** ms. Exact but for rounding. */
  readonly sum: number;
  /** ms, exact. `null` when empty. */
  readonly min: number | null;
  readonly max: number | null;
  /** Values of exactly 0. */
  readonly zeros: number;
  /** Ascending, with a gap of at least one empty bin between two runs. */
  readonly bins: readonly SketchBins[];
};

/** A sketch that is being filled. */
export type Sketch = DDSketch;

/** An empty sketch. The store is unbounded, so nothing is ever collapsed: 1 µs to 1 h takes 1,100 bins at most. */
export const newSketch = (alpha = sketchAlpha): Sketch => new DDSketch({ relativeAccuracy: alpha });

/**
 * Adds one latency in ms.
 *
 * @throws RangeError for what is no latency: NaN, an infinity, a negative.
 */
export const add = (sketch: Sketch, latencyMs: number): void => {
  if (!(latencyMs >= 0 && latencyMs < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`a sketch takes latencies of 0 ms and up, not ${latencyMs}`);
  }
  sketch.accept(latencyMs);
};

/** A sketch of all these latencies (ms). */
export const sketchOf = (latenciesMs: Iterable<number>): SketchData => {
  const sketch = newSketch();
  for (const latencyMs of latenciesMs) add(sketch, latencyMs);
  return toData(sketch);
};

const toBins = (store: DDSketch['store']): readonly SketchBins[] => {
  const runs: [number, ...number[]][] = [];
  let open: [number, ...number[]] | undefined;
  store.bins.forEach((count, index) => {
    if (count === 0) {
      open = undefined;
    } else if (open) {
      open.push(count);
    } else {
      open = [index + store.offset, count];
      runs.push(open);
    }
  });
  return runs;
};

export const toData = (sketch: Sketch): SketchData => ({
  alpha: sketch.mapping.relativeAccuracy,
  count: sketch.count,
  sum: sketch.sum,
  min: sketch.count === 0 ? null : sketch.min,
  max: sketch.count === 0 ? null : sketch.max,
  zeros: sketch.zeroCount,
  bins: toBins(sketch.store),
});

function* eachBin(data: SketchData): Generator<readonly [key: number, count: number]> {
  for (const [firstKey, ...counts] of data.bins) {
    for (const [index, count] of counts.entries()) yield [firstKey + index, count];
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Data comes from disks and tables: one wild key would make the library allocate until the process dies. */
const assertSound = (data: SketchData): void => {
  // ln(MAX_VALUE) / ln(γ), rounded up.
  const limit = 400 / data.alpha;
  let counted = data.zeros;
  let last = Number.NEGATIVE_INFINITY;
  let sound = isCount(data.zeros) && isCount(data.count) && Number.isFinite(data.sum);
  for (const [key, count] of eachBin(data)) {
    sound &&= Number.isSafeInteger(key) && Math.abs(key) < limit && key > last && isCount(count) && count > 0;
    counted += count;
    last = key;
  }
  const { min, max } = data;
  const bounded =
    min === null || max === null ? min === max && data.count === 0 : data.count > 0 && min >= 0 && min <= max;
  if (!sound || !bounded || counted !== data.count) {
    throw new Error(`damaged sketch: ${counted} values in its bins, ${data.count} by its count, ${min} to ${max} ms`);
  }
};

/**
 * Adds bin by bin. The library's own `merge` (2.1.1) takes key 0, which is 1 ms, for a key that is not there, and never
 * merges what lies below zero.
 */
const absorb = (sketch: Sketch, data: SketchData): void => {
  assertSound(data);
  for (const [key, count] of eachBin(data)) sketch.store.add(key, count);
  sketch.zeroCount += data.zeros;
  sketch.count += data.count;
  sketch.sum += data.sum;
  sketch.min = Math.min(sketch.min, data.min ?? Number.POSITIVE_INFINITY);
  sketch.max = Math.max(sketch.max, data.max ?? Number.NEGATIVE_INFINITY);
};

/** @throws Error when the data does not add up. */
export const fromData = (data: SketchData): Sketch => {
  const sketch = newSketch(data.alpha);
  absorb(sketch, data);
  return sketch;
};

/**
 * The sketch of all values behind these sketches: the same bins, count, min and max as if one sketch had seen them all.
 * None at all is an empty sketch.
 *
 * @throws Error when they differ in alpha, or one does not add up.
 */
export const mergeSketches = (datas: readonly SketchData[]): SketchData => {
  const alpha = datas[0]?.alpha ?? sketchAlpha;
  const merged = newSketch(alpha);
  for (const data of datas) {
    if (data.alpha !== alpha) {
      throw new Error(`sketches of alpha ${alpha} and ${data.alpha} do not merge: start a new baseline`);
    }
    absorb(merged, data);
  }
  return toData(merged);
};

/**
 * The value (ms) at quantile `q`, 0 to 1, by nearest rank like `percentile`: within alpha of the value that has that
 * rank among the exact ones, and exact at both ends. `null` when empty.
 *
 * (The library's own quantile takes rank ⌊q (n - 1)⌋ + 1, on many n one lower: p95 of 10 values is its 9th, where nearest
 * rank says the 10th.)
 *
 * @throws RangeError when q lies outside 0..1.
 */
export const quantile = (data: SketchData, q: number): number | null => {
  const { min, max, count } = data;
  if (min === null || max === null) return null;
  const rank = nearestRank(q, count);
  if (rank === 1) return min;
  if (rank === count) return max;
  let seen = data.zeros;
  if (rank <= seen) return 0;
  const { mapping } = newSketch(data.alpha);
  for (const [key, inBin] of eachBin(data)) {
    seen += inBin;
    if (rank <= seen) return Math.min(max, Math.max(min, mapping.value(key)));
  }
  return max;
};

/**
 * The share (0 to 1) of values over `valueMs`: exact outside min..max, else between the shares over the two ends of
 * the bin that `valueMs` falls in (2 % apart), in proportion. `null` when empty.
 *
 * @throws RangeError when the value is NaN.
 */
export const shareAbove = (data: SketchData, valueMs: number): number | null => {
  const { min, max, count } = data;
  if (Number.isNaN(valueMs)) throw new RangeError(`no share lies above ${valueMs}`);
  if (min === null || max === null) return null;
  if (valueMs < min) return 1;
  if (valueMs >= max) return 0;
  const { mapping } = newSketch(data.alpha);
  const gamma = (1 + data.alpha) / (1 - data.alpha);
  const cut = valueMs > 0 ? mapping.key(valueMs) : Number.NEGATIVE_INFINITY;
  let above = 0;
  for (const [key, inBin] of eachBin(data)) {
    if (key > cut) above += inBin;
    if (key === cut) {
      const upper = gamma ** key;
      const part = (upper - valueMs) / (upper - upper / gamma);
      above += inBin * Math.min(1, Math.max(0, part));
    }
  }
  return above / count;
};
