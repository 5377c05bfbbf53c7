import type { Plan } from '../config/plan.ts';
import { budgetProblem } from '../cost/budget.ts';
import { estimateCost } from '../cost/estimate.ts';
import { formatUsd } from '../cost/money.ts';
import { countResources, type ResourceTypes, resourcesOf } from '../cost/resources.ts';
import { plural } from '../report/format.ts';

/** What a deploy of a plan would be. US dollars of a month. */
export type CloudCheck = {
  readonly resources: number;
  /** By CloudFormation type. */
  readonly types: ResourceTypes;
  readonly monthlyUsd: number;
  readonly fixedUsd: number;
  /** `null`: nothing has a schedule. */
  readonly perRunUsd: number | null;
  readonly freeTierUsd: number;
  readonly syntheticsUsd: number;
  /** Why the budget refuses it; absent: it holds, or there is none. */
  readonly overBudget?: string;
};

export const checkCloud = (plan: Plan): CloudCheck => {
  const types = resourcesOf(plan);
  const estimate = estimateCost(plan);
  const { totalUsd: monthlyUsd, fixedUsd, perRunUsd, freeTier, synthetics } = estimate;
  const overBudget = budgetProblem(plan, estimate);
  return {
    resources: countResources(types),
    types,
    monthlyUsd,
    fixedUsd,
    perRunUsd,
    freeTierUsd: freeTier.totalUsd,
    syntheticsUsd: synthetics.totalUsd,
    ...(overBudget === undefined ? {} : { overBudget }),
  };
};

/** The same in two lines for a person. */
export const describeCloud = (cloud: CloudCheck, { budget }: Plan): readonly string[] => {
  const each = cloud.perRunUsd === null ? '' : ` and ${formatUsd(cloud.perRunUsd)} a run`;
  const limit = budget === undefined ? '' : `, of a budget of ${formatUsd(budget.monthlyUsd)}`;
  return [
    `AWS  ${plural(cloud.resources, 'resource')}, ${formatUsd(cloud.monthlyUsd)} a month${limit}: ${formatUsd(cloud.fixedUsd)} fixed${each}`,
    `     ${formatUsd(cloud.freeTierUsd)} with the free tier; ${formatUsd(cloud.syntheticsUsd)} on CloudWatch Synthetics; plimsoll cost shows every line`,
  ];
};
