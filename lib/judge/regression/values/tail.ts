/**
 * How far above their expectation a series' own values usually stray: counts of residuals (natural logs of value over
 * expectation) in bins that widen with the distance. Plain JSON.
 */
export type Tail = { readonly counts: readonly number[]; readonly total: number };

const bins = 52;
const zeroBin = 14;
/** Width of a bin: 0.02 × 0.15 in the middle (0.3 %), 15 % of the distance far out. */
const nearest = 0.02;
const growth = 0.15;

const lowest = -nearest * Math.expm1(zeroBin * growth);

/** Where the bins begin, by how far they are from the middle one. */
const edges = Float64Array.from({ length: bins + 1 }, (_, steps) => nearest * Math.expm1((steps - 0.5) * growth));
/** The same on a fine grid: a look and a step or two are much quicker than a logarithm. */
const grid = 512;
const stepsAt = Uint8Array.from({ length: 8 * grid }, (_, cell) => edges.findLastIndex((edge) => edge <= cell / grid));

const binOf = (residual: number): number => {
  if (residual <= lowest) return 0;
  const distance = Math.abs(residual);
  let steps = stepsAt[Math.min(stepsAt.length - 1, Math.floor(distance * grid))] ?? 0;
  while (steps < bins && distance >= (edges[steps + 1] ?? 0)) steps++;
  return residual < 0 ? zeroBin - steps : Math.min(bins - 1, zeroBin + steps);
};

const centres: readonly number[] = Array.from({ length: bins + 1 }, (_, bin) => {
  const distance = nearest * Math.expm1(Math.abs(bin - zeroBin) * growth);
  return bin < zeroBin ? -distance : distance;
});
const centreOf = (bin: number): number => centres[bin] ?? 0;
const floors: readonly number[] = centres.map((centre, bin) => (centre + (centres[bin - 1] ?? 0)) / 2);
/** The lower end of a bin. */
const floorOf = (bin: number): number => floors[bin] ?? 0;

export const emptyTail: Tail = { counts: new Array<number>(bins).fill(0), total: 0 };

/** A tail that is being filled; `keep` residuals are remembered, twice as many at most, older ones count half. */
export type OpenTail = { counts: number[]; total: number };

/** A copy, to be filled. */
export const openTail = ({ counts, total }: Tail): OpenTail => ({ counts: counts.slice(), total });

/** @param weight below 1 for what may be the beginning of an incident. */
export const addResidual = (tail: OpenTail, residual: number, keep: number, weight = 1): void => {
  const bin = binOf(residual);
  tail.counts[bin] = (tail.counts[bin] ?? 0) + weight;
  tail.total += weight;
  if (tail.total <= 2 * keep) return;
  tail.counts = tail.counts.map((count) => Math.round(count * 5) / 10);
  tail.total = tail.counts.reduce((sum, count) => sum + count, 0);
};

/** An exponential tail over `from`: P(residual > x) = share × exp(-(x - from) / scale). In values: Pareto's. */
export type TailFit = {
  /** -ln of the share. */
  readonly rarity: number;
  readonly from: number;
  readonly scale: number;
};

/** A fit as its tail alone gives it; what is known from elsewhere can only widen it. */
export type TailShape = TailFit;

const noFit: TailFit = { rarity: 0, from: 0, scale: 1 };

/** A fit is of this share of the residuals; the rarer ones (rarest first) are looked at once they have enough of them. */
const shares = { common: 0.2, rare: [0.004, 0.02] } as const;
const fewest = 6;
/** No series is quieter than about 1 %: below that a page would be about nothing. */
const scaleFloor = 0.012;

/** Bins from the top down to the one that holds the last of so many residuals. */
type Count = { above: number; sum: number; bin: number };

const countDown = (counts: readonly number[], wanted: number, from: Count): void => {
  for (; from.bin > 0; from.bin--) {
    const count = counts[from.bin] ?? 0;
    if (from.above + count >= wanted) return;
    from.above += count;
    from.sum += count * centreOf(from.bin);
  }
};

/** Hill's estimator of the tail index on binned logs, widened by one standard error of itself. */
const fitShare = ({ counts, total }: Tail, wanted: number, overlap: number, { above, sum, bin }: Count): TailShape => {
  const count = counts[bin] ?? 0;
  const [low, high] = [floorOf(bin), floorOf(bin + 1)];
  const from = count > 0 ? high - ((high - low) * (wanted - above)) / count : high;
  const excess = sum + ((wanted - above) * (high + from)) / 2;
  // Windows that overlap are not independent: about half a window is one observation.
  const independent = Math.max(1, (2 * wanted) / Math.max(2, overlap));
  const scale = (excess / wanted - from) * (1 + 1 / Math.sqrt(independent)) + scaleFloor;
  return { rarity: -Math.log(Math.min(0.5, wanted / Math.max(1, total))), from, scale };
};

