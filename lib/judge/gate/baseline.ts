import type { ProbePlan } from '../../config/plan.ts';
import { formatRatio, formatRatioInterval, plural } from '../../report/format.ts';
import type { BaselineReport, Run } from '../../result/result.ts';
import { trendReason } from '../baseline.ts';

/** A run against its past, as the gate takes it. */
export type GateBaseline = BaselineReport & {
  /** As a fraction: 0.2 is 20 %. */
  readonly maxRegression: number;
  /** `null`: there is no baseline yet that could say. */
  readonly judged: 'pass' | 'fail' | null;
  /** In words, with the figures. */
  readonly words: string;
};

const intervalWords = (interval: BaselineReport['interval']): string =>
  interval === null ? ' (too few samples for an interval)' : ` (95 %: ${formatRatioInterval(interval)})`;

const ratioWords = ({ ratio, interval }: BaselineReport): string =>
  ratio === null ? 'p95 has no ratio' : `p95 is ${formatRatio(ratio)} of it${intervalWords(interval)}`;

const settledBy = ({ trend }: BaselineReport): string => {
  const more = trend?.moreRuns ?? null;
  return more === null ? 'more runs would settle it' : `${plural(more, 'more such run')} would settle it`;
};

const judgeActive = (report: BaselineReport, maxRegression: number): Pick<GateBaseline, 'judged' | 'words'> => {
  const { ratio, interval, trend } = report;
  const limit = 1 + maxRegression;
  if (trend?.confirmed) return { judged: 'fail', words: trendReason(trend) };
  const against = `baseline of ${plural(report.runs, 'accepted run')}: ${ratioWords(report)}`;
  if (interval !== null && interval[0] > limit)
    return { judged: 'fail', words: `${against}, surely over the limit of ${formatRatio(limit)}` };
  const over = ratio !== null && ratio > limit;
  const doubt = over ? `, over the limit of ${formatRatio(limit)} but not for certain: ${settledBy(report)}` : '';
  return { judged: 'pass', words: `${against}${doubt || `, limit ${formatRatio(limit)}`}` };
};

/**
 * What a baseline has to say of a run. One that is not there yet, or provisional, is told and never held against the run;
 * an active one is when a regression is confirmed, or the interval of this run alone lies wholly over the limit.
 */
export const judgeGateBaseline = ({ baseline }: ProbePlan, run: Run): GateBaseline => {
  const report = run.baseline;
  const { maxRegression } = baseline;
  const silent = (words: string): GateBaseline => ({ ...report, maxRegression, judged: null, words });
  if (!baseline.enabled || report.state === 'off') return silent('no baseline is kept');
  if (report.state === 'none')
    return silent(`no baseline yet (${plural(report.runs, 'accepted run')}): nothing to compare with`);
  if (report.state === 'provisional') {
    return silent(`provisional baseline of ${plural(report.runs, 'accepted run')}, not judged: ${ratioWords(report)}`);
  }
  return { ...report, maxRegression, ...judgeActive(report, maxRegression) };
};

/** Whether a run is over its limit, and nobody can be sure of it. */
export const isDoubtful = ({ judged, ratio, maxRegression }: GateBaseline): boolean =>
  judged === 'pass' && ratio !== null && ratio > 1 + maxRegression;
