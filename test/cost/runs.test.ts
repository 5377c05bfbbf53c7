import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../lib/config/plan.ts';
import { firesBetween } from '../../lib/config/schedule.ts';
import { firesPerMonth } from '../../lib/cost/runs.ts';

const hours = 730;
const every = (everyMs: number): Schedule => ({ kind: 'every', everyMs });
const cron = (expression: string, timezone = 'UTC'): Schedule => ({ kind: 'cron', expression, timezone });

describe('runs of a month', () => {
  it.each<[string, Schedule, number]>([
    ['every minute', every(60_000), 43_800],
    ['every ten seconds', every(10_000), 262_800],
    ['every hour', every(3_600_000), 730],
    ['every week', every(604_800_000), 730 / 168],
    ['Tuesdays at 13:00', cron('0 13 * * 2'), 730 / 168],
    ['every minute, by cron', cron('* * * * *'), 43_800],
    ['every twenty minutes of working hours', cron('*/20 8-18 * * MON-FRI'), (33 * 5 * 730) / 168],
    ['the first of each month', cron('@monthly'), 730 / (24 * (365.25 / 12))],
    ['leap days', cron('0 0 29 2 *'), 730 / (24 * 365.25 * 4)],
    ['the 31st or a Sunday', cron('0 0 31 * SUN'), (730 / 24) * (1 / 7 + (7 / 365.25) * (6 / 7))],
  ])('%s', (_, schedule, fires) => {
    expect(firesPerMonth(schedule, hours)).toBeCloseTo(fires, 6);
  });

  it('are those of the timetable over the 28 years after which weekdays and leap years come round again', () => {
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min, max }).map(String),
        fc.integer({ min: 2, max: 9 }).map((n) => `*/${n}`),
      );
    const schedules = fc
      .tuple(fc.integer({ min: 0, max: 59 }), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
      .map((fields) => fields.join(' '));
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe');
    const years = 28;
    const [from, to] = [Date.UTC(2026, 0, 1), Date.UTC(2026 + years, 0, 1)];
    // In other zones the first and the last day are others, and each year one hour is left out and another comes twice.
    const slack = { UTC: 0, other: 2 * 24 + 2 * years };
    fc.assert(
      fc.property(schedules, zones, (expression, timezone) => {
        const real = firesBetween(cron(expression, timezone), from - 1, to - 1, 300_000).length;
        const reckoned = (firesPerMonth(cron(expression, timezone), hours) / hours) * ((to - from) / 3_600_000);
        expect(Math.abs(real - reckoned)).toBeLessThan(
          1e-6 * reckoned + 1e-6 + slack[timezone === 'UTC' ? 'UTC' : 'other'],
        );
      }),
      { numRuns: 40 },
    );
  });
});
