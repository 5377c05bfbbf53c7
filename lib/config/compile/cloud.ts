import { defaultRetention, type Retention } from '../../result/retention.ts';
import type { Place } from '../place.ts';
import type { BudgetPlan, CloudPlan } from '../plan.ts';
import type { Config } from '../schema/config.ts';
import { given, readDuration } from './values.ts';

/** Below it the runs of a night are gone before anybody looks at them. */
const shortestKeepMs = 86_400_000;

export const compileRetention = (input: Config['retention'], place: Place): Retention => {
  const keep = (key: 'runs' | 'samples') => readDuration(input?.[key], place.at(key), { min: shortestKeepMs });
  return {
    runsMs: keep('runs') ?? defaultRetention.runsMs,
    runCadences: input?.cadences ?? defaultRetention.runCadences,
    samplesMs: keep('samples') ?? defaultRetention.samplesMs,
  };
};

export const compileBudget = (input: Config['budget'], place: Place): BudgetPlan | undefined => {
  if (input === undefined) return undefined;
  if (input.monthly <= 0) {
    const remedy = 'write US dollars a month, such as 25; without a budget nothing is refused';
    place.at('monthly').refuse('must be over 0', { got: input.monthly, remedy });
  }
  return { monthlyUsd: input.monthly };
};

/** IAM: `CreatePolicy`, PolicyName; an ARN has the policy's path in it. */
const policyName = /^[\w+=,.@-]{1,128}$/;
const policyArn = /^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]{1,512}$/;

const checkBoundary = (boundary: string | undefined, place: Place): void => {
  if (boundary === undefined || policyName.test(boundary) || policyArn.test(boundary)) return;
  const remedy = "write its name, such as 'team-boundary', or 'arn:aws:iam::123456789012:policy/team-boundary'";
  place.refuse('is no managed policy', { got: boundary, remedy });
};

/** Default of `cloud.maxConcurrency`. */
const usualConcurrency = 50;

export const compileCloud = (input: Config['cloud'], place: Place): CloudPlan => {
  checkBoundary(input?.permissionsBoundary, place.at('permissionsBoundary'));
  const keep = new Set<CloudPlan['keep'][number]>();
  for (const [kind, at] of place.at('keep').items(input?.keep)) {
    if (keep.has(kind)) at.refuse('stands here twice', { got: kind, remedy: 'remove one of the two' });
    keep.add(kind);
  }
  return {
    keep: [...keep],
    customerKey: input?.customerKey ?? false,
    ...given('permissionsBoundary', input?.permissionsBoundary),
    maxConcurrency: input?.maxConcurrency ?? usualConcurrency,
  };
};
