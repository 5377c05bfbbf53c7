import type { Datapoint } from './alarm/datapoint.ts';
import { breaches, evaluationRange, lowSampleLimit, type MetricAlarm, percentileOf } from './alarm/rule.ts';

export { type Datapoint, foldPeriods, type MetricPoint } from './alarm/datapoint.ts';
export {
  type AlarmStatistic,
  alarmDescription,
  type ComparisonOperator,
  checkMetricAlarm,
  evaluationRange,
  lowSampleLimit,
  type MetricAlarm,
  type MissingDataTreatment,
} from './alarm/rule.ts';

/** What an alarm is; CloudWatch calls it its state. A new one has `INSUFFICIENT_DATA`. */
export type AlarmCondition = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export type AlarmEvaluation = {
  readonly state: AlarmCondition;
  /** In words, with the figures. */
  readonly reason: string;
  /** The datapoints that decided, oldest first: at most N. */
  readonly evaluated: readonly EvaluatedDatapoint[];
  /** How many more it took that were not there, so that `treatMissingData` spoke for them. */
  readonly filled: number;
};

export type EvaluatedDatapoint = Datapoint & { readonly value: number; readonly breaching: boolean };

/** What an evaluation found, before `treatMissingData` has its say. */
type Found = {
  readonly rule: MetricAlarm;
  readonly before: AlarmCondition;
  readonly evaluated: readonly EvaluatedDatapoint[];
  readonly filled: number;
  /** Age in periods of the oldest datapoint of the range, 1 for the newest. */
  readonly oldestAge: number;
};

type Decision = Pick<AlarmEvaluation, 'state' | 'reason'>;

const signs = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
} as const satisfies Record<MetricAlarm['comparisonOperator'], string>;

const limitOf = ({ comparisonOperator, threshold }: MetricAlarm): string => `${signs[comparisonOperator]} ${threshold}`;

const showValue = (value: number): string => String(Number(value.toPrecision(6)));

const isBreaching = ({ breaching }: EvaluatedDatapoint): boolean => breaching;

const describe = ({ rule, evaluated, filled }: Found): string => {
  if (evaluated.length === 0) return `no datapoint in the last ${evaluationRange(rule)} periods`;
  const values = evaluated.map(({ value }) => showValue(value)).join(', ');
  const missing = filled === 0 ? '' : `, ${filled} missing`;
  return `datapoints ${values}: ${evaluated.filter(isBreaching).length} ${limitOf(rule)}${missing}`;
};

/** M of N, with the missing ones taken as they are treated. */
const decideByCount = (found: Found, missingBreach: boolean): Decision => {
  const { rule, evaluated, filled } = found;
  const bad = evaluated.filter(isBreaching).length + (missingBreach ? filled : 0);
  const taken = filled > 0 && missingBreach ? ', taken as breaching' : '';
  return {
    state: bad >= rule.datapointsToAlarm ? 'ALARM' : 'OK',
    reason: `${describe(found)}${taken}; ${rule.datapointsToAlarm} of ${rule.evaluationPeriods} raise it`,
  };
};

const hold = ({ before }: Found, why: string): Decision => ({ state: before, reason: `${why}; it stays ${before}` });

/**
 * Too few datapoints, and none of them good. The premature-alarm rule: a lone bad one does not raise at once, for the next
 * may be good; but when the oldest is as old as M periods and no good one came since, the alarm raises however few there
 * are. What a younger one makes of the alarm stood in older editions of the guide alone: INSUFFICIENT_DATA.
 */
const decideUncontradicted = (found: Found): Decision => {
  const { rule, evaluated, oldestAge } = found;
  if (rule.treatMissingData === 'ignore') return hold(found, describe(found));
  if (evaluated.length === 0) return { state: 'INSUFFICIENT_DATA', reason: describe(found) };
  if (oldestAge < rule.datapointsToAlarm) {
    return { state: 'INSUFFICIENT_DATA', reason: `${describe(found)}; a good one may follow yet` };
  }
  return { state: 'ALARM', reason: `${describe(found)}; no good one came in ${oldestAge} periods` };
};

const decide = (found: Found): Decision => {
  const { rule, evaluated, filled } = found;
  const { treatMissingData: treatment } = rule;
  // The treatment has no say where real datapoints suffice: they come from further back before any is made up.
  if (filled === 0 || treatment === 'breaching' || treatment === 'notBreaching') {
    return decideByCount(found, treatment === 'breaching');
  }
  const bad = evaluated.filter(isBreaching).length;
  // One good datapoint in the range, and the others are judged as they are: rows 3 and 4 of the guide's second table,
  // which the wording of the premature-alarm rule alone would contradict.
  if (bad < evaluated.length || bad >= rule.datapointsToAlarm) return decideByCount(found, false);
  return decideUncontradicted(found);
};

/**
 * Percentiles of too few samples move nothing where the rule ignores them. The guide does not say which of the periods
 * has to be thin: here it is any of those that would decide, so that a quiet minute cannot raise the alarm a minute later.
 */
const tooThin = (rule: MetricAlarm, evaluated: readonly EvaluatedDatapoint[]): string | undefined => {
  const percentile = percentileOf(rule.statistic);
  if (percentile === undefined || rule.evaluateLowSampleCountPercentile !== 'ignore') return undefined;
  const limit = lowSampleLimit(percentile);
  const thin = evaluated.findLast(({ samples }) => samples < limit);
  return thin && `${rule.statistic} of ${thin.samples} samples is nothing to go by: it takes ${limit}`;
};

/**
 * One evaluation of an alarm, as CloudWatch documents it ("Alarm evaluation" and "Configuring how CloudWatch alarms treat
 * missing data" in its user guide): the latest N datapoints that are there decide, M of them raise it; where fewer than N
 * are there in the whole evaluation range, `treatMissingData` speaks for the rest.
 *
 * @param before what the alarm was.
 * @param datapoints one for each period, oldest first, the newest last: those of `foldPeriods`. Older than the evaluation
 * range are not looked at.
 */
export const evaluateAlarm = (
  rule: MetricAlarm,
  before: AlarmCondition,
  datapoints: readonly Datapoint[],
): AlarmEvaluation => {
  const range = datapoints.slice(-evaluationRange(rule));
  const evaluated = range
    .flatMap((point): readonly EvaluatedDatapoint[] =>
      point.value === null ? [] : [{ ...point, value: point.value, breaching: breaches(rule, point.value) }],
    )
    .slice(-rule.evaluationPeriods);
  const filled = rule.evaluationPeriods - evaluated.length;
  const oldestAge = range.length - range.findIndex(({ value }) => value !== null);
  const found: Found = { rule, before, evaluated, filled, oldestAge };
  const thin = tooThin(rule, evaluated);
  return { ...(thin === undefined ? decide(found) : hold(found, thin)), evaluated, filled };
};
