import type { SloPlan, Threshold } from '../config/plan.ts';
import { compareLatencies, percentile } from '../result/percentiles.ts';
import type { LatencyMs, ThresholdResult } from '../result/result.ts';
import { clopperPearson } from './interval.ts';

/** What thresholds are judged on: one step's samples or the whole probe's. */
export type Observed = {
  readonly latenciesMs: readonly LatencyMs[];
  /** Step executions without a complete response, or with a status of 400 and up that was not expected. */
  readonly failed: number;
  readonly executed: number;
  readonly checksPassed: number;
  readonly checksTotal: number;
};

const compare = (actual: number, op: Threshold['op'], limit: number): boolean => {
  switch (op) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
    case '==':
      return actual === limit;
    case '!=':
      return actual !== limit;
  }
};

/** Whether the metric is a latency, whose breach degrades; the rates `failed` and `checks` fail. */
export const isLatencyThreshold = ({ metric }: Threshold): boolean =>
  metric.kind !== 'failed' && metric.kind !== 'checks';

const mean = (values: readonly LatencyMs[]): LatencyMs =>
  values.length === 0 || values.includes(null)
    ? null
    : values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length;

const measure = ({ metric }: Threshold, observed: Observed): LatencyMs => {
  const { latenciesMs, failed, executed, checksPassed, checksTotal } = observed;
  if (metric.kind === 'failed') return executed === 0 ? null : failed / executed;
  if (metric.kind === 'checks') return checksTotal === 0 ? null : checksPassed / checksTotal;
  if (metric.kind === 'avg') return mean(latenciesMs);
  const rank = { min: 0, med: 50, max: 100 };
  return percentile(
    latenciesMs.toSorted(compareLatencies),
    metric.kind === 'percentile' ? metric.percentile : rank[metric.kind],
  );
};

type Counts = { readonly bad: number; readonly total: number; readonly budget: number };

/** Share of events that a threshold allows to be bad, 0 to 1: `p(95)<400` allows 5 %. `undefined`: it does not count events. */
export const budgetOf = ({ metric, op, value }: Threshold): number | undefined => {
  const below = op === '<' || op === '<=';
  if (metric.kind === 'percentile' && below) return 1 - metric.percentile / 100;
  if (metric.kind === 'failed' && below) return value;
  return metric.kind === 'checks' && (op === '>' || op === '>=') ? 1 - value : undefined;
};

/** A threshold that counts, as bad events of all against its budget. */
const countsOf = (threshold: Threshold, observed: Observed): Counts | undefined => {
  const { metric, op, value } = threshold;
  const budget = budgetOf(threshold);
  if (budget === undefined) return undefined;
  if (metric.kind === 'failed') return { bad: observed.failed, total: observed.executed, budget };
  if (metric.kind === 'checks') {
    return { bad: observed.checksTotal - observed.checksPassed, total: observed.checksTotal, budget };
  }
  const bad = observed.latenciesMs.filter((ms) => !compare(ms ?? Number.POSITIVE_INFINITY, op, value)).length;
  return { bad, total: observed.latenciesMs.length, budget };
};

const confidentOf = ({ bad, total, budget }: Counts): ThresholdResult['confident'] => {
  // One-sided 95 % bounds, detection.md §9: 59 good samples can confirm a p95, 299 a p99.
  const [low, high] = clopperPearson(bad, total, 0.9);
  return low > budget ? 'fail' : high < budget ? 'pass' : 'inconclusive';
};

/** Good samples without a bad one that it takes to confirm a budget, one-sided at 95 %: 59 for a p95, 299 for a p99. */
export const samplesToConfirm = (budget: number): number => Math.ceil(Math.log(0.05) / Math.log1p(-budget));

const withCounts = (counts: Counts | undefined) =>
  counts ? { ...counts, interval: clopperPearson(counts.bad, counts.total), confident: confidentOf(counts) } : {};

/** Judges one threshold on what was observed. Nothing observed never passes; its total is then 0. */
export const judgeThreshold = (threshold: Threshold, observed: Observed, step?: string): ThresholdResult => {
  const actual = measure(threshold, observed);
  const latency = isLatencyThreshold(threshold);
  const empty = latency ? observed.latenciesMs.length === 0 : actual === null;
  return {
    threshold: threshold.source,
    ...(step === undefined ? {} : { step }),
    actual,
    unit: latency ? 'ms' : 'fraction',
    passed: !empty && compare(actual ?? Number.POSITIVE_INFINITY, threshold.op, threshold.value),
    ...withCounts(countsOf(threshold, observed)),
  };
};

/** `objective 99.9%` */
export const nameObjective = (objective: number): string => `objective ${Number((objective * 100).toFixed(6))}%`;

/** The objective on this run's passes alone: its window is judged across runs. */
export const judgeObjective = (
  objective: NonNullable<SloPlan['objective']>,
  bad: number,
  total: number,
): ThresholdResult => ({
  threshold: nameObjective(objective),
  actual: total === 0 ? null : (total - bad) / total,
  unit: 'fraction',
  passed: total > 0 && (total - bad) / total >= objective,
  ...withCounts({ bad, total, budget: 1 - objective }),
});
