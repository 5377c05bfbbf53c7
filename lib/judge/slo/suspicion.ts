import { leastBudget } from './pair.ts';

/** Runs since trouble may have begun. */
export type Suspicion = {
  /** Sum of log likelihood ratios since then. */
  readonly score: number;
  readonly sinceMs: number;
  readonly total: number;
  readonly bad: number;
};

/** What is suspected: ten times the errors that the budget allows, and at most every second event. */
const suspectedShare = (budget: number): number => Math.min(10 * budget, (1 + budget) / 2);

/** One run says no more than this, however many samples it has: the events of a run fail together. */
const mostGain = 4;

/**
 * Dates a trouble: a CUSUM between the budget and ten times as much, which leaves zero where trouble began. It decides
 * nothing; it tells which runs a trouble consists of, so that an old accident in the window is no part of it.
 */
export const suspect = (
  before: Suspicion | undefined,
  { atMs, bad, total }: { readonly atMs: number; readonly bad: number; readonly total: number },
  allowed: number,
): Suspicion | undefined => {
  const budget = Math.min(Math.max(allowed, leastBudget), 0.99);
  const share = suspectedShare(budget);
  const gain = bad * Math.log(share / budget) + (total - bad) * Math.log((1 - share) / (1 - budget));
  const score = (before?.score ?? 0) + Math.min(gain, mostGain);
  if (score <= 0) return undefined;
  const { sinceMs, total: events, bad: bads } = before ?? { sinceMs: atMs, total: 0, bad: 0 };
  return { score, sinceMs, total: events + total, bad: bads + bad };
};
