import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { findStack } from '../../lib/aws/stack.ts';
import type { Cloud } from '../../lib/cli/aws/reach.ts';
import { openStackStore } from '../../lib/cli/aws/store.ts';
import { dimensionNames, metricNames, metricNamespace } from '../../lib/names.ts';
import { eventually } from '../support/deployed.ts';
import type { RealStack } from './stack.ts';

type Say = (line: string) => void;

const hourMs = 3_600_000;

const requireEqual = (what: string, got: unknown, wanted: unknown): void => {
  if (got !== wanted) throw new Error(`${what} is ${JSON.stringify(got)}, and should be ${JSON.stringify(wanted)}`);
};

/** A schedule fires by itself, and its run comes through queue and function into the table. */
const awaitScheduled = async ({ name, probe, plan }: RealStack, cloud: Cloud, say: Say): Promise<void> => {
  const store = openStackStore(cloud, await findStack(cloud, name, ['table', 'bucket']), plan);
  const run = await eventually('a run that a schedule fired', async () => {
    const [first] = await store.list({ probe, trigger: 'schedule' });
    return first;
  });
  say(`a schedule fired: ${run.runId} of ${run.slot}, ${run.verdict}, on Node ${run.self?.node}`);
  requireEqual('its verdict', run.verdict, 'pass');
};

/** On demand, through the guard of IAM; the same token gives the same run. */
const runOnDemand = async ({ plimsoll, probe, name }: RealStack, say: Say): Promise<void> => {
  const ask = async (): Promise<string> =>
    JSON.parse(await plimsoll('run', probe, '--aws', '--token', name, '--json')).runs[0].runId;
  const first = await ask();
  say(`ran on demand: ${first}`);
  requireEqual('the run of the same token', await ask(), first);
};

const awaitMetric = async ({ plan: { service } }: RealStack, { config }: Cloud, say: Say): Promise<void> => {
  const cloudwatch = new CloudWatchClient(config);
  const query = () => ({
    Namespace: metricNamespace,
    MetricName: metricNames.latencyMs,
    Dimensions: [{ Name: dimensionNames.service, Value: service }],
    StartTime: new Date(Date.now() - hourMs),
    EndTime: new Date(Date.now() + hourMs),
    Period: 3600,
    ExtendedStatistics: ['p95'],
  });
  const p95 = await eventually('its latency as a metric', async () => {
    const { Datapoints: [point] = [] } = await cloudwatch.send(new GetMetricStatisticsCommand(query()));
    return point?.ExtendedStatistics?.p95;
  });
  say(`its latency is a metric: p95 ${p95.toFixed(1)} ms`);
};

/** Deploys, and sees that it works. @throws Error that says what does not. */
export const checkStack = async (stack: RealStack, cloud: Cloud, say: Say): Promise<void> => {
  await stack.deploy();
  await awaitScheduled(stack, cloud, say);
  await runOnDemand(stack, say);
  await awaitMetric(stack, cloud, say);
};
