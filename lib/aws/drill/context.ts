import type { DeployedPlan } from '../../dispatch/deployed.ts';
import { resolveDeployed } from '../../dispatch/resolve.ts';
import { createGuard } from '../../probe/guard.ts';
import { type ProbeContext, usualTaintedAboveMs } from '../../probe/prober.ts';
import { createRedactor } from '../../result/redact.ts';
import type { Ground } from '../deps.ts';
import type { Secrets } from '../secrets.ts';

/**
 * What a drill talks to its target with: loopback is closed unless `network.allow` opens it.
 *
 * @throws Error when a required variable has no value, or its source is broken.
 */
export const drillContext = async (
  { plan, values }: DeployedPlan,
  secrets: Secrets,
  { clock }: Pick<Ground, 'clock'>,
): Promise<ProbeContext> => {
  const { variables, network } = plan;
  await secrets.warm(variables);
  const resolved = await resolveDeployed({ variables, values }, secrets);
  if (resolved.missing.length > 0) {
    const from = resolved.missing.map((name) => `${name} (${variables[name]?.from.join(', ') ?? 'no source'})`);
    throw new Error(`required and not set: ${from.join(', ')}`);
  }
  const hidden = [...resolved.values].filter(([name]) => variables[name]?.secret).map(([, value]) => value);
  return {
    clock,
    values: resolved.values,
    guard: createGuard({ allow: network.allow, loopback: false }),
    redact: createRedactor(hidden),
    taintedAboveMs: usualTaintedAboveMs,
    concurrency: 1,
  };
};
