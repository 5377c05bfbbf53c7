import type { Random } from '../detection/random.ts';

/** Share of events that fail, and of runs that fail whole. */
export type Condition = { readonly errors: number; readonly blips: number };

/** detection.md §9. */
export const healthy: Condition = { errors: 0.003, blips: 0.001 };

export type RunCount = { readonly atMs: number; readonly bad: number; readonly total: number };

/** Cumulative chances of 0 to n bad events in a run. */
const binomial = (n: number, p: number): readonly number[] => {
  const cumulative: number[] = [];
  let [term, sum] = [(1 - p) ** n, 0];
  for (let bad = 0; bad <= n; bad++) {
    sum += term;
    cumulative.push(sum);
    term *= p >= 1 ? 0 : ((n - bad) / (bad + 1)) * (p / (1 - p));
  }
  cumulative[n] = 1;
  return cumulative;
};

/** Draws the bad events of one run after the other. */
export const openService = (condition: Condition, samples: number, random: Random): (() => number) => {
  const cumulative = binomial(samples, condition.errors);
  return () => {
    if (random.uniform() < condition.blips) return samples;
    const at = random.uniform();
    return cumulative.findIndex((chance) => at < chance);
  };
};
