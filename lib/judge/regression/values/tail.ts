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

const binOf = (residual: number): number => {
  if (residual <= lowest) return 0;
  const steps = Math.round(Math.log1p(Math.abs(residual) / nearest) / growth);
  return residual < 0 ? zeroBin - steps : Math.min(bins - 1, zeroBin + steps);
};

const centres: readonly number[] = Array.from({ length: bins + 1 }, (_, bin) => {
  const distance = nearest * Math.expm1(Math.abs(bin - zeroBin) * growth);
  return bin < zeroBin ? -distance : distance;
});
const centreOf = (bin: number): number => centres[bin] ?? 0;
/** The lower end of a bin. */
const floorOf = (bin: number): number => (centreOf(bin) + centreOf(bin - 1)) / 2;

export const emptyTail: Tail = { counts: new Array<number>(bins).fill(0), total: 0 };

/** A tail that is being filled; `keep` residuals are remembered, twice as many at most, older ones count half. */
export type OpenTail = { counts: number[]; total: number };

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
export type TailFit = { readonly share: number; readonly from: number; readonly scale: number };

const noFit: TailFit = { share: 1, from: 0, scale: 1 };

/** A fit is of this share of the residuals; the rarer ones are looked at once they have enough of them. */
const shares = { common: 0.2, rare: [0.02, 0.004] } as const;
const fewest = 6;
/** No series is quieter than about 1 %: below that a page would be about nothing. */
const scaleFloor = 0.012;

/** Hill's estimator of the tail index on binned logs, widened by one standard error of itself. */
const fitShare = ({ counts, total }: Tail, wanted: number, overlap: number, least: number, grain: number): TailFit => {
  let [above, sum, bin] = [0, 0, bins - 1];
  for (; bin > 0; bin--) {
    const count = counts[bin] ?? 0;
    if (above + count >= wanted) break;
    above += count;
    sum += count * centreOf(bin);
  }
  const count = counts[bin] ?? 0;
  const [low, high] = [floorOf(bin), floorOf(bin + 1)];
  const from = count > 0 ? high - ((high - low) * (wanted - above)) / count : high;
  sum += ((wanted - above) * (high + from)) / 2;
  // Windows that overlap are not independent: about half a window is one observation.
  const independent = Math.max(1, (2 * wanted) / Math.max(2, overlap));
  const scale = (sum / wanted - from) * (1 + 1 / Math.sqrt(independent)) + scaleFloor + grain;
  return { share: Math.min(0.5, wanted / Math.max(1, total)), from, scale: Math.max(scale, least) };
};

/** What is known of how far a series strays: fits for what it never did, and the record for what it did. */
export type Strays = { readonly fits: readonly TailFit[]; readonly tail: Tail };

/**
 * No fits with too little history.
 *
 * @param overlap points that a residual was taken over
 * @param least of the scales: what is known from elsewhere
 * @param grain of the residuals, added to the scales: steps tell less of a tail than a slope does
 */
export const fitTail = (tail: Tail, overlap: number, least = 0, grain = 0): Strays => {
  if (tail.total < 8) return { fits: [], tail };
  const common = Math.max(tail.total * shares.common, Math.min(tail.total * 0.4, fewest));
  const fits = [fitShare(tail, common, overlap, least, grain)];
  for (const share of shares.rare) {
    if (tail.total * share >= fewest) fits.push(fitShare(tail, tail.total * share, overlap, 0, grain));
  }
  return { fits, tail };
};

/** What has been seen is discounted: neighbours repeat it, and the next one need not be the same to the digit. */
const seenBefore = 0.75;

const surpriseOfSeen = (above: number, total: number): number =>
  above > 0 ? seenBefore * Math.log(total / Math.min(total, above)) : Number.POSITIVE_INFINITY;

/**
 * -ln of how often the series strays that far by its own history: 0 is usual, 7 is one in a thousand. The most cautious
 * of the fits and the bare record decides. Monotone in the residual.
 */
export const surprise = ({ fits, tail }: Strays, residual: number): number => {
  if (fits.length === 0) return 0;
  let above = 0;
  for (let bin = binOf(residual); bin < bins; bin++) above += tail.counts[bin] ?? 0;
  let least = surpriseOfSeen(above, tail.total);
  for (let index = 0; index < fits.length; index++) {
    const { share, from, scale } = fits[index] ?? noFit;
    const over = residual - from;
    const score = over > 0 ? -Math.log(share) + over / scale : index === 0 ? 0 : -Math.log(share);
    least = Math.min(least, score);
  }
  return least;
};

/** The residual at which {@link surprise} reaches a limit; `undefined` when no record says. */
export const residualAt = ({ fits, tail }: Strays, limit: number): number | undefined => {
  if (fits.length === 0) return undefined;
  const fitted = fits.map(({ share, from, scale }) => from + scale * (limit + Math.log(share)));
  let [above, bin] = [tail.counts[bins - 1] ?? 0, bins - 1];
  while (bin > 0 && surpriseOfSeen(above, tail.total) > limit) above += tail.counts[--bin] ?? 0;
  return Math.max(...fitted, floorOf(bin + 1));
};
