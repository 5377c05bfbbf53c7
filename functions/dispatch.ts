import { atFirstCall, type Ground, lambdaGround } from '../lib/aws/deps.ts';
import { handOut } from '../lib/aws/dispatch/hand-out.ts';
import { openPlanSource } from '../lib/aws/plan-source.ts';
import { readSettings } from '../lib/aws/settings.ts';
import { openWorkQueue } from '../lib/aws/work-queue.ts';
import type { DispatchOutput } from '../lib/dispatch/input.ts';
import { readDispatchInput } from '../lib/dispatch/read-input.ts';

/** Puts the runs that are due into the work queue, and answers which. */
export const createDispatchHandler = (ground: Ground) => {
  const { env, clients, clock, log } = ground;
  const { planParameter, workQueueUrl, table, region } = readSettings(env, ['planParameter', 'workQueueUrl', 'table']);
  const plan = openPlanSource({ ...clients, parameter: planParameter, clock });
  const queue = openWorkQueue({ sqs: clients.sqs, queueUrl: workQueueUrl }, ground);
  const deps = { clock, log, dynamo: clients.dynamo, table, plan, queue, region };
  return async (event: unknown): Promise<DispatchOutput> => {
    const input = readDispatchInput(event);
    if (!input.ok) throw new Error(input.message);
    return handOut(input.value, deps);
  };
};

export const handler = atFirstCall(() => createDispatchHandler(lambdaGround()));
