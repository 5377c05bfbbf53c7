import { Duration, Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { dimensionNames, metricNames, metricNamespace } from '../names.ts';
import type { StackFunction } from './function.ts';
import { type FunctionName, functionNames } from './names.ts';
import type { Queues } from './queues.ts';

export type DashboardProps = {
  readonly service: string;
  readonly runbook: string;
  readonly alarms: readonly IAlarm[];
  readonly functions: Readonly<Record<FunctionName, StackFunction>>;
  readonly queues: Queues;
};

const half = 12;

/** One screen: how the service does, then how the monitor does. As many widgets for 10,000 probes as for one. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { stackName, region } = Stack.of(this);
    new CloudWatchDashboard(this, 'Dashboard', {
      // "All dashboards in your account are global" (PutDashboard): a stack of this name elsewhere would write over it.
      dashboardName: `${stackName}-${region}`,
      defaultInterval: Duration.hours(24),
      widgets: [
        [heading(props)],
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: 24, height: 3 })],
        serviceRow(props),
        monitorRow(props),
      ],
    });
  }
}

const heading = ({ service, runbook }: DashboardProps): IWidget =>
  new TextWidget({
    markdown: `# Plimsoll: ${service}\nWhat an alarm means and what to do: [runbook](${runbook})`,
    width: 24,
    height: 2,
  });

const graph = (title: string, left: readonly IMetric[], width = half): IWidget =>
  new GraphWidget({ title, left: [...left], width, height: 6, leftYAxis: { min: 0 } });

const ofService =
  (service: string) =>
  (metricName: string, statistic: string, label: string): Metric =>
    new Metric({
      namespace: metricNamespace,
      metricName,
      statistic,
      label,
      dimensionsMap: { [dimensionNames.service]: service },
      period: Duration.minutes(5),
    });

const serviceRow = ({ service }: DashboardProps): IWidget[] => {
  const metric = ofService(service);
  return [
    graph(
      'Latency of a pass, ms',
      [50, 95, 99].map((percentile) => metric(metricNames.latencyMs, `p${percentile}`, `p${percentile}`)),
      8,
    ),
    graph(
      'Runs',
      [
        metric(metricNames.runsGood, 'Sum', 'good'),
        metric(metricNames.runsBad, 'Sum', 'bad'),
        metric(metricNames.runsInconclusive, 'Sum', 'inconclusive'),
        metric(metricNames.runsNotMeasured, 'Sum', 'not measured'),
      ],
      8,
    ),
    graph(
      'Probes in trouble',
      [
        metric(metricNames.breachedPage, 'Maximum', 'page'),
        metric(metricNames.breachedTicket, 'Maximum', 'ticket'),
        metric(metricNames.regressed, 'Maximum', 'regressed'),
        metric(metricNames.overdue, 'Maximum', 'overdue'),
      ],
      8,
    ),
  ];
};

const monitorRow = ({ functions, queues }: DashboardProps): IWidget[] => [
  graph(
    'Errors of our own',
    functionNames.map((name) => functions[name].lambda.metricErrors({ label: name })),
    8,
  ),
  graph(
    'Time of an invocation, ms (p95)',
    functionNames.map((name) => functions[name].lambda.metricDuration({ label: name, statistic: 'p95' })),
    8,
  ),
  graph(
    'Queues',
    [
      queues.work.metricApproximateAgeOfOldestMessage({ label: 'oldest work, s' }),
      queues.work.metricApproximateNumberOfMessagesVisible({ label: 'work' }),
      queues.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'dead letters' }),
    ],
    8,
  ),
];
