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

/** A deploy is seen within this time. By the wall clock: the monotonic one stands still while Lambda keeps us frozen. */
const lifeMs = 60_000;

/** Until the next look, where AWS could not say which plan it is; and for how long one that was read is good without it. */
const blindMs = 10_000;
const longestBlindMs = 900_000;

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

type Known = {
  readonly location: string;
  readonly deployed: DeployedPlan;
  readonly readMs: number;
  readonly untilMs: number;
};

const read = async (deps: PlanDeps, before: Known | undefined): Promise<Known> => {
  const readMs = deps.clock.now();
  const location = await readLocation(deps);
  const deployed = before?.location === location ? before.deployed : await readObject(deps, location);
  return { location, deployed, readMs, untilMs: readMs + lifeMs };
};

/**
 * The deployed plan, kept for a minute; the object is read anew only when the parameter names another one. One that is known
 * stays for a quarter of an hour where none can be read: SSM that throttles for a minute must not take its slots.
 */
export const openPlanSource = (deps: PlanDeps): PlanSource => {
  let known: Known | undefined;
  return async () => {
    if (known && deps.clock.now() < known.untilMs) return known.deployed;
    const before = known;
    known = await read(deps, before).catch((error: unknown) => {
      const nowMs = deps.clock.now();
      if (!before || nowMs > before.readMs + longestBlindMs) throw error;
      return { ...before, untilMs: nowMs + blindMs };
    });
    return known.deployed;
  };
};
