import type { Plan } from '../../config/plan.ts';
import { cloudDrills } from '../../drill/in-cloud.ts';
import { drillMetricNames, metricNames, metricNamespace, probeMetricNames } from '../../names.ts';
import type { MetricAlarm } from './rule.ts';

/** Functions of the stack that an alarm watches. The judge is not among them: when it fails, its heartbeat stops. */
type WatchedFunction = 'dispatch' | 'probe' | 'page';
type WatchedQueue = 'work' | 'deadLetters';

/** Whose metrics an alarm looks at. */
export type Watched =
  | { readonly kind: 'service' }
  | { readonly kind: 'function'; readonly name: WatchedFunction }
  | { readonly kind: 'queue'; readonly name: WatchedQueue };

export type StackAlarmKey =
  | 'breached-page'
  | 'breached-ticket'
  | 'regressed'
  | 'overdue-probes'
  | 'judge-silent'
  | 'dispatch-errors'
  | 'probe-errors'
  | 'page-errors'
  | 'work-waiting'
  | 'dead-letters';

/** Of a plan with scheduled drills, beside the constant set. */
export const drillAlarmKey = 'drills-failing';

/** One of the constant set: there are as many whether the plan has 1 probe or 10,000. */
export type StackAlarm = {
  /** Its heading in RUNBOOK.md, and the end of its name. */
  readonly key: StackAlarmKey | typeof drillAlarmKey;
  readonly watched: Watched;
  /** Whose trouble it is: the service's, or the monitor's own. */
  readonly about: 'service' | 'monitoring';
  /** Tells people at once, past the page function: it is that function which fails. */
  readonly direct: boolean;
  readonly rule: Omit<MetricAlarm, 'name' | 'dimensions' | 'runbook'>;
  /** Why a period without data is treated as it is. */
  readonly missing: string;
};

/** Of a gauge that the judge publishes every five minutes, and when something changes. */
const gauge = (metric: string, description: string): StackAlarm['rule'] => ({
  metric,
  // The worst of the minute: a breach that ends within it is seen, and its end a minute later. Between two ticks there is
  // nothing, and the state stays.
  statistic: 'Maximum',
  periodS: 60,
  datapointsToAlarm: 1,
  evaluationPeriods: 1,
  comparisonOperator: 'GreaterThanThreshold',
  threshold: 0,
  treatMissingData: 'ignore',
  description,
});

const latched =
  'a judge that is silent has not said that the trouble is over, and a tick that comes a second late is no recovery: the state stays, and judge-silent speaks';

const ofService = { watched: { kind: 'service' }, direct: false } as const;

const errorsOf = (name: WatchedFunction, m: number, n: number, description: string) => ({
  watched: { kind: 'function', name } as const,
  about: 'monitoring' as const,
  rule: {
    metric: 'Errors',
    statistic: 'Sum',
    periodS: 300,
    datapointsToAlarm: m,
    evaluationPeriods: n,
    comparisonOperator: 'GreaterThanThreshold',
    threshold: 0,
    treatMissingData: 'notBreaching',
    description,
  } as const,
  missing: 'Lambda publishes nothing for a function that nobody invoked: no invocation, no error',
});

/**
 * The constant set. Ten metrics are free in an account (aws.md §1.6), so there are ten. What a probe found is told by the
 * event of its verdict; these are the net below it, and the watch over the monitor itself.
 */