/**
 * The commoner strays first. None with too little history.
 *
 * @param overlap points that a residual was taken over
 */
export const shapeTail = (tail: Tail, overlap: number): readonly TailShape[] => {
  const { counts, total } = tail;
  if (total < 8) return [];
  const shapes: TailShape[] = [];
  const count = { above: 0, sum: 0, bin: bins - 1 };
  for (const share of shares.rare) {
    if (total * share < fewest) continue;
    countDown(counts, total * share, count);
    shapes.push(fitShare(tail, total * share, overlap, count));
  }
  const common = Math.max(total * shares.common, Math.min(total * 0.4, fewest));
  countDown(counts, common, count);
  shapes.push(fitShare(tail, common, overlap, count));
  return shapes.reverse();
};

/** What is known of how far a series strays: fits for what it never did, and the record for what it did. */
export type Strays = { readonly fits: readonly TailFit[]; readonly tail: Tail };

/**
 * @param least of the scale of common strays: what is known from elsewhere
 * @param grain of the residuals, added to the scales: steps tell less of a tail than a slope does
 */
export const widenTail = (tail: Tail, shapes: readonly TailShape[], least: number, grain: number): Strays => ({
  fits: shapes.map(({ rarity, from, scale }, index) => ({
    rarity,
    from,
    scale: Math.max(scale + grain, index === 0 ? least : 0),
  })),
  tail,
});

/** How far a series strays by one tail alone. */
export const fitTail = (tail: Tail, overlap: number): Strays => widenTail(tail, shapeTail(tail, overlap), 0, 0);

/** What has been seen is discounted: neighbours repeat it, and the next one need not be the same to the digit. */
const seenBefore = 0.75;

const surpriseOfSeen = (above: number, total: number): number =>
  above > 0 ? seenBefore * Math.log(total / Math.min(total, above)) : Number.POSITIVE_INFINITY;

const countAbove = ({ counts }: Tail, residual: number): number => {
  let above = 0;
  for (let bin = binOf(residual); bin < bins; bin++) above += counts[bin] ?? 0;
  return above;
};

/**
 * -ln of how often the series strays that far by its own history: 0 is usual, 7 is one in a thousand. The most cautious
 * of the fits and the bare record decides. Monotone in the residual.
 */
export const surprise = ({ fits, tail }: Strays, residual: number): number => {
  if (fits.length === 0) return 0;
  let least = surpriseOfSeen(countAbove(tail, residual), tail.total);
  for (let index = 0; index < fits.length; index++) {
    const { rarity, from, scale } = fits[index] ?? noFit;
    const over = residual - from;
    const score = over > 0 ? rarity + over / scale : index === 0 ? 0 : rarity;
    least = Math.min(least, score);
  }
  return least;
};

/** Whether {@link surprise} would be more than so much: what was often seen needs no fit. */
export const surprisesBy = (tail: Tail, overlap: number, residual: number, limit: number): boolean =>
  surpriseOfSeen(countAbove(tail, residual), tail.total) > limit && surprise(fitTail(tail, overlap), residual) > limit;

/** The residual at which {@link surprise} reaches a limit; `undefined` when no record says. */
export const residualAt = ({ fits, tail }: Strays, limit: number): number | undefined => {
  if (fits.length === 0) return undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const { rarity, from, scale } of fits) most = Math.max(most, from + scale * (limit - rarity));
  // As many have to have been seen to be less surprising than the limit.
  const seldom = tail.total * Math.exp(-limit / seenBefore);
  let [above, bin] = [tail.counts[bins - 1] ?? 0, bins - 1];
  while (bin > 0 && (above === 0 || above < seldom)) above += tail.counts[--bin] ?? 0;
  return Math.max(most, floorOf(bin + 1));
};

/** What {@link residualAt} is at least, whatever widens the shapes. */
export const residualAtLeast = (shapes: readonly TailShape[], limit: number): number => {
  let most = Number.NEGATIVE_INFINITY;
  for (const { rarity, from, scale } of shapes) {
    if (limit >= rarity) most = Math.max(most, from + Math.max(0, scale) * (limit - rarity));
  }
  return most;
};
