import type { LatencyMs, Percentiles } from './result.ts';

/** A plain decimal as whole numbers: 99.9 is 999 over 10. Reads what was written, not its binary neighbour. */
const toFraction = (value: number): { readonly numerator: bigint; readonly denominator: bigint } => {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', decimals = ''] = mantissa.split('.');
  const shift = Number(exponent) - decimals.length;
  const digits = BigInt(whole + decimals);
  return shift >= 0
    ? { numerator: digits * 10n ** BigInt(shift), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-shift) };
};

/**
 * Nearest rank: the smallest position (1 to `count`) that has at least `share` of `whole` at or below it, which is
 * ⌈share · count / whole⌉, in whole numbers: in floating point 0.07 · 100 is over 7 and would slip to the 8th.
 *
 * @throws RangeError when the share lies outside 0..whole, or the count is not a whole number of 1 and up.
 */
export const nearestRank = (share: number, count: number, whole: 1 | 100 = 1): number => {
  if (!(share >= 0 && share <= whole)) throw new RangeError(`a rank needs a share from 0 to ${whole}, not ${share}`);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`no rank among ${count} values`);
  const { numerator, denominator } = toFraction(share);
  const divisor = denominator * BigInt(whole);
  const rank = (numerator * BigInt(count) + divisor - 1n) / divisor;
  return Math.max(1, Number(rank));
};

/** Ascending; `null`, which is above every limit, comes last. */
export const compareLatencies = (a: LatencyMs, b: LatencyMs): number => {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a - b;
};

/**
 * The p-th percentile (0 to 100) by nearest rank of values that `compareLatencies` has sorted: always a value that was
 * measured. `null` when that value is above every limit, and when there is no value at all.
 *
 * So `p(95) < L` holds exactly when at most ⌊0.05 n⌋ values are at or over L.
 */
export const percentile = (sorted: readonly LatencyMs[], p: number): LatencyMs =>
  sorted.length === 0 ? null : (sorted[nearestRank(p, sorted.length, 100) - 1] ?? null);

/** The percentiles that a run keeps, of values in any order; all `null` when there are none. */
export const percentiles = (values: readonly LatencyMs[]): Percentiles => {
  const sorted = values.toSorted(compareLatencies);
  return {
    min: percentile(sorted, 0),
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
    max: percentile(sorted, 100),
  };
};