export const stackAlarms: readonly (StackAlarm & { readonly key: StackAlarmKey })[] = [
  {
    ...ofService,
    key: 'breached-page',
    about: 'service',
    rule: gauge(metricNames.breachedPage, 'Probes have an incident that wakes people.'),
    missing: latched,
  },
  {
    ...ofService,
    key: 'breached-ticket',
    about: 'service',
    rule: gauge(metricNames.breachedTicket, 'Probes have an incident that can wait for the morning.'),
    missing: latched,
  },
  {
    ...ofService,
    key: 'regressed',
    about: 'service',
    rule: gauge(metricNames.regressed, 'Latency of probes has grown over its baseline, confirmed over several runs.'),
    missing: latched,
  },
  {
    ...ofService,
    key: 'overdue-probes',
    about: 'monitoring',
    rule: gauge(metricNames.overdue, 'Runs of probes do not come: of the service nothing is known.'),
    missing: latched,
  },
  {
    ...ofService,
    key: 'judge-silent',
    about: 'monitoring',
    rule: {
      metric: metricNames.judgeHeartbeat,
      statistic: 'Sum',
      periodS: 300,
      datapointsToAlarm: 3,
      evaluationPeriods: 3,
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      treatMissingData: 'breaching',
      description:
        'The judge has not ticked for a quarter of an hour or more: verdicts, overdue runs and gauges stand still.',
    },
    missing: 'nothing is what a dead judge publishes; three periods, for one tick may be late',
  },
  {
    key: 'dispatch-errors',
    direct: false,
    ...errorsOf('dispatch', 1, 1, 'The dispatcher failed: runs of a slot were not handed out, or not all of them.'),
  },
  {
    key: 'probe-errors',
    direct: false,
    ...errorsOf(
      'probe',
      2,
      3,
      'The probe function fails again and again. A single crash is handed out anew by the queue; a target that is down is no error of it.',
    ),
  },
  {
    key: 'page-errors',
    direct: true,
    ...errorsOf(
      'page',
      1,
      1,
      'A page could not be sent. It is in the dead-letter queue, and this is told past the page function.',
    ),
  },
  {
    key: 'work-waiting',
    watched: { kind: 'queue', name: 'work' },
    about: 'monitoring',
    direct: false,
    rule: {
      metric: 'ApproximateAgeOfOldestMessage',
      statistic: 'Maximum',
      periodS: 300,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      comparisonOperator: 'GreaterThanThreshold',
      // A message may wait 15 minutes for its probe's own second, and be in hand for 15 more.
      threshold: 1800,
      treatMissingData: 'notBreaching',
      description: 'Work has waited for over half an hour: there is more of it than cloud.maxConcurrency lets through.',
    },
    missing: 'SQS publishes nothing for a queue that has been idle for hours: nothing waits in it',
  },
  {
    key: 'dead-letters',
    watched: { kind: 'queue', name: 'deadLetters' },
    about: 'monitoring',
    direct: false,
    rule: {
      metric: 'ApproximateNumberOfMessagesVisible',
      statistic: 'Maximum',
      periodS: 300,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 0,
      treatMissingData: 'notBreaching',
      description: 'Something could not be done or written after every retry, and waits with its reason.',
    },
    missing: 'SQS publishes nothing for a queue that has been idle for hours: nothing lies in it',
  },
];

/** Where a drill has a schedule. Nobody sits before it: what it found is told by its event, and this is the net below that. */
export const drillAlarm: StackAlarm = {
  ...ofService,
  key: drillAlarmKey,
  about: 'service',
  rule: gauge(
    drillMetricNames.failing,
    'Scheduled drills failed, or say nothing of their target, and have not passed since.',
  ),
  missing:
    'drills are days apart, and nothing is published between them: one that failed has not passed because time went by, so the state stays until the next one ends',
};

/** Whether a plan has an alarm over its drills: those that somebody asks for are told to whoever asked. */
export const hasDrillAlarm = (plan: Pick<Plan, 'drills'>): boolean =>
  cloudDrills(plan).some(({ schedule }) => schedule !== undefined);

/** Heading in RUNBOOK.md of the composite alarm: page-worthy, and we are well ourselves. */
export const compositeKey = 'service-breached';

/** Heading in RUNBOOK.md of the alarms that probes have of their own. */
export const dedicatedKey = 'probe-breached';

/** Alarms of a probe's own that a stack takes: one and its metric cost as much as 100,000 runs a month (aws.md §4). */
export const mostDedicated = 50;

/** The alarm that a probe asks for with `alarm.dedicated`. Its metric is the others' too: dimensions tell them apart. */
export const dedicatedRule = (probe: string): StackAlarm['rule'] =>
  gauge(probeMetricNames.breached, `Probe ${probe} has an open incident.`);

const namespaces = { service: metricNamespace, function: 'AWS/Lambda', queue: 'AWS/SQS' } as const;

export const namespaceOf = ({ kind }: Watched): string => namespaces[kind];

/** Name of an alarm: of the stack first, for an account has several. */
export const alarmNameOf = (stack: string, key: string): string => `${stack}-${key}`;

/** Where its runbook stands. `base` is the address of RUNBOOK.md, wherever a team keeps it. */
export const runbookOf = (base: string, key: string): string => `${base}#${key}`;
