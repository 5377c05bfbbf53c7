import type { RegressionRule } from './finding.ts';

/**
 * detection.md §8.6 and §11. A ticket asks for as much as a page: with 7, an hourly probe of 20 samples would have four false
 * tickets a year instead of one, and a growth of 30 % would be found one run sooner (bench/README.md).
 */
const limits = { usual: 9, oftenTested: 12 } as const;

const hourMs = 3_600_000;

/** Series in a plan up to which a limit holds as it is. */
const fewKeys = 50;

/**
 * Evidence (a sum of log likelihood ratios) at which a regression is confirmed. Probes that run more often than hourly
 * are tested thousands of times a month, and a plan of many series as often as it has series: both ask for more.
 */
export const limitOf = ({ keys = 1 }: RegressionRule, cadenceMs: number | undefined): number => {
  const often = cadenceMs !== undefined && cadenceMs < hourMs;
  const limit = often ? limits.oftenTested : limits.usual;
  return limit + Math.log(Math.max(1, keys / fewKeys));
};
