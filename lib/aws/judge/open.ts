import type { DeployedPlan } from '../../dispatch/deployed.ts';
import type { Ground } from '../deps.ts';
import { openDynamoStore } from '../dynamodb/store.ts';
import { openTable } from '../dynamodb/table.ts';
import { openEvents } from '../events.ts';
import { openMetrics } from '../metrics.ts';
import { openPlanSource, type PlanSource } from '../plan-source.ts';
import { openSamples } from '../samples.ts';
import { readSettings } from '../settings.ts';
import { openWorkQueue } from '../work-queue.ts';
import type { TickDeps } from './tick.ts';
import { takeTurn } from './turn.ts';

type JudgeSources = Pick<Ground, 'clock' | 'log'> & {
  readonly plan: PlanSource;
  readonly tickDeps: (deployed: DeployedPlan, remainingMs: () => number) => Promise<TickDeps>;
};

/** All that the judge function works with. */
export const openJudgeDeps = (ground: Ground): JudgeSources => {
  const { clients, clock, env } = ground;
  const { ssm, s3, sqs, eventbridge, cloudwatch } = clients;
  const settings = readSettings(env, ['table', 'bucket', 'workQueueUrl', 'planParameter']);
  const { table, bucket } = settings;
  return {
    clock,
    log: ground.log,
    plan: openPlanSource({ ssm, s3, parameter: settings.planParameter, clock }),
    tickDeps: async (deployed, remainingMs) => ({
      deployed,
      turn: async () => takeTurn({ ...ground, table: openTable({ dynamo: await clients.dynamo(), table }) }),
      store: openDynamoStore({
        dynamo: await clients.dynamo(),
        table,
        samples: openSamples({ s3: await s3(), bucket }),
        clock,
        retention: deployed.plan.retention,
      }),
      events: openEvents({ eventbridge }, ground),
      queue: openWorkQueue({ sqs, queueUrl: settings.workQueueUrl }, ground),
      metrics: openMetrics({ ...ground, cloudwatch, service: deployed.plan.service }),
      log: ground.log,
      remainingMs,
    }),
  };
};
