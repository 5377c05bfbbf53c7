import { percentile } from '../lib/result/percentiles.ts';

/** Percentile `p` of ascending values, by nearest rank. */
export const rankOf = (sorted: readonly number[], p: number): number => percentile(sorted, p) ?? Number.NaN;
