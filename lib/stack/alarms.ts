import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarm, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Plan } from '../config/plan.ts';
import {
  alarmNameOf,
  dedicatedKey,
  dedicatedRule,
  drillAlarm,
  hasDrillAlarm,
  mostDedicated,
  namespaceOf,
  runbookOf,
  type StackAlarm,
  type StackAlarmKey,
  stackAlarms,
  type Watched,
} from '../judge/alarm/stack-alarms.ts';
import { alarmDescription, checkMetricAlarm, type MetricAlarm } from '../judge/alarm.ts';
import { dimensionNames } from '../names.ts';
import { PlanRefused } from './refusal.ts';

export type AlarmsProps = {
  readonly plan: Plan;
  /** Beginning of every alarm's name. */
  readonly prefix: string;
  /** Address of RUNBOOK.md. */
  readonly runbook: string;
  /** What tells the metrics of a function or a queue from those of others. */
  readonly dimensionsOf: (watched: Exclude<Watched, { kind: 'service' }>) => Readonly<Record<string, string>>;
  readonly topics: { readonly page: ITopic; readonly alarms: ITopic };
};

const operators = {
  GreaterThanThreshold: ComparisonOperator.GREATER_THAN_THRESHOLD,
  GreaterThanOrEqualToThreshold: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  LessThanThreshold: ComparisonOperator.LESS_THAN_THRESHOLD,
  LessThanOrEqualToThreshold: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
} as const satisfies Record<MetricAlarm['comparisonOperator'], ComparisonOperator>;

const treatments = {
  missing: TreatMissingData.MISSING,
  notBreaching: TreatMissingData.NOT_BREACHING,
  breaching: TreatMissingData.BREACHING,
  ignore: TreatMissingData.IGNORE,
} as const satisfies Record<MetricAlarm['treatMissingData'], TreatMissingData>;

/** `breached-page` → `BreachedPage`. */
const idOf = (key: string): string => key.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Alarms as data, made CloudWatch's: the constant set, and one for each probe that asked for its own. */
export class Alarms extends Construct {
  readonly constant: Readonly<Record<StackAlarmKey, Alarm>>;
  /** Absent: no drill of the plan has a schedule. */
  readonly drills?: Alarm;
  readonly dedicated: ReadonlyMap<string, Alarm>;
  private readonly props: AlarmsProps;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.props = props;
    const constant = stackAlarms.map((alarm) => [alarm.key, this.makeConstant(alarm)] as const);
    this.constant = Object.fromEntries(constant) as Readonly<Record<StackAlarmKey, Alarm>>;
    if (hasDrillAlarm(props.plan)) this.drills = this.makeConstant(drillAlarm);
    this.dedicated = new Map(dedicatedProbes(props.plan).map((probe) => [probe, this.makeDedicated(probe)]));
  }

  /** Those of the stack, without the dedicated ones. */
  get own(): readonly IAlarm[] {
    return [...Object.values(this.constant), ...(this.drills ? [this.drills] : [])];
  }

  private makeConstant({ key, watched, direct, rule }: StackAlarm): Alarm {
    const { plan, prefix, runbook, dimensionsOf, topics } = this.props;
    const dimensions = watched.kind === 'service' ? { [dimensionNames.service]: plan.service } : dimensionsOf(watched);
    const named = { ...rule, name: alarmNameOf(prefix, key), runbook: runbookOf(runbook, key), dimensions };
    return this.make(idOf(key), named, namespaceOf(watched), direct ? [topics.alarms, topics.page] : [topics.alarms]);
  }

  private makeDedicated(probe: string): Alarm {
    const { plan, prefix, runbook, topics } = this.props;
    const own = plan.probes.find(({ id }) => id === probe)?.runbook;
    const rule = {
      ...dedicatedRule(probe),
      name: alarmNameOf(prefix, `${dedicatedKey}-${probe}`),
      runbook: own ?? runbookOf(runbook, dedicatedKey),
      dimensions: { [dimensionNames.service]: plan.service, [dimensionNames.probe]: probe },
    };
    return this.make(`Probe-${probe}`, rule, namespaceOf({ kind: 'service' }), [topics.alarms]);
  }

  private make(id: string, rule: MetricAlarm, namespace: string, topics: readonly ITopic[]): Alarm {
    const problems = checkMetricAlarm(rule);
    if (problems.length > 0) throw new PlanRefused(problems);
    const alarm = new Alarm(this, id, {
      alarmName: rule.name,
      alarmDescription: alarmDescription(rule),
      metric: new Metric({
        namespace,
        metricName: rule.metric,
        dimensionsMap: { ...rule.dimensions },
        statistic: rule.statistic,
        period: Duration.seconds(rule.periodS),
      }),
      evaluationPeriods: rule.evaluationPeriods,
      datapointsToAlarm: rule.datapointsToAlarm,
      comparisonOperator: operators[rule.comparisonOperator],
      threshold: rule.threshold,
      treatMissingData: treatments[rule.treatMissingData],
    });
    const actions = topics.map((topic) => new SnsAction(topic));
    alarm.addAlarmAction(...actions);
    // Who was told of the beginning is told of the end.
    alarm.addOkAction(...actions);
    return alarm;
  }
}

const dedicatedProbes = ({ probes }: Plan): readonly string[] => {
  const ids = probes.filter(({ alarm }) => alarm.dedicated).map(({ id }) => id);
  if (ids.length <= mostDedicated) return ids;
  throw new PlanRefused([
    `${ids.length} probes ask for an alarm of their own with alarm.dedicated, and ${mostDedicated} is the most: each costs more a month than its probe; the others are told by the events of their verdicts all the same`,
  ]);
};
