import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateAlarm, foldPeriods, type MetricAlarm, type MetricPoint } from '../../../lib/judge/alarm.ts';

const ruleOf = (overrides: Partial<MetricAlarm> = {}): MetricAlarm => ({
  name: 'slow',
  metric: 'Latency',
  statistic: 'Average',
  periodS: 60,
  datapointsToAlarm: 1,
  evaluationPeriods: 1,
  comparisonOperator: 'GreaterThanThreshold',
  threshold: 100,
  treatMissingData: 'missing',
  description: 'answers are slow',
  ...overrides,
});

const end = Date.parse('2026-04-07T13:00:00Z');
const at = (secondsBefore: number, value: number, count?: number): MetricPoint => ({
  atMs: end - secondsBefore * 1000,
  value,
  ...(count === undefined ? {} : { count }),
});
/** Of the newest period. */
const newest = (statistic: MetricAlarm['statistic'], points: readonly MetricPoint[]) =>
  foldPeriods(ruleOf({ statistic }), points, end).at(-1);

describe('folding points into periods', () => {
  it('gives one datapoint a period of the evaluation range, oldest first, empty ones too', () => {
    const folded = foldPeriods(ruleOf(), [at(1, 30), at(170, 10), at(2, 50)], end);
    expect(folded).toEqual([
      { startMs: end - 180_000, value: 10, samples: 1 },
      { startMs: end - 120_000, value: null, samples: 0 },
      { startMs: end - 60_000, value: 40, samples: 2 },
    ]);
  });

  it('counts a point to the period that it begins, and leaves out what is before the range or not yet', () => {
    const values = foldPeriods(ruleOf(), [at(180, 1), at(181, 2), at(120, 3), at(0, 4), at(-5, 5)], end);
    expect(values.map(({ value }) => value)).toEqual([1, 3, null]);
  });

  it('slides: a minute later the same points lie in other periods', () => {
    const rule = ruleOf({ periodS: 300 });
    const points = [at(30, 10), at(270, 30)];
    expect(foldPeriods(rule, points, end).at(-1)?.value).toBe(20);
    expect(foldPeriods(rule, points, end + 60_000).at(-1)?.value).toBe(10);
  });

  it.each([
    ['SampleCount', 4],
    ['Sum', 100],
    ['Average', 25],
    ['Minimum', 10],
    ['Maximum', 50],
    ['p50', 10],
    ['p75', 30],
    ['p95', 50],
    ['p0', 10],
    ['p100', 50],
  ] as const)('%s of 10, twice, 30 and 50 is %d', (statistic, expected) => {
    expect(newest(statistic, [at(3, 50), at(1, 10, 2), at(2, 30)])).toMatchObject({ value: expected, samples: 4 });
  });

  it('takes a set by its sums, and has no percentile of one unless it is a single value', () => {
    const set = (samples: number, sum: number, minimum: number, maximum: number): MetricPoint => ({
      atMs: end - 1,
      ...{ samples, sum, minimum, maximum },
    });
    const mixed = [set(3, 60, 10, 30), at(1, 40)];
    expect(newest('Average', mixed)).toMatchObject({ value: 25, samples: 4 });
    expect(newest('Maximum', mixed)?.value).toBe(40);
    expect(newest('p95', mixed)).toMatchObject({ value: null, samples: 4 });
    expect(newest('p50', [set(3, 60, 20, 20), at(1, 40)])?.value).toBe(20);
    expect(newest('p50', [set(1, 20, 20, 20)])?.value).toBe(20);
  });

  it('has no percentile beside a negative value, and every other statistic', () => {
    expect(newest('p95', [at(1, -1), at(2, 5)])?.value).toBeNull();
    expect(newest('Minimum', [at(1, -1), at(2, 5)])?.value).toBe(-1);
  });

  it('leaves out what CloudWatch refuses to store', () => {
    const refused = [at(1, Number.NaN), at(2, Number.POSITIVE_INFINITY), at(3, 2 ** 361), at(4, 5, 0)];
    expect(newest('Sum', refused)).toMatchObject({ value: null, samples: 0 });
    expect(newest('Sum', [...refused, at(5, 7)])?.value).toBe(7);
  });

  it('feeds an evaluation whole: a slow minute raises, a quiet percentile is held back', () => {
    const rule = ruleOf({ statistic: 'p95', evaluateLowSampleCountPercentile: 'ignore' });
    const slow = Array.from({ length: 200 }, (_, index) => at(30, index < 180 ? 50 : 500));
    const evaluate = (points: readonly MetricPoint[]) =>
      evaluateAlarm(rule, 'OK', foldPeriods(rule, points, end)).state;
    expect(evaluate(slow)).toBe('ALARM');
    expect(evaluate(slow.slice(1))).toBe('OK');
    expect(evaluateAlarm(rule, 'ALARM', foldPeriods(rule, [at(3, 50, 500)], end)).state).toBe('OK');
  });

  it('does not ask in which order points come, and a count is as good as so many points', () => {
    const point = fc.record({
      seconds: fc.integer({ min: -10, max: 200 }),
      value: fc.nat(50),
      count: fc.integer({ min: 1, max: 4 }),
    });
    const statistic = fc.constantFrom('SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum', 'p50', 'p95' as const);
    fc.assert(
      fc.property(fc.array(point, { maxLength: 30 }), statistic, (drawn, chosen) => {
        const rule = ruleOf({ statistic: chosen });
        const counted = drawn.map(({ seconds, value, count }) => at(seconds, value, count));
        const single = drawn.flatMap(({ seconds, value, count }) =>
          Array.from({ length: count }, () => at(seconds, value)),
        );
        const folded = foldPeriods(rule, counted, end);
        expect(foldPeriods(rule, counted.toReversed(), end)).toEqual(folded);
        expect(foldPeriods(rule, single, end)).toEqual(folded);
      }),
    );
  });
});
