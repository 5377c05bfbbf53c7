import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapBetween } from '../../lib/config/gap.ts';
import type { Schedule } from '../../lib/config/plan.ts';
import { firesBetween } from '../../lib/config/schedule.ts';
import { startOffsetMs } from '../../lib/config/spread.ts';

const every = (everyMs: number): Schedule => ({ kind: 'every', everyMs });
const cron = (expression: string): Schedule => ({ kind: 'cron', expression, timezone: 'Europe/Berlin' });

describe('the offset of a probe', () => {
  it('is its own for good', () => {
    // Changing it would move every probe of every stack.
    expect(startOffsetMs('api-read', every(60_000))).toBe(33045);
  });

  it('lies within the cadence, and within a minute', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1000, max: 86_400_000 }), (id, everyMs) => {
        const offset = startOffsetMs(id, every(everyMs));
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThan(Math.min(everyMs, 60_000));
      }),
    );
  });

  it('is none for a cron', () => {
    expect(startOffsetMs('api-read', cron('* * * * *'))).toBe(0);
  });

  it('spreads probes evenly', () => {
    const tenths = Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n += 1) {
      const tenth = Math.floor(startOffsetMs(`probe-${n}`, every(60_000)) / 6000);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('a gap', () => {
  it('is what the schedule itself counts', () => {
    const schedules = fc.oneof(
      fc.integer({ min: 1, max: 10_000 }).map((seconds) => every(seconds * 1000)),
      fc.constantFrom('* * * * *', '*/7 3 * * *', '30 2 * * *', '0 13 * * 2').map(cron),
    );
    const autumn = Date.UTC(2026, 9, 24);
    const stretch = fc.tuple(fc.nat(3 * 86_400_000), fc.nat(2 * 86_400_000));
    fc.assert(
      fc.property(schedules, stretch, (schedule, [start, length]) => {
        const [afterMs, untilMs] = [autumn + start, autumn + start + length];
        const fires = firesBetween(schedule, afterMs, untilMs, 1_000_000);
        const [firstMs, lastMs] = [fires[0], fires.at(-1)];
        expect(gapBetween(schedule, afterMs, untilMs)).toEqual(
          fires.length === 0 ? undefined : { slots: fires.length, firstMs, lastMs },
        );
      }),
    );
  });

  it('that ends before it begins is none', () => {
    for (const schedule of [every(1000), cron('* * * * *')]) {
      expect(gapBetween(schedule, 1_000_000_000, 999_000_000)).toBeUndefined();
    }
  });
});
