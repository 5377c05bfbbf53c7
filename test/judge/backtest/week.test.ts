import { describe, expect, it } from 'vitest';
import { weekOf, weeksBetween } from '../../../lib/judge/backtest/week.ts';

describe('the week of a time', () => {
  // ISO 8601: week 1 is the one with the first Thursday.
  it.each([
    ['2026-01-01T00:00:00Z', '2026-W01'],
    ['2025-12-29T00:00:00Z', '2026-W01'],
    ['2025-12-28T23:59:59.999Z', '2025-W52'],
    ['2021-01-03T12:00:00Z', '2020-W53'],
    ['2021-01-04T00:00:00Z', '2021-W01'],
    ['2016-01-01T00:00:00Z', '2015-W53'],
    ['1970-01-02T00:00:00Z', '1970-W01'],
  ])('of %s is %s', (iso, week) => {
    expect(weekOf(Date.parse(iso))).toBe(week);
  });

  it('follows the one before it, over the turn of a year', () => {
    expect(weeksBetween(Date.parse('2025-12-24T10:00:00Z'), Date.parse('2026-01-05T00:00:00Z'))).toEqual([
      '2025-W52',
      '2026-W01',
      '2026-W02',
    ]);
  });
});
