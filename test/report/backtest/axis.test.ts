import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeAxis, valueAxis } from '../../../lib/report/backtest/axis.ts';

describe('the axis of values', () => {
  it('cuts off a lone outlier, and never what is three times the median', () => {
    const usual = Array.from({ length: 200 }, () => 100);
    expect(valueAxis([...usual, 100_000], usual, []).top).toBe(300);
    expect(valueAxis([...usual, 290], usual, []).top).toBeGreaterThanOrEqual(290);
  });

  it('begins at 0, but not for values that lie far above it', () => {
    expect(valueAxis([100, 120], [90, 95], []).at(90)).toBeGreaterThan(0);
    const high = valueAxis([1000, 1010], [990, 995], []);
    expect(high.at(990) > 0 && high.at(990) < 0.5).toBe(true);
  });

  it('has room for a limit that is near, and takes none for one that is far', () => {
    expect(valueAxis([100], [90], [180]).top).toBeGreaterThanOrEqual(180);
    expect(valueAxis([100], [90], [5000]).top).toBeLessThan(300);
  });

  it('keeps all in the picture, with a few round ticks in order', () => {
    const value = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e9, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (values) => {
        const axis = valueAxis(values, values, []);
        for (const one of values) expect(axis.at(one) >= 0 && axis.at(one) <= 1).toBe(true);
        expect(axis.ticks.length).toBeLessThanOrEqual(12);
        expect(axis.ticks).toEqual(axis.ticks.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('the axis of times', () => {
  const labels = (from: string, to: string) =>
    timeAxis(Date.parse(from), Date.parse(to)).ticks.map(({ label }) => label);

  it('has ticks at round times of every span', () => {
    expect(labels('2026-01-05T10:20:00Z', '2026-01-05T13:10:00Z').slice(0, 2)).toEqual(['01-05 10:30', '01-05 11:00']);
    expect(labels('2026-01-07T10:00:00Z', '2026-02-10T00:00:00Z')).toEqual([
      '2026-01-12',
      '2026-01-19',
      '2026-01-26',
      '2026-02-02',
      '2026-02-09',
    ]);
    expect(labels('2026-01-07T10:00:00Z', '2026-07-10T00:00:00Z').slice(0, 2)).toEqual(['2026-02', '2026-03']);
    expect(labels('2001-01-07T10:00:00Z', '2026-07-10T00:00:00Z').slice(0, 2)).toEqual(['2005', '2010']);
  });

  it('never has more than a few, inside the picture', () => {
    const time = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const axis = timeAxis(Math.min(a, b), Math.max(a, b));
        expect(axis.ticks.length).toBeLessThanOrEqual(9);
        for (const { atMs } of axis.ticks) expect(axis.at(atMs) >= 0 && axis.at(atMs) <= 1).toBe(true);
      }),
    );
  });
});
