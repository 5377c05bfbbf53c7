import type { ProbePlan } from '../config/plan.ts';
import { dimensionNames, drillMetricNames, metricNames, metricNamespace, probeMetricNames } from '../names.ts';
import { plainLine } from '../report/plain.ts';
import type { AlarmChange } from './alarm-change.ts';
import { idOf, type PageOrigin, type Route } from './event.ts';
import { layOut, longestTitle, shorten } from './layout.ts';
import { type Notice, reasonLine, reasonRows, spanRow } from './notice.ts';

/** What a CloudWatch alarm has to tell; its key is one for each alarm of an account and a Region, at most 255 characters. */
export type AlarmNotice = Notice & { readonly route: Route; readonly alarm: string };

/** The reason of CloudWatch, and what we know besides. */
const mostReasons = 6;
const longestKey = 255;

/** As `alarmDescription` writes it: what it means, and on a last line where to read on. */
const readDescription = (description = ''): { readonly means?: string; readonly runbook?: string } => {
  const lastLine = /(?:^|\n)Runbook: (\S+)\s*$/;
  const [, runbook] = lastLine.exec(description) ?? [];
  const means = description.replace(lastLine, '').trim();
  return { ...(means === '' ? {} : { means }), ...(runbook === undefined ? {} : { runbook }) };
};

const gauges: readonly string[] = [
  metricNames.breachedPage,
  metricNames.breachedTicket,
  metricNames.regressed,
  metricNames.overdue,
  probeMetricNames.breached,
];

/** Whether an alarm says what the judge's own events say: a net below them, in case one was lost. */
export const isSafetyNet = ({ metric }: AlarmChange): boolean =>
  metric?.namespace === metricNamespace && gauges.includes(metric.name);

/** The same of the events of drills. */
export const isDrillNet = ({ metric }: AlarmChange): boolean =>
  metric?.namespace === metricNamespace && metric.name === drillMetricNames.failing;

/** A dedicated alarm of a probe speaks of the service, all others of the monitor. */
const probeOf = ({ metric }: AlarmChange, probes: readonly ProbePlan[]): ProbePlan | undefined =>
  metric?.namespace === metricNamespace
    ? probes.find(({ id }) => id === metric.dimensions[dimensionNames.probe])
    : undefined;

const dedupKeyOf = ({ alarm, place }: AlarmChange): string => {
  const key = `plimsoll-alarm-${place}/${alarm}`;
  return key.length <= longestKey ? key : `plimsoll-alarm-${idOf([place, alarm])}`;
};

const addresseeOf = (probe: ProbePlan | undefined): Pick<AlarmNotice, 'route' | 'severity' | 'suspect'> => {
  if (!probe) {
    const suspect = 'monitoring – Plimsoll itself or its account, and not the service that it watches';
    return { route: 'monitoring', severity: 'ticket', suspect };
  }
  return { route: probe.severity === 'none' ? null : probe.severity, severity: probe.severity };
};

/** Known where CloudWatch says it: SNS tells no time of the change before. */
const sinceOf = ({ state, at, before, beforeSince }: AlarmChange): string =>
  state === 'OK' && before === 'ALARM' ? (beforeSince ?? at) : at;

type Facts = Omit<AlarmNotice, 'title' | 'text'>;

const inWords = (facts: Facts, means: string | undefined): Pick<AlarmNotice, 'title' | 'text'> => {
  const word = facts.kind === 'breached' ? 'BREACHED' : 'RECOVERED';
  const [evidence = ''] = facts.reasons;
  const said = plainLine(`${word} ${facts.service} (${facts.environment}): alarm ${facts.alarm}: ${means ?? evidence}`);
  const title = shorten(said, longestTitle);
  const text = layOut(title, [
    ['what', `alarm ${facts.alarm} is ${facts.kind === 'breached' ? 'in alarm' : 'over'}`],
    ['means', means === undefined ? undefined : reasonLine(means)],
    ...reasonRows('evidence', facts.reasons, mostReasons),
    spanRow(facts),
    ['suspect', facts.kind === 'breached' ? facts.suspect : undefined],
    ['runbook', facts.runbook],
  ]);
  return { title, text };
};

/**
 * The notice of an alarm that went to ALARM or to OK. `undefined` of INSUFFICIENT_DATA: it says that CloudWatch cannot
 * judge, as of every new alarm; where silence is trouble, the alarm treats missing data as breaching and goes to ALARM.
 *
 * @param beside What we know besides CloudWatch's reason.
 */
export const alarmNotice = (
  change: AlarmChange,
  { service, environment }: PageOrigin,
  probes: readonly ProbePlan[],
  beside: readonly string[] = [],
): AlarmNotice | undefined => {
  if (change.state === 'INSUFFICIENT_DATA') return undefined;
  const probe = isSafetyNet(change) ? undefined : probeOf(change, probes);
  const { means, runbook = probe?.runbook } = readDescription(change.description);
  const { suspect, ...addressee } = addresseeOf(probe);
  const facts: Facts = {
    schema: 1,
    id: idOf(['plimsoll-alarm', change.place, change.alarm, change.at, change.state]),
    dedupKey: dedupKeyOf(change),
    kind: change.state === 'ALARM' ? 'breached' : 'recovered',
    ...addressee,
    service,
    environment,
    alarm: change.alarm,
    slot: change.at,
    since: sinceOf(change),
    reasons: [change.reason, ...beside],
    ...(suspect === undefined ? {} : { suspect }),
    ...(runbook === undefined ? {} : { runbook }),
  };
  return { ...facts, ...inWords(facts, means) };
};
