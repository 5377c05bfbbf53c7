import { cloudDrills } from '../../drill/in-cloud.ts';
import type { DrillReport } from '../../drill/report.ts';
import { isGood } from '../../drill/verdict.ts';
import { dimensionNames, drillConcluded, drillMetricNames, eventSource, metricNamespace } from '../../names.ts';
import { isFailing, refusalsIn } from '../../page/drill-news.ts';
import { wordsOf } from '../log.ts';
import type { DrillDeps } from './open.ts';

type Told = Pick<DrillDeps, 'clients' | 'log' | 'deployed' | 'store'>;

/** Reports of a drill that are looked back over: dry runs and those on demand lie between. */
const lookBack = 20;

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

/** Drills of the plan whose last word somebody has to look at. */
const countFailing = async ({ deployed, store }: Told): Promise<number> => {
  const reports = await store();
  const scheduled = cloudDrills((await deployed()).plan).filter(({ schedule }) => schedule !== undefined);
  const failing = await Promise.all(
    scheduled.map(async ({ id, severity }) => isFailing(await reports.reports(id, lookBack), severity)),
  );
  return failing.filter(Boolean).length;
};

/** Refusals in a row, this one the last; it is on record already. */
const countRefusals = async ({ drill, run, verdict }: DrillReport, { store }: Told): Promise<number> => {
  if (verdict !== 'REFUSED') return 0;
  const reports = await (await store()).reports(drill, lookBack);
  return refusalsIn(
    reports.slice(
      Math.max(
        0,
        reports.findIndex((one) => one.run === run),
      ),
    ),
  );
};

/** What an event says of a report; the whole lies in the table. The page function reads it. */
const detailOf = (report: DrillReport, refusals: number) => {
  const { service, environment, drill, run, target, verdict, reasons, objectives, measured, hash } = report;
  const { trigger, requester, startedAt, endedAt } = report;
  const { rta, rpa } = measured;
  return {
    ...{ service, environment, drill, run, target, trigger, requester, startedAt, endedAt },
    ...{ verdict, good: isGood(verdict), refusals },
    reasons: reasons.slice(0, 20).map((reason) => reason.slice(0, 500)),
    objectives,
    measured: { rta, rpa },
    hash,
  };
};

const putEvent = async (report: DrillReport, told: Told): Promise<void> => {
  const { clients } = told;
  const { PutEventsCommand } = await import('../sdk/eventbridge.ts');
  const detail = detailOf(report, await countRefusals(report, told));
  const entry = { Source: eventSource, DetailType: drillConcluded, Detail: JSON.stringify(detail) };
  const { Entries: [answer] = [] } = await (await clients.eventbridge()).send(
    new PutEventsCommand({ Entries: [entry] }),
  );
  if (answer?.ErrorCode !== undefined) throw new Error(`${answer.ErrorCode}: ${answer.ErrorMessage ?? ''}`);
};

const putMetrics = async (report: DrillReport, told: Told): Promise<void> => {
  const { clients } = told;
  const failing = { MetricName: drillMetricNames.failing, Value: await countFailing(told), Unit: 'Count' as const };
  const data = [...dataOf(report), failing];
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
