import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron } from '../../lib/config/cron.ts';
import type { Schedule } from '../../lib/config/plan.ts';
import { cadenceMs, describeSchedule, firesBetween, nextFire, parseCronSchedule } from '../../lib/config/schedule.ts';
import { isTimeZone } from '../../lib/config/zone.ts';

const cron = (expression: string, timezone = 'UTC'): Schedule => ({ kind: 'cron', expression, timezone });
const at = (iso: string): number => Date.parse(iso);
const fires = (expression: string, timezone: string, after: string, until: string): string[] =>
  firesBetween(cron(expression, timezone), at(after), at(until)).map((ms) => new Date(ms).toISOString().slice(0, 16));

describe('a cron expression', () => {
  it.each([
    ['0 13 * * 2', { minutes: [0], hours: [13], weekdays: [2] }],
    ['*/20 8-18/5 1,15 JAN,mar *', { minutes: [0, 20, 40], hours: [8, 13, 18], days: [1, 15], months: [1, 3] }],
    ['5/15 * * * FRI-7', { minutes: [5, 20, 35, 50], weekdays: [0, 5, 6] }],
    ['0 0 * * 0,7,SUN', { weekdays: [0] }],
    ['@weekly', { minutes: [0], hours: [0], weekdays: [0] }],
    [' @Daily ', { minutes: [0], hours: [0], eitherDay: false }],
    ['0 0 1 * MON', { eitherDay: true }],
    ['0 0 */2 * MON', { eitherDay: false }],
  ])('%s is read', (expression, fields) => {
    expect(parseCron(expression)).toMatchObject({ ok: true, value: fields });
  });

  it.each([
    ['', 'has 0 of 5 fields'],
    ['* * * *', 'has 4 of 5 fields'],
    ['0 * * * * *', 'has 6 fields: seconds and years are not supported'],
    ['60 * * * *', 'minute 60 is outside 0 to 59'],
    ['0 24 * * *', 'hour 24 is outside 0 to 23'],
    ['0 0 0 * *', 'day of month 0 is outside 1 to 31'],
    ['0 0 * 13 *', 'month 13 is outside 1 to 12'],
    ['0 0 * * 8', 'day of week 8 is outside 0 to 7'],
    ['0 0 * * MOON', "'MOON' is no day of week"],
    ['JAN 0 * * *', "'JAN' is no minute"],
    ['*/0 * * * *', 'step 0 of the minute would never move'],
    ['0 22-2 * * *', "hour range 22-2 runs backwards: split it in two, such as '22-23,0-2'"],
    ['0 0 L * *', "'L' is no day of month"],
    ['0 0 * * 5#2', "'5#2' is no day of week"],
    ['1,,2 * * * *', "'' is no minute"],
    ['*-5 * * * *', "'*-5' is no minute"],
    ['1-2-3 * * * *', "'1-2-3' is no minute"],
    ['__proto__', 'has 1 of 5 fields'],
    [
      '@fortnightly',
      '@fortnightly is not known: use @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually',
    ],
  ])('%j is refused', (expression, message) => {
    expect(parseCron(expression)).toEqual({ ok: false, message });
  });

  it.each(['0 0 31 2 *', '0 0 30 2 *', '0 0 31 4,6,9,11 *'])(
    'that never fires is refused at once: %s',
    (expression) => {
      expect(parseCronSchedule(expression, 'UTC')).toMatchObject({
        ok: false,
        message: 'never fires: there is no such date',
      });
      expect(nextFire(cron(expression), 0)).toBeUndefined();
    },
  );

  it('of an unknown zone, or of a bare offset, is refused', () => {
    for (const zone of ['Berlin', '+01:00', '', 'Mars/Olympus']) expect(isTimeZone(zone)).toBe(false);
    expect(parseCronSchedule('0 0 * * *', 'Berlin')).toMatchObject({ ok: false, field: 'timezone' });
  });

  it('answers for any text', () => {
    const almost = fc.array(fc.constantFrom('*', '/', '-', ',', '5', '31', ' ', 'MON', '@'), { maxLength: 16 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          almost.map((parts) => parts.join('')),
        ),
        (text) => {
          const result = parseCronSchedule(text, 'UTC');
          // What is taken must fire.
          if (result.ok) expect(nextFire(result.value, 0)).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('the next fire', () => {
  it.each([
    ['0 13 * * 2', '2026-11-20T12:00Z', '2026-11-24T13:00'],
    ['0 13 * * 2', '2026-11-24T13:00Z', '2026-12-01T13:00'],
    ['0 0 29 2 *', '2096-03-01T00:00Z', '2104-02-29T00:00'],
    ['0 0 29 2 */7', '2026-01-01T00:00Z', '2032-02-29T00:00'],
    ['59 23 31 12 *', '2026-12-31T23:58Z', '2026-12-31T23:59'],
    // Either day is enough where both are restricted.
    ['0 0 13 * FRI', '2026-11-20T00:00Z', '2026-11-27T00:00'],
    ['0 0 13 * FRI', '2026-12-12T00:00Z', '2026-12-13T00:00'],
    // `*/2` begins with a star and restricts nothing by itself: both must hold.
    ['0 0 */2 * FRI', '2026-11-20T00:00Z', '2026-11-27T00:00'],
  ])('of %s after %s is %s', (expression, after, next) => {
    expect(new Date(nextFire(cron(expression), at(after)) ?? 0).toISOString().slice(0, 16)).toBe(next);
  });

  it('of `every` is aligned to the epoch, and an offset moves it', () => {
    const every: Schedule = { kind: 'every', everyMs: 60_000 };
    expect(nextFire(every, 0)).toBe(60_000);
    expect(nextFire(every, 59_999)).toBe(60_000);
    expect(nextFire(every, 60_000)).toBe(120_000);
    expect(nextFire(every, 60_000, 7000)).toBe(67_000);
    expect(nextFire(every, 67_000, 7000)).toBe(127_000);
    expect(firesBetween(every, 0, 180_000)).toEqual([60_000, 120_000, 180_000]);
  });
});

describe('daylight saving', () => {
  it('fires a skipped local time at the end of the gap', () => {
    expect(fires('30 2 * * *', 'America/New_York', '2026-03-07T00:00Z', '2026-03-10T00:00Z')).toEqual([
      '2026-03-07T07:30',
      '2026-03-08T07:00',
      '2026-03-09T06:30',
    ]);
  });

  it('fires once for several times in one gap', () => {
    expect(fires('*/20 2 * * *', 'America/New_York', '2026-03-08T00:00Z', '2026-03-09T06:10Z')).toEqual([
      '2026-03-08T07:00',
      '2026-03-09T06:00',
    ]);
  });

  it('fires a repeated local time once, the first time', () => {
    expect(fires('30 1 * * *', 'America/New_York', '2026-11-01T00:00Z', '2026-11-03T00:00Z')).toEqual([
      '2026-11-01T05:30',
      '2026-11-02T06:30',
    ]);
  });

  it('keeps the spacing of a schedule of every hour', () => {
    const spring = firesBetween(
      cron('*/15 * * * *', 'Europe/Berlin'),
      at('2026-03-28T12:00Z'),
      at('2026-03-30T12:00Z'),
    );
    const autumn = firesBetween(
      cron('*/15 * * * *', 'Europe/Berlin'),
      at('2026-10-24T12:00Z'),
      at('2026-10-26T12:00Z'),
    );
    for (const list of [spring, autumn]) {
      expect(list).toHaveLength(48 * 4);
      expect(new Set(list.map((ms, index) => ms - (list[index - 1] ?? ms - 900_000)))).toEqual(new Set([900_000]));
    }
  });

  it('handles a gap at midnight, a change of half an hour and a day that never was', () => {
    expect(fires('30 0 * * *', 'America/Havana', '2026-03-07T12:00Z', '2026-03-09T12:00Z')).toEqual([
      '2026-03-08T05:00',
      '2026-03-09T04:30',
    ]);
    expect(fires('10 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', '2026-10-04T20:00Z')).toEqual([
      '2026-10-03T15:30',
      '2026-10-04T15:10',
    ]);
    expect(fires('0 12 30 12 *', 'Pacific/Apia', '2011-06-01T00:00Z', '2013-01-01T00:00Z')).toEqual([
      '2011-12-30T10:00',
      '2012-12-29T22:00',
    ]);
  });
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Africa/Cairo',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];

/** croner's own answer; it reads the same expression with no code of ours. */
const oracle = (expression: string, timezone: string, after: number, count: number): number[] => {
  const job = new Cron(expression, { timezone, paused: true });
  const list: number[] = [];
  for (let from = new Date(after); list.length < count; ) {
    const next = job.nextRun(from);
    if (!next) break;
    list.push(next.getTime());
    from = next;
  }
  return list;
};

const list = (min: number, max: number) =>
  fc
    .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 })
    .map((values) => values.sort((a, b) => a - b).join(','));
const field = (min: number, max: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min, max }).map(String),
    list(min, max),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );
const instant = fc
  .integer({ min: at('2020-01-01T00:00Z') / 1000, max: at('2034-01-01T00:00Z') / 1000 })
  .map((s) => s * 1000);

describe('against croner', () => {
  /*
   * Differences that are ours on purpose, and so are kept out of what is compared:
   * - `*\/2` as a day: for Vixie cron, and for us, a star; for croner a restriction. No such day is generated.
   * - several times of fixed hours in a gap, or in an hour that comes twice: croner counts them as spaced and drops or
   *   repeats them; for us fixed hours are fixed. So either the hour is `*`, or one hour and one minute are named.
   */
  const spaced = fc.tuple(field(0, 59), fc.constant('*'));
  const fixed = fc
    .tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 }))
    .map(([m, h]) => [String(m), String(h)] as const);

  it('agrees on five fires in a row, in any zone, at any instant', () => {
    fc.assert(
      fc.property(
        fc.oneof(spaced, fixed),
        field(1, 28),
        field(1, 12),
        field(0, 6),
        fc.constantFrom(...zones),
        instant,
        ([minute, hour], day, month, weekday, zone, after) => {
          const expression = `${minute} ${hour} ${day} ${month} ${weekday}`;
          const ours = firesBetween(cron(expression, zone), after, Number.POSITIVE_INFINITY, 5);
          expect(ours, `${expression} ${zone} after ${new Date(after).toISOString()}`).toEqual(
            oracle(expression, zone, after, 5),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('agrees around every change of the clock in two years', () => {
    for (const zone of zones) {
      for (const expression of ['30 2 * * *', '30 1 * * *', '0 0 * * *', '30 0 * * *', '*/30 * * * *', '15 * * * *']) {
        for (let year = 2026; year < 2028; year += 1) {
          for (const day of [
            `${year}-03-05`,
            `${year}-03-25`,
            `${year}-04-01`,
            `${year}-09-01`,
            `${year}-09-24`,
            `${year}-10-24`,
            `${year}-10-30`,
          ]) {
            const after = at(`${day}T00:00Z`);
            const ours = firesBetween(cron(expression, zone), after, Number.POSITIVE_INFINITY, 12);
            expect(ours, `${expression} ${zone} after ${day}`).toEqual(oracle(expression, zone, after, 12));
          }
        }
      }
    }
  });

  it('agrees away from the changes with any list of fixed hours', () => {
    fc.assert(
      fc.property(
        field(0, 59),
        field(0, 23),
        field(1, 31),
        fc.constantFrom('UTC', 'Asia/Kolkata', 'Asia/Tokyo'),
        instant,
        (minute, hour, day, zone, after) => {
          const expression = `${minute} ${hour} ${day} * *`;
          expect(firesBetween(cron(expression, zone), after, Number.POSITIVE_INFINITY, 5)).toEqual(
            oracle(expression, zone, after, 5),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('laws of fires', () => {
  it('come after, ascend, and are the same one by one and all at once', () => {
    fc.assert(
      fc.property(
        field(0, 59),
        field(0, 23),
        field(0, 6),
        fc.constantFrom(...zones),
        instant,
        (minute, hour, weekday, zone, after) => {
          const schedule = cron(`${minute} ${hour} * * ${weekday}`, zone);
          const together = firesBetween(schedule, after, Number.POSITIVE_INFINITY, 4);
          let from = after;
          for (const fire of together) {
            expect(fire).toBeGreaterThan(from);
            expect(nextFire(schedule, from)).toBe(fire);
            from = fire;
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the cadence', () => {
  it.each([
    ['0 13 * * 2', 7 * 24 * 60],
    ['0 13 * * 2,4', 2 * 24 * 60],
    ['0 0 * * 1,6', 2 * 24 * 60],
    ['* * * * *', 1],
    ['*/7 * * * *', 4],
    ['0 0,23 * * *', 60],
    ['*/5 9-17 * * MON-FRI', 5],
    ['0 0 1 * *', 28 * 24 * 60],
    ['0 0 29 2 *', 1461 * 24 * 60],
    ['0 0 13 * FRI', 24 * 60],
  ])('of %s is %i minutes', (expression, minutes) => {
    expect(cadenceMs(cron(expression))).toBe(minutes * 60_000);
  });

  it('of every is itself', () => {
    expect(cadenceMs({ kind: 'every', everyMs: 5000 })).toBe(5000);
  });

  it('is never longer than two fires are apart', () => {
    fc.assert(
      fc.property(
        field(0, 59),
        field(0, 23),
        field(1, 28),
        field(0, 6),
        instant,
        (minute, hour, day, weekday, after) => {
          const schedule = cron(`${minute} ${hour} ${day} * ${weekday}`);
          const list = firesBetween(schedule, after, Number.POSITIVE_INFINITY, 6);
          for (const [index, fire] of list.entries()) {
            const before = list[index - 1];
            if (before !== undefined) expect(fire - before).toBeGreaterThanOrEqual(cadenceMs(schedule));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is said in words', () => {
    expect(describeSchedule({ kind: 'every', everyMs: 90_000 })).toBe('every 1m 30s');
    expect(describeSchedule(cron('0 13 * * 2'))).toBe('cron 0 13 * * 2 UTC');
  });
});
