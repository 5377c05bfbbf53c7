import type { RegressionRule } from './finding.ts';

/** detection.md §8.6, tuned on the simulator of its §7: false alarms fall threefold or so for each step. */
const limits = { ticket: 7, page: 9, oftenTested: 12 } as const;

const hourMs = 3_600_000;

/** Series in a plan up to which a limit holds as it is. */
const fewKeys = 50;

/**
 * Evidence (a sum of log likelihood ratios) at which a regression is confirmed. Probes that run more often than hourly
 * are tested thousands of times a month, and a plan of many series as often as it has series: both ask for more.
 */
export const limitOf = ({ severity, keys = 1 }: RegressionRule, cadenceMs: number | undefined): number => {
  const often = cadenceMs !== undefined && cadenceMs < hourMs;
  const limit = often ? limits.oftenTested : limits[severity];
  return limit + Math.log(Math.max(1, keys / fewKeys));
};
