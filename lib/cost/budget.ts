import type { Plan } from '../config/plan.ts';
import { type CostEstimate, type CostLine, estimateCost } from './estimate.ts';
import { formatUsd } from './money.ts';

/** Lines that a refusal names. */
const named = 3;

const dearest = ({ fixed, marginal }: CostEstimate): readonly CostLine[] =>
  [...fixed, ...marginal].toSorted((left, right) => right.usd - left.usd).slice(0, named);

/** Why the budget of a plan refuses its estimate, in one sentence with its remedy; `undefined` when it holds, or there is none. */
export const budgetProblem = (plan: Plan, known?: CostEstimate): string | undefined => {
  if (plan.budget === undefined) return undefined;
  const estimate = known ?? estimateCost(plan);
  if (estimate.totalUsd <= plan.budget.monthlyUsd) return undefined;
  const lines = dearest(estimate).map(({ what, usd }) => `${what} ${formatUsd(usd)}`);
  return (
    `a month of this plan costs ${formatUsd(estimate.totalUsd)}, which is over the budget of ` +
    `${formatUsd(plan.budget.monthlyUsd)}; most of it is ${lines.join(', ')}: ` +
    'run probes less often, keep less, or raise budget.monthly (plimsoll cost shows every line)'
  );
};
