import { binomialCdf } from '../interval.ts';

const share = 0.95;
const outside = 0.025;

/** Past this the normal approximation is the same to a rank in a thousand, and much faster. */
const manySamples = 20_000;

/**
 * Ranks (1 to n) of the samples between which the true p95 lies with 95 % confidence, by binomial order statistics: no
 * assumption on the shape of the latencies. The upper one is `null`, open, below 72 samples.
 */
export const ranksAroundP95 = (n: number): readonly [low: number, high: number | null] => {
  const spread = 1.96 * Math.sqrt(n * share * (1 - share));
  let low = Math.max(0, Math.floor(n * share - spread));
  let high = Math.min(n + 1, Math.ceil(n * share + spread) + 1);
  if (n < manySamples) {
    const below = (rank: number) => binomialCdf(rank - 1, n, share);
    while (low > 0 && below(low) > outside) low--;
    while (low < n && below(low + 1) <= outside) low++;
    while (high <= n && 1 - below(high) > outside) high++;
    while (high > 1 && 1 - below(high - 1) <= outside) high--;
  }
  return [Math.max(1, low), high > n ? null : high];
};
