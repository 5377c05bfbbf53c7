import type { Environment, Plan } from '../config/plan.ts';
import { formatProblems } from '../config/problem.ts';
import { checkOverrides } from '../config/variables.ts';
import { budgetProblem } from '../cost/budget.ts';
import { type Cadences, cadencesOf } from '../dispatch/cadence.ts';
import { deployPlan } from '../dispatch/deploy.ts';
import type { DeployedPlan } from '../dispatch/deployed.ts';
import { type EmailSubscription, emailSubscriptions, ownTopics } from '../page/topics.ts';
import { PlanRefused } from './refusal.ts';

export type BakeInput = {
  readonly plan: Plan;
  readonly environment: Environment;
  /** Values of variables, as `--set` gives them on the command line. */
  readonly values: Readonly<Record<string, string>>;
  readonly env: (name: string) => string | undefined;
};

/** What a stack is made of. */
export type Baked = {
  readonly deployed: DeployedPlan;
  readonly cadences: Cadences;
  readonly subscriptions: readonly EmailSubscription[];
  /** ARNs of topics that are the user's own. */
  readonly ownTopics: readonly string[];
};

const receivers = ({ plan, values }: DeployedPlan): Pick<Baked, 'subscriptions' | 'ownTopics'> => {
  const known = new Map(Object.entries(values));
  try {
    return { subscriptions: emailSubscriptions(plan.notify, known), ownTopics: ownTopics(plan.notify, known) };
  } catch (error) {
    throw new PlanRefused([error instanceof Error ? error.message : String(error)]);
  }
};

/**
 * Settles what a synth has to know of a plan.
 *
 * @throws PlanRefused with every reason against deploying it.
 */
export const bake = ({ plan, environment, values, env }: BakeInput): Baked => {
  const overrides = checkOverrides(plan, Object.keys(values));
  const flag = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);
  const deployment = deployPlan(plan, environment, { flag, env });
  const over = budgetProblem(plan);
  const problems = [
    ...(overrides.length > 0 ? [formatProblems(overrides)] : []),
    ...(deployment.ok ? [] : deployment.problems),
    ...(over === undefined ? [] : [over]),
  ];
  if (problems.length > 0 || !deployment.ok) throw new PlanRefused(problems);
  const cadences = cadencesOf(plan.probes);
  const { deployed } = deployment;
  return { deployed, cadences, ...receivers(deployed) };
};
