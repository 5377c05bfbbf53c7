import fc from 'fast-check';
import type { Plan, ProbePlan, Schedule } from '../../lib/config/plan.ts';
import { parseCronSchedule } from '../../lib/config/schedule.ts';
import { planOf, probeOf } from './probing.ts';

/** Zones of every kind: none, fixed, whole hours and half hours, at midnight, in Ramadan, of the south. */
export const zones = [
  'UTC',
  'Africa/Abidjan',
  'Asia/Kolkata',
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'Asia/Beirut',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
];

const everyMs = fc.oneof(
  fc.constantFrom(1000, 7000, 10_000, 30_000, 60_000, 90_000, 90_500),
  fc.integer({ min: 1, max: 240 }).map((minutes) => minutes * 60_000),
  fc.integer({ min: 1, max: 48 }).map((hours) => hours * 3_600_000),
  fc.integer({ min: 1, max: 14 }).map((days) => days * 86_400_000),
);

const field = (min: number, max: number, stars: number) =>
  fc.oneof(
    { weight: stars, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 6 }).map(String) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }).map((step) => `*/${step}`) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.integer({ min, max }), fc.integer({ min: 2, max: 20 })).map(([a, n]) => `${a}/${n}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    },
  );

/** Crons as people write them and as nobody does; those that never fire are left out. */
export const cronSchedules: fc.Arbitrary<Schedule> = fc
  .tuple(field(0, 59, 1), field(0, 23, 2), field(1, 31, 6), field(1, 12, 8), field(0, 7, 4), fc.constantFrom(...zones))
  .map(([minute, hour, day, month, weekday, zone]) =>
    parseCronSchedule(`${minute} ${hour} ${day} ${month} ${weekday}`, zone),
  )
  .filter((parsed) => parsed.ok)
  .map(({ value }) => value);

const everySchedules: fc.Arbitrary<Schedule> = everyMs.map((ms) => ({ kind: 'every', everyMs: ms }));

export const schedules: fc.Arbitrary<Schedule> = fc.oneof(everySchedules, cronSchedules);

const config = { kind: 'http', steps: [{ request: { url: 'https://example.org/' } }] };
const base = probeOf(config);
const emptyPlan = { ...planOf({ probes: [{ id: 'none', ...config }] }), probes: [] };

export const scheduledProbe = (id: string, schedule: Schedule): ProbePlan => ({ ...base, id, schedule });

export const every = (ms: number): Schedule => ({ kind: 'every', everyMs: ms });
export const cron = (expression: string, timezone = 'UTC'): Schedule => ({ kind: 'cron', expression, timezone });

export const planWith = (probes: readonly ProbePlan[]): Plan => ({ ...emptyPlan, probes });
