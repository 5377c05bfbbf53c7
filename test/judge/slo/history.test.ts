import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRun, type CountedRun, expire, type History, tallyOf } from '../../../lib/judge/slo/history.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const originMs = Date.UTC(2026, 0, 5);
const reach = { longestMs: 30 * dayMs };

const historyOf = (runs: readonly CountedRun[]): History => {
  let history: History | undefined;
  for (const run of runs) history = addRun(history, run, reach);
  if (!history) throw new Error('no runs');
  return history;
};

/** What a window would hold exactly. */
const exactly = (runs: readonly CountedRun[], nowMs: number, lengthMs: number) => {
  const inside = runs.filter(({ atMs }) => atMs > nowMs - lengthMs);
  return {
    total: inside.reduce((sum, { total }) => sum + total, 0),
    bad: inside.reduce((sum, { bad }) => sum + bad, 0),
    badRuns: inside.filter(({ isBad }) => isBad).length,
    worst: Math.max(0, ...inside.map(({ bad }) => bad)),
  };
};

const runsOf = (steps: readonly (readonly [gapMinutes: number, bad: number])[]): readonly CountedRun[] => {
  let atMs = originMs;
  return steps.map(([gap, bad]) => {
    atMs += gap * minuteMs;
    return { atMs, total: 10, bad, isBad: bad > 1 };
  });
};

const steps = (longestGap: number) =>
  fc.array(fc.tuple(fc.integer({ min: 1, max: longestGap }), fc.constantFrom(0, 0, 0, 1, 4, 10)), {
    minLength: 1,
    maxLength: 400,
  });

describe('a window over the history', () => {
  it('is never longer than asked, and at most an eighth and a minute shorter', () => {
    fc.assert(
      fc.property(steps(40), fc.integer({ min: 1, max: 6_000 }), (gaps, minutes) => {
        const runs = runsOf(gaps);
        const nowMs = runs.at(-1)?.atMs ?? 0;
        const found = tallyOf(historyOf(runs), nowMs, minutes * minuteMs);
        const most = exactly(runs, nowMs, minutes * minuteMs);
        const least = exactly(runs, nowMs, ((minutes * 7) / 8 - 1) * minuteMs);
        for (const figure of ['total', 'bad', 'badRuns', 'worst'] as const) {
          expect(found[figure]).toBeLessThanOrEqual(most[figure]);
          expect(found[figure]).toBeGreaterThanOrEqual(least[figure]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is exact over the last eight runs of any even schedule, and over sixteen minutes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 5, 7, 60, 1_440, 10_080),
        fc.array(fc.constantFrom(0, 1, 10), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 59 }),
        (everyMinutes, bads, length, offset) => {
          const runs = bads.map((bad, index) => ({
            atMs: originMs + (index * everyMinutes + offset) * minuteMs,
            total: 10,
            bad,
            isBad: bad > 1,
          }));
          const nowMs = runs.at(-1)?.atMs ?? 0;
          const lengthMs = Math.min(length * everyMinutes, 20_000) * minuteMs;
          expect(tallyOf(historyOf(runs), nowMs, lengthMs)).toEqual(exactly(runs, nowMs, lengthMs));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('begins after the minute that it is told to', () => {
    const runs = runsOf([
      [1, 10],
      [1, 10],
      [1, 10],
    ]);
    const nowMs = runs.at(-1)?.atMs ?? 0;
    expect(tallyOf(historyOf(runs), nowMs, dayMs, nowMs / minuteMs - 1)).toMatchObject({ bad: 10, badRuns: 1 });
  });
});

describe('the history', () => {
  it('of a month of minutes holds every event in about a hundred cells', () => {
    const runs = runsOf(Array.from({ length: 43_200 }, (_, index) => [1, index % 500 === 0 ? 10 : 0] as const));
    const history = historyOf(runs);
    const held = history.cells.reduce((sum, [, total]) => sum + total, 0);
    expect(history.cells.length).toBeLessThan(140);
    // The oldest cell may have left as a whole: a thirty-second of the window.
    expect(held).toBeGreaterThan(432_000 * (31 / 32) - 10);
    expect(held).toBeLessThanOrEqual(432_000);
  });

  it('merges runs of the same minute at once', () => {
    const runs = [0, 10, 20, 30].map((second) => ({ atMs: originMs + second * 1_000, total: 5, bad: 1, isBad: true }));
    expect(historyOf(runs).cells).toEqual([[0, 20, 4, 4, 1]]);
  });

  it('forgets what is older than its reach, and is the same object when nothing is', () => {
    const history = historyOf(
      runsOf([
        [1, 10],
        [60 * 24, 0],
      ]),
    );
    const lastMs = history.lastMin * minuteMs;
    expect(expire(history, lastMs + dayMs, reach)).toBe(history);
    expect(expire(history, lastMs + 29.5 * dayMs, reach).cells).toEqual([[0, 10]]);
    expect(expire(history, lastMs + 31 * dayMs, reach).cells).toEqual([]);
  });
});
