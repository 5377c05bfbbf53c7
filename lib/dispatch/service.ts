import { keysOf } from '../judge/judge.ts';
import type { DeployedPlan, DeployedService } from './deployed.ts';

/** What a probe has to know of its service. */
export const deployedService = ({ environment, plan, values }: DeployedPlan): DeployedService => ({
  service: plan.service,
  environment,
  variables: plan.variables,
  values,
  network: plan.network,
  maintenance: plan.maintenance,
  ...(plan.control ? { control: plan.control } : {}),
  keys: keysOf(plan.probes),
  metrics: plan.metrics,
  retention: plan.retention,
});
