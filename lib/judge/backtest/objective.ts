import { type Parsed, parsed, refused } from '../../config/parsed.ts';
import { parseThreshold } from '../../config/thresholds.ts';
import { nearestRank } from '../../result/percentiles.ts';
import type { LatencyMs } from '../../result/result.ts';
import type { HistoryPoint } from './point.ts';

/** An objective on imported points: `p(95)<400` allows 5 % of the samples to be at or over 400. */
export type ImportedObjective = {
  /** As it was written. */
  readonly source: string;
  readonly percentile: number;
  /** Share that may be bad, 0 to 1. */
  readonly budget: number;
  readonly limit: number;
  /** A sample at the limit is bad: `<`, and not `<=`. */
  readonly strict: boolean;
};

/** Never throws. */
export const parseObjective = (source: string): Parsed<ImportedObjective> => {
  const threshold = parseThreshold(source);
  if (!threshold.ok) return threshold;
  const { metric, op, value } = threshold.value;
  if (metric.kind !== 'percentile' || (op !== '<' && op !== '<=')) {
    return refused('judges no imported history, which has latencies alone: write a percentile under a limit');
  }
  const { percentile } = metric;
  const budget = Number((1 - percentile / 100).toPrecision(12));
  return parsed({ source: threshold.value.source, percentile, budget, limit: value, strict: op === '<' });
};

const isBad = ({ limit, strict }: ImportedObjective, sample: LatencyMs): boolean =>
  sample === null || (strict ? sample >= limit : sample > limit);

/** Bad samples of all in a point; a value counts for each of the samples behind it. */
export const countOf = (
  objective: ImportedObjective,
  point: HistoryPoint,
): { readonly bad: number; readonly total: number } => {
  if ('value' in point) {
    const total = point.n ?? 1;
    return { bad: isBad(objective, point.value) ? total : 0, total };
  }
  if (!('samples' in point)) return { bad: 0, total: 0 };
  let bad = 0;
  for (const sample of point.samples) if (isBad(objective, sample)) bad += 1;
  return { bad, total: point.samples.length };
};

/** Whether a point by itself is over the limit: its value, or that percentile of its samples. */
export const isOver = (objective: ImportedObjective, point: HistoryPoint): boolean => {
  const { bad, total } = countOf(objective, point);
  return total > 0 && bad > total - nearestRank(objective.percentile, total, 100);
};
