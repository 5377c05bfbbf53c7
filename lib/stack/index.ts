import { parseConfig } from '../config/parse.ts';
import type { Plan } from '../config/plan.ts';
import { formatProblems } from '../config/problem.ts';
import { PlanRefused } from './refusal.ts';

export type { Environment, Plan } from '../config/plan.ts';
export { Plimsoll, type PlimsollProps } from './plimsoll.ts';
export { PlanRefused } from './refusal.ts';

/**
 * Checks a config, as `defineConfig` gives it or as JSON, and answers what it means.
 *
 * @throws PlanRefused with every problem of it at once.
 */
export const planOf = (config: unknown): Plan => {
  const result = parseConfig(config);
  if (!result.ok) throw new PlanRefused([formatProblems(result.problems)]);
  return result.plan;
};
