import type { DeployedPlan } from '../dispatch/deployed.ts';
import type { Clock } from '../probe/prober.ts';
import type { S3Client } from './sdk/s3.ts';
import type { SSMClient } from './sdk/ssm.ts';

export type PlanSource = () => Promise<DeployedPlan>;

type PlanDeps = {
  readonly ssm: () => Promise<SSMClient>;
  readonly s3: () => Promise<S3Client>;
  /** Name of the parameter that holds where the plan is. */
  readonly parameter: string;
  readonly clock: Clock;
};

/** A deploy is seen within this time. */
const lifeMs = 60_000;

const readLocation = async ({ ssm, parameter }: PlanDeps): Promise<string> => {
  const { GetParameterCommand } = await import('./sdk/ssm.ts');
  const { Parameter } = await (await ssm()).send(new GetParameterCommand({ Name: parameter }));
  return Parameter?.Value ?? '';
};

const readObject = async ({ s3, parameter }: PlanDeps, location: string): Promise<DeployedPlan> => {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new Error(`the parameter ${parameter} must be s3://bucket/key, which a deploy sets, and is "${location}"`);
  }
  const { GetObjectCommand } = await import('./sdk/s3.ts');
  const { Body } = await (await s3()).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const deployed = JSON.parse((await Body?.transformToString()) ?? 'null') as DeployedPlan | null;
  if (deployed?.schema !== 1) {
    throw new Error(`the plan at ${location} has another schema than 1: deploy functions and plan together`);
  }
  return deployed;
};

/** The deployed plan, kept for a minute; the object is read anew only when the parameter names another one. */
export const openPlanSource = (deps: PlanDeps): PlanSource => {
  let known: { readonly location: string; readonly deployed: DeployedPlan; untilMs: number } | undefined;
  return async () => {
    const nowMs = deps.clock.monotonic();
    if (known && nowMs < known.untilMs) return known.deployed;
    const location = await readLocation(deps);
    const untilMs = nowMs + lifeMs;
    const deployed = known?.location === location ? known.deployed : await readObject(deps, location);
    known = { location, deployed, untilMs };
    return deployed;
  };
};
