import type { DrillReport } from '../../drill/report.ts';
import { isGood } from '../../drill/verdict.ts';
import { dimensionNames, drillConcluded, drillMetricNames, eventSource, metricNamespace } from '../../names.ts';
import type { Ground } from '../deps.ts';
import { wordsOf } from '../log.ts';

type Told = Pick<Ground, 'clients' | 'log'>;

const outcomeOf = ({ verdict }: DrillReport): string | undefined => {
  if (verdict === 'PASS') return drillMetricNames.passed;
  if (verdict.startsWith('FAIL_')) return drillMetricNames.failed;
  return verdict === 'DRY_RUN' ? undefined : drillMetricNames.inconclusive;
};

const dataOf = (report: DrillReport) => {
  const outcome = outcomeOf(report);
  const { rta, rpa } = report.measured;
  const upper = [
    [drillMetricNames.rtaMs, rta?.upperMs],
    [drillMetricNames.rpaMs, rpa?.upperMs],
  ] as const;
  return [
    ...(outcome === undefined ? [] : [{ MetricName: outcome, Value: 1, Unit: 'Count' as const }]),
    ...upper.flatMap(([MetricName, Value]) =>
      typeof Value === 'number' && Number.isFinite(Value) ? [{ MetricName, Value, Unit: 'Milliseconds' as const }] : [],
    ),
  ];
};

/** What an event says of a report; the whole lies in the table. */
const detailOf = (report: DrillReport) => {
  const { service, environment, drill, run, target, verdict, reasons, objectives, measured, hash } = report;
  const { rta, rpa } = measured;
  return {
    ...{ service, environment, drill, run, target, verdict, good: isGood(verdict) },
    reasons: reasons.slice(0, 20).map((reason) => reason.slice(0, 500)),
    objectives,
    measured: { rta, rpa },
    hash,
  };
};

const putEvent = async (report: DrillReport, { clients }: Told): Promise<void> => {
  const { PutEventsCommand } = await import('../sdk/eventbridge.ts');
  const entry = { Source: eventSource, DetailType: drillConcluded, Detail: JSON.stringify(detailOf(report)) };
  const { Entries: [answer] = [] } = await (await clients.eventbridge()).send(
    new PutEventsCommand({ Entries: [entry] }),
  );
  if (answer?.ErrorCode !== undefined) throw new Error(`${answer.ErrorCode}: ${answer.ErrorMessage ?? ''}`);
};

const putMetrics = async (report: DrillReport, { clients }: Told): Promise<void> => {
  const data = dataOf(report);
  if (data.length === 0) return;
  const { PutMetricDataCommand } = await import('../sdk/cloudwatch.ts');
  const Dimensions = [{ Name: dimensionNames.service, Value: report.service }];
  const MetricData = data.map((datum) => ({ ...datum, Dimensions }));
  await (await clients.cloudwatch()).send(new PutMetricDataCommand({ Namespace: metricNamespace, MetricData }));
};

/** Tells the account that a drill is over. Never rejects: its report is there, whoever hears of it. */
export const tellConcluded = async (report: DrillReport, told: Told): Promise<void> => {
  for (const [what, put] of [['event', putEvent] as const, ['metrics', putMetrics] as const]) {
    try {
      await put(report, told);
    } catch (error) {
      told.log({ level: 'warn', what: `${what} of a drill not put`, run: report.run, reason: wordsOf(error) });
    }
  }
};
