import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryPoint } from '../../lib/judge/backtest/point.ts';
import { type AlertSeverity, type Detector, openReplay, type Replayed } from '../../lib/judge/backtest.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 5);

/** Fires while the value is over a limit, at the severity that the value asks for; it learns for `learns` points. */
const over = (limit: number, { learns = 0, pageOver = Number.POSITIVE_INFINITY } = {}): Detector<number> => ({
  rule: 'slo',
  subject: `under ${limit}`,
  advance: (seen = 0, point) => {
    const value = 'value' in point ? point.value : 0;
    const severity: AlertSeverity = value > pageOver ? 'page' : 'ticket';
    const fires = seen >= learns && value > limit;
    return {
      memory: seen + 1,
      alert: fires ? { severity, reason: `${value} is over ${limit}`, evidence: { value } } : null,
      ready: seen >= learns,
      baseline: limit,
    };
  },
});

const hourly = (values: readonly number[]): readonly HistoryPoint[] =>
  values.map((value, hour) => ({ atMs: startMs + hour * hourMs, value }));

const replay = (detectors: readonly Detector[], points: readonly HistoryPoint[], portion = points.length): Replayed => {
  const replaying = openReplay(detectors);
  for (let at = 0; at < points.length; at += portion) replaying.take(points.slice(at, at + portion));
  return replaying.end();
};

describe('a replay', () => {
  it('tells once from firing to not firing, and leaves open what is', () => {
    const { episodes, points, fromMs, toMs } = replay([over(5)], hourly([1, 6, 7, 1, 1, 9, 8]));
    expect(
      episodes.map(({ atMs, untilMs, severity, reason, evidence }) => ({ atMs, untilMs, severity, reason, evidence })),
    ).toEqual([
      {
        atMs: startMs + hourMs,
        untilMs: startMs + 3 * hourMs,
        severity: 'ticket',
        reason: '6 is over 5',
        evidence: { value: 6 },
      },
      { atMs: startMs + 5 * hourMs, untilMs: null, severity: 'ticket', reason: '9 is over 5', evidence: { value: 9 } },
    ]);
    expect([points, fromMs, toMs]).toEqual([7, startMs, startMs + 6 * hourMs]);
  });

  it('tells anew when a ticket becomes a page, and when a page becomes a ticket', () => {
    const { episodes } = replay([over(5, { pageOver: 10 })], hourly([6, 12, 13, 6, 1]));
    expect(
      episodes.map(({ severity, atMs, untilMs }) => [
        severity,
        (atMs - startMs) / hourMs,
        ((untilMs ?? 0) - startMs) / hourMs,
      ]),
    ).toEqual([
      ['ticket', 0, 1],
      ['page', 1, 3],
      ['ticket', 3, 4],
    ]);
  });

  it('counts every week, the quiet ones too, and says since when each rule could fire', () => {
    const days = Array.from({ length: 21 }, (_, day) => ({
      atMs: startMs + day * 24 * hourMs,
      value: day === 15 ? 9 : 1,
    }));
    const { perWeek, rules } = replay([over(5, { learns: 3 }), over(99, { learns: 1000 })], days);
    expect(perWeek).toEqual([
      { week: '2026-W02', pages: 0, tickets: 0 },
      { week: '2026-W03', pages: 0, tickets: 0 },
      { week: '2026-W04', pages: 0, tickets: 1 },
    ]);
    expect(rules).toEqual([
      { rule: 'slo', subject: 'under 5', readyMs: startMs + 3 * 24 * hourMs },
      { rule: 'slo', subject: 'under 99', readyMs: null },
    ]);
  });

  it('lists so many alerts and counts all', () => {
    const flapping = Array.from({ length: 240_000 }, (_, minute) => ({
      atMs: startMs + minute * 60_000,
      value: minute % 2 === 0 ? 9 : 1,
    }));
    const { episodes, unlisted, perWeek } = replay([over(5)], flapping, 10_000);
    expect([episodes.length, unlisted]).toEqual([100_000, 20_000]);
    expect(perWeek.reduce((sum, { tickets }) => sum + tickets, 0)).toBe(120_000);
  });

  it('of nothing is nothing', () => {
    expect(replay([over(5)], [], 1)).toMatchObject({ points: 0, fromMs: null, episodes: [], perWeek: [] });
  });

  it('comes out the same whatever the portions', () => {
    const values = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (heights, portion) => {
        const detectors = [over(5, { learns: 2, pageOver: 9 }), over(2)];
        expect(replay(detectors, hourly(heights), portion)).toEqual(replay(detectors, hourly(heights)));
      }),
    );
  });
});
