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

  it('are those of the timetable, in any zone, within a day of a year', () => {
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
    const from = Date.UTC(2026, 0, 1);
    const years = 4;
    const to = Date.UTC(2026 + years, 0, 1);
    fc.assert(
      fc.property(schedules, zones, (expression, timezone) => {
        const real = firesBetween(cron(expression, timezone), from, to, 50_000).length;
        const reckoned = (firesPerMonth(cron(expression, timezone), hours) / hours) * ((to - from) / 3_600_000);
        // Weekdays and dates fall together more or less often in some years than in all 28 that are averaged.
        expect(Math.abs(real - reckoned)).toBeLessThanOrEqual(0.05 * real + 24 * years);
      }),
      { numRuns: 60 },
    );
  });
});
