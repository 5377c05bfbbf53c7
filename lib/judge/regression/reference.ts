import { binWidth, countAbove, type Histogram, placeOf } from './histogram.ts';
import type { Spread } from './memory.ts';

/** What a block is sorted into, and what finding a sample in each cell says for a change. */
export type Cells = {
  /** Upper ends (bins) of all cells but the last, ascending. */
  readonly cuts: readonly number[];
  /** ln of the cell's share after the change over that before it, from the fastest cell to the slowest. */
  readonly weights: readonly number[];
  /** Of the weight of one sample while nothing has changed. */
  readonly mean: number;
  readonly variance: number;
};

/** What each kind of change does to the cells. */
export type Arms = {
  readonly shift: Cells;
  readonly tail: Cells;
  /** All latencies smaller by the same factor. */
  readonly faster: Cells;
};

/** A baseline, made ready to compare blocks with. */
export type Reference = {
  readonly counts: Histogram;
  /** On the ruler, in bins. `null`: above every limit. */
  readonly p95Place: number | null;
  /** Standard error of it, by chance alone. */
  readonly p95Error: number;
  /** Made when first asked for: most runs of a frequent probe end no block, and need none. */
  readonly arms: () => Arms;
};

/** detection.md §8.3: where the body ends and the tail that p95 is about begins. */
const cutShares = [0.5, 0.8, 0.9, 0.95] as const;

/** Half a sample in every cell, so that none is impossible. */
const smoothing = 0.5;

/** detection.md §8.4: shares over the limit, before and after. */
const tailShare = { least: 0.002, most: 0.04 } as const;
const tailAfter = { least: 0.06, factor: 1.6 } as const;

/**
 * The nearest ratios after / before that never fall from cell to cell (pool adjacent violators), so that a block with no
 * slow cell above its expectation can never speak for a regression, whatever the shape of the baseline.
 */
const monotone = (before: readonly number[], after: readonly number[], direction: 1 | -1): readonly number[] => {
  const pools: { before: number; after: number; cells: number }[] = [];
  for (const [index, share] of before.entries()) {
    let pool = { before: share, after: after[index] ?? share, cells: 1 };
    for (
      let last = pools.at(-1);
      last && direction * (last.after / last.before - pool.after / pool.before) > 0;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = {
        before: last.before + pool.before,
        after: last.after + pool.after,
        cells: last.cells + pool.cells,
      };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ before: b, after: a, cells }) => new Array<number>(cells).fill(Math.log(a / b)));
};

const weigh = (cuts: readonly number[], before: readonly number[], weights: readonly number[]): Cells => {
  let [mean, square] = [0, 0];
  for (const [index, share] of before.entries()) {
    const weight = weights[index] ?? 0;
    mean += share * weight;
    square += share * weight * weight;
  }
  return { cuts, weights, mean, variance: Math.max(0, square - mean * mean) };
};

/** Shares of cells from the counts above their cuts. */
const sharesOf = (total: number, above: readonly number[]): readonly number[] => {
  const whole = total + smoothing * (above.length + 1);
  const shares: number[] = [];
  let from = total;
  for (const next of [...above, 0]) {
    shares.push((Math.max(0, from - next) + smoothing) / whole);
    from = next;
  }
  return shares;
};

type Above = (place: number) => number;

/** Counts above any place of one histogram, each in one step after a single pass. */
const aboveOf = ({ over, first, counts }: Histogram): Above => {
  const sums = new Float64Array(counts.length + 1);
  sums[counts.length] = over;
  for (let index = counts.length - 1; index >= 0; index--) {
    sums[index] = (sums[index + 1] ?? 0) + (counts[index] ?? 0);
  }
  const at = (bin: number) => sums[Math.max(0, Math.min(counts.length, bin - first + 1))] ?? 0;
  return (place) => {
    const bin = Math.ceil(place);
    return at(bin) + (at(bin - 1) - at(bin)) * (bin - place);
  };
};

/** All latencies times a factor, against the baseline as it is. */
const scaledCells = (
  above: Above,
  total: number,
  cuts: readonly number[],
  before: readonly number[],
  factor: number,
): Cells => {
  const shift = Math.log(factor) / binWidth;
  const after = sharesOf(
    total,
    cuts.map((cut) => above(cut - shift)),
  );
  return weigh(cuts, before, monotone(before, after, factor > 1 ? 1 : -1));
};

/** Only the slowest get slower: more samples over the limit than a baseline has. */
const tailCells = (counts: Histogram, cut: number): Cells => {
  const share = countAbove(counts, cut) / Math.max(1, counts.total);
  const before = Math.min(tailShare.most, Math.max(tailShare.least, share));
  const after = Math.max(tailAfter.least, tailAfter.factor * before);
  return weigh([cut], [1 - before, before], [Math.log((1 - after) / (1 - before)), Math.log(after / before)]);
};

