import { type SketchData, sketchAlpha } from '../../result/sketch.ts';

/**
 * Latencies on a logarithmic ruler: bin `k` holds those in (e^((k-1)w), e^(kw)] ms, w = `binWidth`. Twice as wide as a
 * sketch's bins, so that a baseline of many chunks stays small; 4 % is fine beside a limit of 20 %.
 */
export type Histogram = {
  /** All samples, `over` among them. */
  readonly total: number;
  /** Samples without an answer: above every limit. */
  readonly over: number;
  /** Bin of the first count. */
  readonly first: number;
  readonly counts: readonly number[];
};

const lnGamma = Math.log((1 + sketchAlpha) / (1 - sketchAlpha));

/** ln of the upper over the lower end of a bin. */
export const binWidth = 2 * lnGamma;

/** Bins that one histogram may span, a factor of 28,000 between lowest and highest: below that they are one. */
const maxBins = 256;

/** Where values of (nearly) 0 go: 10 ns. */
const lowestBin = Math.round(Math.log(1e-5) / binWidth);

export const emptyHistogram: Histogram = { total: 0, over: 0, first: 0, counts: [] };

/** Bin of a latency in ms. */
export const binOf = (latencyMs: number): number =>
  latencyMs > 0 ? Math.max(lowestBin, Math.ceil(Math.log(latencyMs) / binWidth)) : lowestBin;

/** Upper end of a bin in ms. */
export const upperEnd = (bin: number): number => Math.exp(bin * binWidth);

const spanned = (first: number, counts: number[]): Pick<Histogram, 'first' | 'counts'> => {
  const surplus = counts.length - maxBins;
  if (surplus <= 0) return { first, counts };
  const kept = counts.slice(surplus);
  kept[0] = counts.slice(0, surplus + 1).reduce((sum, count) => sum + count, 0);
  return { first: first + surplus, counts: kept };
};

/** Bin of ours for a bin of a sketch; exact for the sketches that we make ourselves. */
const rebin = (alpha: number): ((key: number, shift: number) => number) => {
  if (alpha === sketchAlpha) return (key, shift) => Math.max(lowestBin, Math.ceil((key - shift) / 2));
  const own = Math.log((1 + alpha) / (1 - alpha));
  return (key, shift) => Math.max(lowestBin, Math.ceil(((key - 0.5) * own - shift * lnGamma) / binWidth));
};

/**
 * A run's samples.
 *
 * @param seasonLog ln of the factor by which the time of day or week makes them slower; taken out, to 1 %.
 */
export const histogramOf = (sketch: SketchData, unanswered: number, seasonLog = 0): Histogram => {
  const shift = Math.round(seasonLog / lnGamma);
  const binAt = rebin(sketch.alpha);
  const total = sketch.count + unanswered;
  const last = sketch.bins.at(-1);
  const head = sketch.bins[0];
  if (!last || !head) {
    const zeros = { first: lowestBin, counts: sketch.zeros > 0 ? [sketch.zeros] : [] };
    return { total, over: unanswered, ...zeros };
  }
  const first = sketch.zeros > 0 ? lowestBin : binAt(head[0], shift);
  const counts = new Array<number>(binAt(last[0] + last.length - 2, shift) - first + 1).fill(0);
  if (sketch.zeros > 0) counts[0] = sketch.zeros;
  for (const bins of sketch.bins) {
    for (let index = 1; index < bins.length; index++) {
      const at = binAt(bins[0] + index - 1, shift) - first;
      counts[at] = (counts[at] ?? 0) + (bins[index] ?? 0);
    }
  }
  return { total, over: unanswered, ...spanned(first, counts) };
};

export const mergeHistograms = (histograms: readonly Histogram[]): Histogram => {
  const filled = histograms.filter(({ counts }) => counts.length > 0);
  const total = histograms.reduce((sum, one) => sum + one.total, 0);
  const over = histograms.reduce((sum, one) => sum + one.over, 0);
  if (filled.length === 0) return { ...emptyHistogram, total, over };
  let [first, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of filled) {
    first = Math.min(first, one.first);
    end = Math.max(end, one.first + one.counts.length);
  }
  const counts = new Array<number>(end - first).fill(0);
  for (const one of filled) {
    const offset = one.first - first;
    for (let index = 0; index < one.counts.length; index++) {
      counts[offset + index] = (counts[offset + index] ?? 0) + (one.counts[index] ?? 0);
    }
  }
  return { total, over, ...spanned(first, counts) };
};

/** Everything below a bin put into it: for what only its upper part is asked of. */
export const floorAt = (histogram: Histogram, bin: number): Histogram => {
  const cut = bin - histogram.first;
  if (cut <= 0) return histogram;
  const low = histogram.counts.slice(0, cut + 1).reduce((sum, count) => sum + count, 0);
  const counts = cut < histogram.counts.length ? [low, ...histogram.counts.slice(cut + 1)] : low > 0 ? [low] : [];
  return { ...histogram, first: bin, counts };
};

/** The same shape, moved by so many bins, with its counts made smaller by a factor (to a thousandth of a sample). */
export const rescaled = ({ over, first, counts }: Histogram, byBins: number, weight: number): Histogram => {
  const scaled = (count: number) => Math.round(1000 * count * weight) / 1000;
  const lighter = counts.map(scaled);
  const total = lighter.reduce((sum, count) => sum + count, scaled(over));
  return { total, over: scaled(over), first: first + byBins, counts: lighter };
};

/** Samples above the upper end of a bin: exact. */
export const countAbove = ({ over, first, counts }: Histogram, bin: number): number => {
  let above = over;
  for (let index = Math.max(0, bin - first + 1); index < counts.length; index++) above += counts[index] ?? 0;
  return above;
};

/** Samples above a place on the ruler (in bins, a fraction allowed): inside a bin in proportion. */
export const countAbovePlace = (histogram: Histogram, place: number): number => {
  const bin = Math.ceil(place);
  const inBin = histogram.counts[bin - histogram.first] ?? 0;
  return countAbove(histogram, bin) + inBin * (bin - place);
};

/**
 * Place on the ruler (in bins) below which a share of the samples lies, in proportion inside its bin. `null` when there
 * are none, or when it falls among those without an answer.
 */
export const placeOf = ({ total, over, first, counts }: Histogram, share: number): number | null => {
  const rank = share * total;
  if (total === 0 || rank > total - over) return null;
  let seen = 0;
  for (let index = 0; index < counts.length; index++) {
    const inBin = counts[index] ?? 0;
    if (inBin > 0 && seen + inBin >= rank) return first + index - 1 + (rank - seen) / inBin;
    seen += inBin;
  }
  return null;
};

/** A quantile in ms, `null` as of `placeOf`. */
export const quantileOf = (histogram: Histogram, share: number): number | null => {
  const place = placeOf(histogram, share);
  return place === null ? null : Math.exp(place * binWidth);
};
