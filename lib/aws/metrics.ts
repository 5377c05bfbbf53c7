import type { ProbePlan } from '../config/plan.ts';
import { type Gauges, gaugesOf, isBreached } from '../judge/gauges.ts';
import type { ProbeState } from '../judge/memory.ts';
import { dimensionNames, metricNames, metricNamespace, probeMetricNames } from '../names.ts';
import type { Clock } from '../probe/prober.ts';
import type { StoredRun } from '../result/store.ts';
import { type Datum, runData } from './metrics/run-data.ts';
import type { CloudWatchClient } from './sdk/cloudwatch.ts';
import { type Batching, type SendDeps, sendBatches } from './send-batches.ts';

export type { Datum } from './metrics/run-data.ts';

/** What the judge publishes. */
type GaugeInput = {
  readonly states: readonly ProbeState[];
  readonly probes: readonly ProbePlan[];
  readonly metrics: 'service' | 'probe';
  /** A tick says that the judge is alive. */
  readonly heartbeat: boolean;
};

/** Publishes to CloudWatch. Never rejects: what could not be published is one line of the log; answers whether all was. */
export type Metrics = {
  publishGauges(input: GaugeInput): Promise<boolean>;
  publishRuns(runs: readonly StoredRun[], metrics: 'service' | 'probe'): Promise<boolean>;
};

/** PutMetricData takes 1,000 metrics and 1 MB. */
const mostEntries = 1_000;
const mostBytes = 1_000_000;

/** Two weeks back and two hours ahead are taken, both with an hour to spare. */
const oldestMs = 14 * 86_400_000 - 3_600_000;
const newestMs = 3_600_000;

type MetricsDeps = SendDeps & {
  readonly cloudwatch: () => Promise<CloudWatchClient>;
  readonly service: string;
  /** The real one, never one that is set forward: CloudWatch knows no other. */
  readonly clock: Clock;
};

const timeOf = (atMs: number, nowMs: number): Date =>
  new Date(atMs < nowMs - oldestMs || atMs > nowMs + newestMs ? nowMs : atMs);

const batchingOf = ({ cloudwatch, service, clock }: MetricsDeps): Batching<Datum> => ({
  mostEntries,
  mostBytes,
  // As JSON it is longer than any protocol of CloudWatch writes it.
  bytesOf: (datum) => JSON.stringify(datum).length + 200,
  send: async (data) => {
    const { PutMetricDataCommand } = await import('./sdk/cloudwatch.ts');
    const nowMs = clock.now();
    const MetricData = data.map(({ name, probe, atMs, values, counts, unit }) => ({
      MetricName: name,
      Dimensions: [
        { Name: dimensionNames.service, Value: service },
        ...(probe === undefined ? [] : [{ Name: dimensionNames.probe, Value: probe }]),
      ],
      Timestamp: timeOf(atMs, nowMs),
      Values: [...values],
      Counts: [...counts],
      Unit: unit,
    }));
    await (await cloudwatch()).send(new PutMetricDataCommand({ Namespace: metricNamespace, MetricData }));
    return [];
  },
});

const gauge = (name: string, value: number, atMs: number, probe?: string): Datum => ({
  name,
  ...(probe === undefined ? {} : { probe }),
  atMs,
  values: [value],
  counts: [1],
  unit: 'Count',
});

const gaugeData = ({ states, probes, metrics, heartbeat }: GaugeInput, atMs: number): readonly Datum[] => {
  const counted = Object.entries(gaugesOf(states, probes)) as [keyof Gauges, number][];
  const byProbe = new Map(states.map((state) => [state.probe, state]));
  const own = probes.filter(({ alarm }) => metrics === 'probe' || alarm.dedicated);
  return [
    ...counted.map(([name, value]) => gauge(metricNames[name], value, atMs)),
    ...(heartbeat ? [gauge(metricNames.judgeHeartbeat, 1, atMs)] : []),
    ...own.map(({ id }) => {
      const state = byProbe.get(id);
      return gauge(probeMetricNames.breached, state && isBreached(state) ? 1 : 0, atMs, id);
    }),
  ];
};

export const openMetrics = (deps: MetricsDeps): Metrics => {
  const publish = async (data: readonly Datum[]): Promise<boolean> => {
    const unsent = await sendBatches(data, batchingOf(deps), deps);
    if (unsent.length === 0) return true;
    const reasons = [...new Set(unsent.map(({ reason }) => reason))];
    deps.log({ level: 'warn', what: 'metrics not published', metrics: unsent.length, of: data.length, reasons });
    return false;
  };
  return {
    publishGauges: (input) => publish(gaugeData(input, deps.clock.now())),
    publishRuns: (runs, metrics) => publish(runData(runs, metrics)),
  };
};