/** Standard error of p95 of the baseline, in bins. */
const errorOf = (counts: Histogram): number => {
  const off = Math.sqrt((0.95 * 0.05) / Math.max(1, counts.total));
  const [low, high] = [placeOf(counts, 0.95 - off), placeOf(counts, Math.min(1, 0.95 + off))];
  return low === null || high === null ? 0 : (high - low) / 2;
};

const armsOf = (counts: Histogram, p95Place: number | null, factor: number): Arms => {
  const answered = counts.first + counts.counts.length - 1;
  const places = cutShares.map((share) => Math.ceil(placeOf(counts, share) ?? answered));
  const cuts = places.filter((cut, index) => index === 0 || cut > (places[index - 1] ?? cut));
  const above = aboveOf(counts);
  const before = sharesOf(counts.total, cuts.map(above));
  return {
    shift: scaledCells(above, counts.total, cuts, before, factor),
    tail: tailCells(counts, Math.round((p95Place ?? answered) + Math.log(factor) / binWidth)),
    faster: scaledCells(above, counts.total, cuts, before, 1 / factor),
  };
};

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** @param maxRegression as a fraction: a regression is all latencies, or the limit of p95, times 1 more than this. */
export const referenceOf = (counts: Histogram, maxRegression: number): Reference => {
  const p95Place = placeOf(counts, 0.95);
  return {
    counts,
    p95Place,
    p95Error: errorOf(counts),
    arms: once(() => armsOf(counts, p95Place, 1 + maxRegression)),
  };
};

/** Sum of the weights of a block's samples: above 0 it speaks for the change. */
export const evidenceOf = ({ cuts, weights }: Cells, block: Histogram): number => {
  let evidence = 0;
  let above = block.total;
  for (const [index, cut] of cuts.entries()) {
    const next = countAbove(block, cut);
    evidence += (above - next) * (weights[index] ?? 0);
    above = next;
  }
  return evidence + above * (weights[cuts.length] ?? 0);
};

/** A wild block must not make the judge deaf: what is over so many times the usual square counts no further. */
const mostSquared = 12;

/** A block's score less what it should be, in the standard deviations that chance alone gives it. */
const standardised = (cells: Cells, block: Histogram, baseline: number): number => {
  if (cells.variance === 0 || block.total === 0) return 0;
  const off = evidenceOf(cells, block) - block.total * cells.mean;
  // The baseline is itself a sample, whose own error is in the difference.
  return off / Math.sqrt(block.total * cells.variance * (1 + block.total / Math.max(1, baseline)));
};

/**
 * Blocks of typical services, for as long as there are few of one's own: so many of them, and what a sample adds to the
 * variance of their scores. Runs that differ by 6 % (detection.md §7) add about 1 %; the body has more in common than
 * the tail.
 */
const prior = { blocks: 20, shift: 0.02, tail: 0.01 } as const;

/** Standard errors by which a spread that few blocks have shown is taken to be wider than it looks. */
const caution = { shift: 2, tail: 1.5 } as const;

/** Mean square of a block's standardised score: 1 while blocks differ by chance alone. */
export const dispersionOf = (spread: Spread, arm: 'shift' | 'tail', samples: number): number => {
  const mean = spread.blocks > 0 ? spread.samples / spread.blocks : samples;
  const own = prior.blocks * mean * prior[arm] + spread[arm];
  return 1 + (samples * Math.max(0, own)) / (spread.samples + prior.blocks * mean);
};

/** What one block says of the spread, beside those that the baseline knows. */
export const spreadOf = (reference: Reference, known: Spread, block: Histogram): Spread => {
  const deviation = (arm: 'shift' | 'tail') => {
    const most = Math.sqrt(mostSquared * dispersionOf(known, arm, block.total));
    return Math.max(-most, Math.min(most, standardised(reference.arms()[arm], block, reference.counts.total)));
  };
  const [shift, tail] = [deviation('shift'), deviation('tail')];
  const [shiftBefore, tailBefore] = known.last ?? [0, 0];
  // What neighbours have in common widens a cumulative sum as much as what a block has by itself, twice.
  return {
    blocks: 1,
    samples: block.total,
    shift: shift * shift - 1 + 2 * shift * shiftBefore,
    tail: tail * tail - 1 + 2 * tail * tailBefore,
    last: [shift, tail],
  };
};

/**
 * How many times more a block's score spreads than chance alone would have it (detection.md §8.3): from the spread of
 * the baseline's blocks, leaning on typical services, and raised for as long as few blocks have shown it.
 *
 * @param samples of the block: what its samples have in common weighs more, the more there are.
 */
export const overdispersion = (spread: Spread, arm: 'shift' | 'tail', samples: number): number =>
  dispersionOf(spread, arm, samples) * (1 + caution[arm] * Math.sqrt(2 / (spread.blocks + prior.blocks - 1)));
