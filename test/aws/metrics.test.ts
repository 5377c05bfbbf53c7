import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { openClients } from '../../lib/aws/clients.ts';
import { runData } from '../../lib/aws/metrics/run-data.ts';
import { openMetrics } from '../../lib/aws/metrics.ts';
import { metricNames, metricNamespace } from '../../lib/names.ts';
import type { Run } from '../../lib/result/result.ts';
import type { StoredRun } from '../../lib/result/store.ts';
import { openMetricReader } from '../support/emulator/metric-reader.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { makeStoredRun } from '../support/runs.ts';

const nowMs = Math.floor(Date.now() / 60_000) * 60_000;

const runWith = (latencies: readonly (number | null)[], slotMs = nowMs, run: Partial<Run> = {}): StoredRun =>
  makeStoredRun({ latencies, slot: new Date(slotMs).toISOString(), run });

describe('the data of runs', () => {
  it('are values with counts: what is the same is sent once', () => {
    const [latency] = runData([runWith([10, 10.001, 20])], 'service').filter(
      ({ name }) => name === metricNames.latencyMs,
    );
    expect(latency).toMatchObject({ values: [10, 20], counts: [2, 1], unit: 'Milliseconds', atMs: nowMs });
  });

  it('leave out what was never answered, which has no number', () => {
    const data = runData([runWith([null, null])], 'service');
    expect(data.map(({ name }) => name)).toEqual([metricNames.runsBad]);
  });

  it('hold at most 150 values each, and lose none', () => {
    const data = runData([runWith(Array.from({ length: 400 }, (_, n) => n + 1))], 'service');
    const latencies = data.filter(({ name }) => name === metricNames.latencyMs);
    expect(latencies.map(({ values }) => values.length)).toEqual([150, 150, 100]);
    expect(new Set(latencies.flatMap(({ values }) => values)).size).toBe(400);
  });

  it('count runs by what they say, at their slots', () => {
    const runs = [
      runWith([1], nowMs, { verdict: 'pass' }),
      runWith([1], nowMs, { verdict: 'pass' }),
      runWith([1], nowMs, { verdict: 'degraded' }),
      runWith([1], nowMs, { verdict: 'fail' }),
      runWith([1], nowMs, { verdict: 'inconclusive' }),
      runWith([], nowMs - 60_000, { verdict: null, status: 'late' }),
    ];
    const counted = runData(runs, 'service').filter(({ unit }) => unit === 'Count');
    expect(counted.map(({ name, counts, atMs }) => [name, counts[0], atMs])).toEqual([
      [metricNames.runsGood, 2, nowMs],
      [metricNames.runsBad, 2, nowMs],
      [metricNames.runsInconclusive, 1, nowMs],
      [metricNames.runsNotMeasured, 1, nowMs - 60_000],
    ]);
  });

  it('have a latency of each probe besides where that is asked for', () => {
    const data = runData([runWith([5])], 'probe');
    expect(data.filter(({ probe }) => probe !== undefined)).toMatchObject([{ name: 'ProbeLatencyMs', values: [5] }]);
    expect(runData([runWith([5])], 'service').filter(({ probe }) => probe !== undefined)).toEqual([]);
  });
});

describeWithEmulator('metrics in CloudWatch', () => {
  const emulator = sharedEmulator();

  const open = (service: string, lines: object[] = []) =>
    openMetrics({
      cloudwatch: openClients(emulator().clientConfig).cloudwatch,
      service,
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      sleep: async () => {},
      random: () => 0,
      log: (line) => void lines.push(line),
    });

  /** One figure of a metric over the last hours. */
  const read = async (service: string, name: string, stat: string): Promise<number | undefined> => {
    const reader = openMetricReader(emulator());
    const metric = { Namespace: metricNamespace, MetricName: name, Dimensions: [{ Name: 'Service', Value: service }] };
    const { MetricDataResults = [] } = await reader.send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs - 7_200_000),
        EndTime: new Date(nowMs + 7_200_000),
        MetricDataQueries: [{ Id: 'one', MetricStat: { Metric: metric, Period: 86_400, Stat: stat } }],
      }),
    );
    reader.destroy();
    return MetricDataResults[0]?.Values?.[0];
  };

  it('keep percentiles', async () => {
    const latencies = Array.from({ length: 100 }, (_, n) => (n < 90 ? 10 : 500));
    expect(await open('percentiles').publishRuns([runWith(latencies)], 'service')).toBe(true);
    const stats = await Promise.all(
      ['SampleCount', 'p50', 'p95'].map((stat) => read('percentiles', metricNames.latencyMs, stat)),
    );
    expect(stats).toEqual([100, 10, 500]);
  });

  it('of a slot that CloudWatch would refuse are of now', async () => {
    const old = nowMs - 21 * 86_400_000;
    await open('rehearsal').publishRuns([runWith([7], old)], 'service');
    expect(await read('rehearsal', metricNames.latencyMs, 'Maximum')).toBe(7);
  });

  it('that cannot be published fail nothing, and are one line of the log', async () => {
    const lines: object[] = [];
    const dead = openClients({ ...emulator().clientConfig, endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const metrics = openMetrics({
      cloudwatch: dead.cloudwatch,
      service: 'dead',
      clock: { now: () => nowMs, monotonic: () => 0 },
      sleep: async () => {},
      random: () => 0,
      log: (line) => void lines.push(line),
    });
    expect(await metrics.publishRuns([runWith([1])], 'service')).toBe(false);
    expect(lines).toMatchObject([{ what: 'metrics not published', metrics: 2, of: 2 }]);
  });
});
