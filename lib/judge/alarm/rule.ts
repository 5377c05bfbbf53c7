/** What CloudWatch makes of a period's points; `p95` and `p99.9` are percentiles. */
export type AlarmStatistic = 'SampleCount' | 'Average' | 'Sum' | 'Minimum' | 'Maximum' | `p${number}`;

export type ComparisonOperator =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** What stands for a period without a point. `ignore`: the alarm stays as it is. */
export type MissingDataTreatment = 'missing' | 'notBreaching' | 'breaching' | 'ignore';

/**
 * An alarm on one metric, as data: the stack renders it to CloudWatch, and `evaluateAlarm` says what CloudWatch would make
 * of it. The words are those of its `PutMetricAlarm`.
 */
export type MetricAlarm = {
  readonly name: string;
  readonly metric: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly statistic: AlarmStatistic;
  /** 10, 20, 30 or a multiple of 60. */
  readonly periodS: number;
  /** M: datapoints among the last N that have to breach. */
  readonly datapointsToAlarm: number;
  /** N. */
  readonly evaluationPeriods: number;
  readonly comparisonOperator: ComparisonOperator;
  readonly threshold: number;
  readonly treatMissingData: MissingDataTreatment;
  /** Of a percentile with too few samples: judge it all the same (the default), or leave the alarm as it is. */
  readonly evaluateLowSampleCountPercentile?: 'evaluate' | 'ignore';
  /** What it means when it raises. */
  readonly description: string;
  /** Address of what to do about it. */
  readonly runbook?: string;
};

/**
 * Datapoints that CloudWatch fetches beyond N, so that real ones from further back can stand in for missing ones. Its
 * guide says that their number depends on period and resolution, and gives one figure: 5 for N = 3 ("Configuring how
 * CloudWatch alarms treat missing data").
 */
const lookBackPeriods = 2;

/** Periods that an evaluation looks at: the evaluation range. */
export const evaluationRange = ({ evaluationPeriods }: MetricAlarm): number => evaluationPeriods + lookBackPeriods;

/** 95 of `p95`; nothing for a statistic that is no percentile. */
export const percentileOf = (statistic: AlarmStatistic): number | undefined => {
  const digits = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(statistic)?.[1];
  const percentile = digits === undefined ? Number.NaN : Number(digits);
  return percentile <= 100 ? percentile : undefined;
};

/**
 * Samples in a period below which a percentile is of a low sample count: 10/(1-p) from the median up, 10/p below it, so
 * 200 for p95 and 1000 for p99 ("Percentile-based alarms and low data samples" in CloudWatch's guide). No count is enough
 * for p0 and p100.
 */
export const lowSampleLimit = (percentile: number): number => {
  const tail = percentile >= 50 ? 100 - percentile : percentile;
  // 100 - 99.9 is not quite 0.1: without rounding 10,000 samples would be too few for p99.9.
  return Number((1000 / tail).toFixed(6));
};

/** Whether a value is on the wrong side of the threshold. */
export const breaches = ({ comparisonOperator, threshold }: MetricAlarm, value: number): boolean => {
  switch (comparisonOperator) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
};

const hourS = 3600;
const dayS = 24 * hourS;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

const checkWindow = (rule: MetricAlarm): readonly string[] => {
  const { periodS, datapointsToAlarm: m, evaluationPeriods: n } = rule;
  if (![10, 20, 30].includes(periodS) && !(isCount(periodS) && periodS % 60 === 0))
    return [`its period is ${periodS} s: 10, 20, 30 or a multiple of 60`];
  if (!isCount(n) || !isCount(m) || m > n) return [`it asks for ${m} of ${n} datapoints: 1 to all of them`];
  const [limitS, limit] = periodS < hourS ? [dayS, 'a day, where its period is under an hour'] : [7 * dayS, '7 days'];
  return n * periodS > limitS ? [`it looks at ${n} × ${periodS} s: at most ${limit}`] : [];
};

/** The description as CloudWatch shows it: with the way to the runbook, for whoever reads it at night. */
export const alarmDescription = ({ description, runbook }: Pick<MetricAlarm, 'description' | 'runbook'>): string =>
  runbook === undefined ? description : `${description}\nRunbook: ${runbook}`;

/**
 * What CloudWatch would refuse of a rule, or take and never act on, each in words; nothing when it is good. Limits of
 * `PutMetricAlarm`; the window's are in detection.md §5.
 */
export const checkMetricAlarm = (rule: MetricAlarm): readonly string[] => {
  const { statistic, evaluateLowSampleCountPercentile: low } = rule;
  const isPercentile = percentileOf(statistic) !== undefined;
  const described = alarmDescription(rule).length;
  return [
    ...(rule.name.length >= 1 && rule.name.length <= 255 ? [] : ['its name has to have 1 to 255 characters']),
    ...(rule.metric.length >= 1 && rule.metric.length <= 255 ? [] : ['its metric has to have 1 to 255 characters']),
    ...checkWindow(rule),
    ...(isPercentile || !statistic.startsWith('p') ? [] : [`${statistic} is no percentile: p0 to p100`]),
    ...(low === undefined || statistic.startsWith('p')
      ? []
      : [`${statistic} is no percentile, so a low sample count is nothing to it`]),
    ...(Number.isFinite(rule.threshold) ? [] : [`its threshold is ${rule.threshold}`]),
    ...(described <= 1024 ? [] : [`its description has ${described} characters with the runbook: at most 1,024`]),
  ].map((problem) => `alarm ${rule.name}: ${problem}`);
};
