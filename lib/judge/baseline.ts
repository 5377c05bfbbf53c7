import type { BaselinePlan, ProbePlan } from '../config/plan.ts';
import { compareLatencies, nearestRank } from '../result/percentiles.ts';
import type { BaselineReport, LatencyMs, Trend } from '../result/result.ts';
import type { BaselineDocument, StoredRun } from '../result/store.ts';
import { countedPasses, latenciesOf } from '../result/summary.ts';
import { fingerprintOf } from './fingerprint.ts';
import { binomialCdf } from './interval.ts';
import type { Judged } from './judge.ts';
import { tellingPasses } from './own-fault.ts';
import { describeBaseline, type RegressionBase, type RegressionFinding } from './regression.ts';

/**
 * 95 % interval of the true p95, by binomial order statistics: no assumption on the shape of the latencies. Below 59 samples
 * or so its upper end is open: the slowest of them may well lie under the p95.
 */
const p95Interval = (sorted: readonly LatencyMs[]): readonly [number, number | null] | null => {
  const n = sorted.length;
  let low = 0;
  while (low < n && binomialCdf(low, n, 0.95) < 0.025) low++;
  let high = n;
  while (high > 0 && binomialCdf(high - 1, n, 0.95) >= 0.975) high--;
  const [from, to = null] = [sorted[low - 1], sorted[high]];
  return typeof from === 'number' ? [from, to] : null;
};

/**
 * Compares this run's p95 with that of its baseline. Reported, never judged by one run: a healthy run of five samples is
 * 20 % over its baseline one time in three (detection.md §0).
 */
export const compareWithBaseline = (
  plan: BaselinePlan,
  latenciesMs: readonly LatencyMs[],
  base: RegressionBase | undefined,
): BaselineReport => {
  if (!plan.enabled) return { state: 'off', ratio: null, interval: null, runs: 0 };
  if (!base) return { state: 'none', ratio: null, interval: null, runs: 0 };
  const { state, p95: level, blocks: runs } = describeBaseline(base);
  if (state === 'none' || !level || latenciesMs.length === 0) return { state, ratio: null, interval: null, runs };
  const sorted = latenciesMs.toSorted(compareLatencies);
  const p95 = sorted[nearestRank(95, sorted.length, 100) - 1] ?? null;
  const interval = p95Interval(sorted);
  return {
    state,
    ratio: p95 === null ? null : p95 / level,
    interval: interval && [interval[0] / level, interval[1] === null ? null : interval[1] / level],
    runs,
  };
};

type Named = readonly [series: string, finding: RegressionFinding];

/** How near a series is to an alarm: a confirmed one first. */
const nearness = ([, { firing, score, limit }]: Named): number => (firing ? 1e6 : 0) + score / Math.max(limit, 1e-9);

const trendOf = (findings: Judged['findings']['regression'], passed: boolean): Trend | undefined => {
  const compared = Object.entries(findings).filter(([, { state }]) => state === 'provisional' || state === 'active');
  const [most] = compared.toSorted((a, b) => nearness(b) - nearness(a));
  if (!most) return undefined;
  const [series, { firing, onsetMs, runs, n, ratio, interval, moreRuns, reason }] = most;
  return {
    confirmed: firing,
    decisive: firing && passed,
    series,
    since: onsetMs === undefined ? null : new Date(onsetMs).toISOString(),
    runs,
    n,
    ratio,
    interval,
    moreRuns,
    reason,
  };
};

/** A trend's reason with the step that it is of. */
export const trendReason = ({ series, reason }: Trend): string =>
  series === 'total' ? reason : `${series.replace(/^step:/, '')}: ${reason}`;

/**
 * Completes a run's document with what its baseline says, after the detectors have taken it in: a confirmed regression
 * makes a run that passed by itself `degraded`.
 *
 * @param before the baselines as they were before this run.
 */
export const withBaseline = (
  stored: StoredRun,
  probe: ProbePlan,
  before: BaselineDocument | undefined,
  { findings, notes }: Judged,
): StoredRun => {
  const { run, passes } = stored;
  // Of another probe with the same id, it is no past of this one.
  const base = before?.fingerprint === fingerprintOf(probe) ? before.series.total : undefined;
  const latenciesMs = latenciesOf(countedPasses(tellingPasses(passes)));
  const trend = probe.baseline.enabled ? trendOf(findings.regression, run.verdict === 'pass') : undefined;
  const baseline = { ...compareWithBaseline(probe.baseline, latenciesMs, base), ...(trend ? { trend } : {}) };
  const worse = trend?.decisive ? ({ verdict: 'degraded' } as const) : {};
  const told = trend?.confirmed ? [trendReason(trend)] : [];
  return { ...stored, run: { ...run, ...worse, reasons: [...run.reasons, ...told, ...notes], baseline } };
};
