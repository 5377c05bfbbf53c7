import { nearestRank } from '../../result/percentiles.ts';
import { evaluationRange, type MetricAlarm, percentileOf } from './rule.ts';

/** What was published of a metric at one time: a value, how often it came, or a set of which only the sums are known. */
export type MetricPoint = {
  /** Epoch ms. */
  readonly atMs: number;
} & (
  | { readonly value: number; readonly count?: number }
  | { readonly samples: number; readonly sum: number; readonly minimum: number; readonly maximum: number }
);

/** A period's one number; `null` where nothing was published, or the statistic cannot be had of what was. */
export type Datapoint = {
  /** Epoch ms at which its period begins. */
  readonly startMs: number;
  readonly value: number | null;
  /** Behind the number. */
  readonly samples: number;
};

/** Points of one kind: a value that came `samples` times is a set whose minimum is its maximum. */
type PointSet = { readonly samples: number; readonly sum: number; readonly minimum: number; readonly maximum: number };

const setOf = (point: MetricPoint): PointSet => {
  if (!('value' in point)) return point;
  const { value, count = 1 } = point;
  return { samples: count, sum: value * count, minimum: value, maximum: value };
};

/** CloudWatch refuses what is not a finite number within 2^360, and a set of nothing. */
const isPublishable = (set: PointSet): boolean =>
  set.samples > 0 && [set.samples, set.sum, set.minimum, set.maximum].every((each) => Math.abs(each) <= 2 ** 360);

/**
 * A percentile needs the values themselves: of a set there is none unless it holds one value, or all of them are the same;
 * and there is none beside a negative value ("CloudWatch statistics definitions"). Which of the values is the p-th it does
 * not say: ours is nearest rank.
 */
const percentileIn = (sets: readonly PointSet[], percentile: number): number | null => {
  if (sets.some((set) => set.minimum < 0 || (set.samples > 1 && set.minimum !== set.maximum))) return null;
  const sorted = sets.toSorted((a, b) => a.minimum - b.minimum);
  const total = sets.reduce((sum, { samples }) => sum + samples, 0);
  if (!Number.isSafeInteger(total)) return null;
  const rank = nearestRank(percentile, total, 100);
  let seen = 0;
  for (const { samples, minimum } of sorted) {
    seen += samples;
    if (seen >= rank) return minimum;
  }
  return null;
};

const statisticOf = ({ statistic }: MetricAlarm, sets: readonly PointSet[]): number | null => {
  const samples = sets.reduce((sum, set) => sum + set.samples, 0);
  const sum = sets.reduce((total, set) => total + set.sum, 0);
  switch (statistic) {
    case 'SampleCount':
      return samples;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / samples;
    case 'Minimum':
      return sets.reduce((least, set) => Math.min(least, set.minimum), Number.POSITIVE_INFINITY);
    case 'Maximum':
      return sets.reduce((most, set) => Math.max(most, set.maximum), Number.NEGATIVE_INFINITY);
    default: {
      const percentile = percentileOf(statistic);
      return percentile === undefined ? null : percentileIn(sets, percentile);
    }
  }
};

/**
 * The datapoints that a rule is evaluated on at a moment: one for each period of its evaluation range, oldest first, the
 * newest ending at `endMs` (exclusive). The range slides: CloudWatch evaluates each minute, whatever the period. Points may
 * come in any order; those outside the range, and what CloudWatch would refuse, are left out.
 */
export const foldPeriods = (rule: MetricAlarm, points: Iterable<MetricPoint>, endMs: number): readonly Datapoint[] => {
  const periodMs = rule.periodS * 1000;
  const firstMs = endMs - evaluationRange(rule) * periodMs;
  const periods = Array.from({ length: evaluationRange(rule) }, (): PointSet[] => []);
  for (const point of points) {
    const set = setOf(point);
    if (isPublishable(set)) periods[Math.floor((point.atMs - firstMs) / periodMs)]?.push(set);
  }
  return periods.map((sets, index) => ({
    startMs: firstMs + index * periodMs,
    value: sets.length === 0 ? null : statisticOf(rule, sets),
    samples: sets.reduce((sum, { samples }) => sum + samples, 0),
  }));
};
