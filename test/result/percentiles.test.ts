import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLatencies, nearestRank, percentile, percentiles } from '../../lib/result/percentiles.ts';
import type { LatencyMs } from '../../lib/result/result.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
const latency = fc.option(fc.integer({ min: 0, max: 50 }), { nil: null, freq: 6 });
const reaches = (value: LatencyMs, limit: number) => value === null || value >= limit;

describe('nearest rank', () => {
  it.each([
    [95, 20, 19],
    [95, 10, 10],
    [95, 1, 1],
    [50, 4, 2],
    [50, 5, 3],
    [99.9, 1000, 999],
    [99.99, 10_000, 9999],
    [7, 100, 7],
    [57, 100, 57],
    [1.1, 1000, 11],
    [0, 10, 1],
    [100, 10, 10],
    [0.0000001, 10, 1],
  ])('puts p(%d) of %d values at position %d', (p, count, rank) => {
    expect(nearestRank(p, count, 100)).toBe(rank);
  });

  it('never slips on a hundredth of a percent: p(k/100) of 10,000 values is the k-th', () => {
    for (let k = 1; k <= 10_000; k += 1) expect(nearestRank(Number(`${k}e-2`), 10_000, 100)).toBe(k);
  });

  it.each([-1, 100.1, Number.NaN, Number.POSITIVE_INFINITY])('refuses p(%d)', (p) => {
    expect(() => nearestRank(p, 10, 100)).toThrow(RangeError);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a rank among %d values', (count) => {
    expect(() => nearestRank(0.5, count)).toThrow(`no rank among ${count} values`);
  });
});

describe('percentiles', () => {
  it('are values that were measured', () => {
    expect(percentiles(upTo(100).reverse())).toEqual({ min: 1, p50: 50, p90: 90, p95: 95, p99: 99, max: 100 });
    expect(percentiles([7])).toEqual({ min: 7, p50: 7, p90: 7, p95: 7, p99: 7, max: 7 });
  });

  it('are all null when nothing was measured', () => {
    expect(percentiles([])).toEqual({ min: null, p50: null, p90: null, p95: null, p99: null, max: null });
    expect(percentile([], 95)).toBeNull();
  });

  it('take a sample without an answer for one above every limit', () => {
    const oneRefused = [null, ...upTo(19)];
    expect(percentiles(oneRefused)).toMatchObject({ min: 1, p95: 19, p99: null, max: null });
    expect(percentiles([null, ...upTo(18), null])).toMatchObject({ p90: 18, p95: null });
  });

  it('leave the values in the order they came', () => {
    const values: LatencyMs[] = [3, null, 1];
    percentiles(values);
    expect(values).toEqual([3, null, 1]);
  });

  it('hold p(95) < L exactly when at most 5 % of the samples, rounded down, are at or over L', () => {
    const limit = fc.integer({ min: 0, max: 55 });
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 120 }), limit, (values, limitMs) => {
        const p95 = percentile(values.toSorted(compareLatencies), 95);
        const over = values.filter((value) => reaches(value, limitMs)).length;
        expect(!reaches(p95, limitMs)).toBe(over <= Math.floor(values.length / 20));
      }),
      { numRuns: 1000 },
    );
  });

  it('hold for every percentile: at least p % of the values lie at or below it, and fewer below the value before', () => {
    const tenths = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 60 }), tenths, (values, tenthsOfPercent) => {
        const sorted = values.toSorted(compareLatencies);
        const position = sorted.indexOf(percentile(sorted, Number(`${tenthsOfPercent}e-1`)) ?? -1) + 1;
        expect(position * 1000).toBeGreaterThanOrEqual(tenthsOfPercent * values.length);
        expect((position - 1) * 1000).toBeLessThan(tenthsOfPercent * values.length);
      }),
    );
  });
});
