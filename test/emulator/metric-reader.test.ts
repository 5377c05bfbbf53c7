import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { beforeAll, expect, it } from 'vitest';
import { openMetricReader } from '../support/emulator/metric-reader.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';

const metric = { Namespace: 'Test', MetricName: 'LatencyMs' } as const;
const minuteMs = 60_000;

describeWithEmulator('metrics in the emulator', () => {
  const emulator = sharedEmulator();
  let writer: CloudWatchClient;

  beforeAll(() => {
    writer = new CloudWatchClient(emulator().clientConfig);
  });

  it('are read back by values and counts, and make an alarm with a history', async () => {
    await writer.send(
      new PutMetricAlarmCommand({
        ...metric,
        AlarmName: 'slow',
        ExtendedStatistic: 'p95',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 100,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    const now = new Date();
    const data = { MetricName: metric.MetricName, Timestamp: now, Values: [10, 900], Counts: [1, 3] };
    await writer.send(new PutMetricDataCommand({ Namespace: metric.Namespace, MetricData: [data] }));

    const reader = openMetricReader(emulator());
    const span = { StartTime: new Date(+now - 60 * minuteMs), EndTime: new Date(+now + minuteMs) };
    const sum = { Id: 'm', MetricStat: { Metric: metric, Period: 60, Stat: 'SampleCount' } };
    const { MetricDataResults } = await reader.send(new GetMetricDataCommand({ ...span, MetricDataQueries: [sum] }));
    expect(MetricDataResults?.[0]?.Values).toEqual([4]);

    const ask = { ...metric, ...span, Period: 60, Statistics: ['Maximum', 'Minimum'] as const };
    const { Datapoints } = await reader.send(
      new GetMetricStatisticsCommand({ ...ask, Statistics: [...ask.Statistics] }),
    );
    expect(Datapoints).toMatchObject([{ Maximum: 900, Minimum: 10 }]);

    const { MetricAlarms } = await writer.send(new DescribeAlarmsCommand({ AlarmNames: ['slow'] }));
    expect(MetricAlarms?.[0]?.StateValue).toBe('ALARM');
    const { AlarmHistoryItems = [] } = await reader.send(new DescribeAlarmHistoryCommand({ AlarmName: 'slow' }));
    expect(AlarmHistoryItems.map(({ HistoryItemType }) => HistoryItemType)).toContain('StateUpdate');
  });
});
