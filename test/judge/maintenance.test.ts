import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MaintenancePlan } from '../../lib/config/plan.ts';
import { maintenanceAt } from '../../lib/judge/maintenance.ts';

const at = (iso: string): number => Date.parse(iso);
const once: MaintenancePlan = {
  reason: 'the database moves',
  probes: ['a', 'b'],
  when: { kind: 'once', fromMs: at('2026-06-02T22:00Z'), toMs: at('2026-06-02T23:00Z') },
};
/** Sundays from 02:00 in Berlin, for two hours. */
const weekly: MaintenancePlan = {
  reason: 'the Sunday window',
  probes: [],
  when: { kind: 'cron', expression: '0 2 * * 0', timezone: 'Europe/Berlin', forMs: 7_200_000 },
};
const isIn = (windows: readonly MaintenancePlan[], probe: string, iso: string) =>
  maintenanceAt(windows, probe, at(iso))?.reason;

describe('a maintenance window', () => {
  it('holds its start and not its end', () => {
    expect(
      ['2026-06-02T21:59:59.999Z', '2026-06-02T22:00Z', '2026-06-02T22:59:59.999Z', '2026-06-02T23:00Z'].map((iso) =>
        isIn([once], 'a', iso),
      ),
    ).toEqual([undefined, once.reason, once.reason, undefined]);
  });

  it('is for the probes that it names, or for all', () => {
    const iso = '2026-06-02T22:30Z';
    expect([isIn([once], 'b', iso), isIn([once], 'c', iso), isIn([], 'a', iso)]).toEqual([
      once.reason,
      undefined,
      undefined,
    ]);
    expect(isIn([once, weekly], 'c', '2026-06-07T00:30Z')).toBe(weekly.reason);
  });

  it('of a cron is at its local time, and may reach over midnight', () => {
    // Berlin is two hours ahead in June, and one in December.
    expect(
      ['2026-06-06T23:59Z', '2026-06-07T00:00Z', '2026-06-07T01:59Z', '2026-06-07T02:00Z'].map(
        (iso) => isIn([weekly], 'a', iso) !== undefined,
      ),
    ).toEqual([false, true, true, false]);
    expect(['2026-12-06T00:30Z', '2026-12-06T01:00Z'].map((iso) => isIn([weekly], 'a', iso) !== undefined)).toEqual([
      false,
      true,
    ]);
    const night: MaintenancePlan = {
      ...weekly,
      when: { kind: 'cron', expression: '0 23 * * *', timezone: 'UTC', forMs: 7_200_000 },
    };
    expect(
      ['2026-06-02T22:59Z', '2026-06-03T00:59Z', '2026-06-03T01:00Z'].map(
        (iso) => isIn([night], 'a', iso) !== undefined,
      ),
    ).toEqual([false, true, false]);
  });

  it('of a cron is open exactly as long after each fire as it says', () => {
    const every: MaintenancePlan = {
      ...weekly,
      when: { kind: 'cron', expression: '0 * * * *', timezone: 'UTC', forMs: 600_000 },
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_600_000_000 }), (ms) => {
        expect(maintenanceAt([every], 'a', ms) !== undefined).toBe(ms % 3_600_000 < 600_000);
      }),
    );
  });
});
