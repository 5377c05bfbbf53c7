import { openDeadLetters } from '../dead-letters.ts';
import type { Ground } from '../deps.ts';
import { openEvents } from '../events.ts';
import { once } from '../once.ts';
import { secretReaders } from '../secrets.ts';
import { readSettings } from '../settings.ts';
import { openWorkQueue } from '../work-queue.ts';
import { openKeptWith } from './kept.ts';
import type { ReceiveDeps } from './receive.ts';

/** All that the probe function works with. The SDK's clients are loaded when they are asked for. */
export const openProbeDeps = (ground: Ground): ReceiveDeps => {
  const { clients, clock } = ground;
  const names = ['table', 'bucket', 'workQueueUrl', 'deadLetterQueueUrl'] as const;
  const settings = readSettings(ground.env, names);
  const { sqs, eventbridge, ssm, secretsManager } = clients;
  return {
    ...ground,
    region: settings.region,
    environment: settings.environment,
    secrets: secretReaders({ ssm, secretsManager, clock }),
    queue: openWorkQueue({ sqs, queueUrl: settings.workQueueUrl }, ground),
    deadLetters: openDeadLetters({ sqs, queueUrl: settings.deadLetterQueueUrl }),
    events: openEvents({ eventbridge }, ground),
    openKept: openKeptWith(ground, settings),
    leases: once(async () => {
      const { openLeases } = await import('../dynamodb/leases.ts');
      return openLeases({ dynamo: await clients.dynamo(), table: settings.table, clock });
    }),
    publishRuns: async ({ service, metrics }, runs) => {
      const { openMetrics } = await import('../metrics.ts');
      return openMetrics({ ...ground, cloudwatch: clients.cloudwatch, service }).publishRuns(runs, metrics);
    },
  };
};
