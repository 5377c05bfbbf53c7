import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTrace } from '../../../lib/judge/backtest/trace.ts';

const traceOf = (values: readonly number[], stepMs: number, detail: number) => {
  const trace = openTrace(detail);
  for (const [index, value] of values.entries()) trace.add(1_700_000_000_000 + index * stepMs, value);
  return trace.buckets();
};

describe('a trace', () => {
  it('shows each point while there are few', () => {
    expect(traceOf([3, 1, 2], 60_000, 10).map(({ min, max, count }) => [min, max, count])).toEqual([
      [3, 3, 1],
      [1, 1, 1],
      [2, 2, 1],
    ]);
  });

  it('stays small, and loses no extreme and no point, however many there are', () => {
    const heights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 3000 });
    fc.assert(
      fc.property(
        heights,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 100_000 }),
        (values, detail, stepMs) => {
          const buckets = traceOf(values, stepMs, detail);
          expect(buckets.length).toBeLessThanOrEqual(2 * detail);
          expect(Math.max(...buckets.map(({ max }) => max))).toBe(Math.max(...values));
          expect(Math.min(...buckets.map(({ min }) => min))).toBe(Math.min(...values));
          expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
          expect(buckets.reduce((total, { sum }) => total + sum, 0)).toBe(values.reduce((a, b) => a + b, 0));
          expect(buckets.map(({ atMs }) => atMs)).toEqual(buckets.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('of a long history has buckets enough for a wide screen', () => {
    const buckets = traceOf(
      Array.from({ length: 100_000 }, (_, index) => index),
      1000,
      1200,
    );
    expect(buckets.length).toBeGreaterThanOrEqual(600);
  });
});
