import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegressionFinding, RegressionRule } from '../../lib/judge/regression/finding.ts';
import {
  acceptValues,
  advanceValues,
  describeValues,
  openValues,
  type ValuesAdvance,
  type ValuesMemory,
} from '../../lib/judge/regression/values.ts';
import { dayMs, hourMs, mondayMs, normals, type Point, seasonal, series } from './values-series.ts';

const rule: RegressionRule = { maxRegression: 0.2, severity: 'ticket' };

type Told = Pick<ValuesAdvance, 'finding' | 'act'>;

const judge = (points: readonly Point[], by: RegressionRule = rule): readonly Told[] => {
  const replay = openValues(by);
  return points.map((point) => replay.take(point));
};

/** What fired, each time that it began. */
const alertsOf = (told: readonly Told[]): readonly { readonly index: number; readonly finding: RegressionFinding }[] =>
  told.flatMap(({ finding }, index) =>
    finding.firing && !told[index - 1]?.finding.firing ? [{ index, finding }] : [],
  );

const isSlow = ({ reason }: RegressionFinding): boolean => reason.includes('grown slowly');

/** 1 until day `from`, then growing evenly to 1 + `by` at day `to`, and staying there. */
const growth = (from: number, to: number, by: number) => (_: number, atMs: number) =>
  1 + by * Math.min(1, Math.max(0, ((atMs - mondayMs) / dayMs - from) / (to - from)));

/** Where growth stands at the day. */
const levelAt = (index: number, grown: ReturnType<typeof growth>, cadenceMs = hourMs) =>
  grown(index, mondayMs + index * cadenceMs);

/** A level that walks, hour by hour. */
const walk = (days: number, step: number, seed: number): readonly Point[] => {
  const normal = normals(seed + 1000);
  let level = 0;
  return series(days * 24, {
    seed,
    at: () => {
      level += step * normal();
      return Math.exp(level);
    },
  });
};

describe('slow growth', () => {
  it('is found before it is half over its limit', () => {
    const grown = growth(20, 50, 0.5);
    let others = 0;
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const [first, ...more] = alertsOf(judge(series(60 * 24, { seed, at: grown })));
      others += more.length;
      expect(levelAt(first?.index ?? 0, grown)).toBeGreaterThan(1.2);
      expect(levelAt(first?.index ?? 9999, grown)).toBeLessThan(1.36);
    }
    // In 70 weeks of 8 series a chance alert or two is what the bench measures.
    expect(others).toBeLessThanOrEqual(2);
  });

  it('is told with its figures, against the anchor', () => {
    const [first] = alertsOf(judge(series(60 * 24, { at: growth(20, 50, 0.5) })));
    expect(first?.finding).toMatchObject({ state: 'active', arm: 'level', against: 'anchor', moreRuns: null });
    expect(first?.finding.ratio).toBeGreaterThan(1.2);
    expect(first?.finding.ratio).toBeLessThan(1.3);
    expect(first?.finding.score).toBeGreaterThan(first?.finding.limit ?? Number.NaN);
    expect(first?.finding.reason).toMatch(
      /^level 2\d\d is 1\.2\d × its anchor (19|20)\d \(95 %: 1\.\d\d to 1\.\d\d\) over the last 7 days: it has grown slowly/,
    );
  });

  it('is found in values every five minutes, daily ones, and in a season', () => {
    const fiveMinutes = growth(20, 40, 0.5);
    const often = series(40 * 288, { cadenceMs: 300_000, noise: 0.12, at: fiveMinutes });
    const [first] = alertsOf(judge(often));
    expect(levelAt(first?.index ?? 0, fiveMinutes, 300_000)).toBeGreaterThan(1.2);

    const daily = growth(40, 80, 0.49);
    for (const seed of [1, 2, 3]) {
      const [found] = alertsOf(judge(series(90, { cadenceMs: dayMs, noise: 0.03, seed, at: daily })));
      expect(levelAt(found?.index ?? 0, daily, dayMs)).toBeGreaterThan(1.2);
      expect(levelAt(found?.index ?? 9999, daily, dayMs)).toBeLessThan(1.45);
    }

    const weekly = growth(25, 65, 0.5);
    const busy = series(75 * 24, { at: (index, atMs) => seasonal(atMs) * weekly(index, atMs) });
    const alerts = alertsOf(judge(busy));
    expect(alerts).toHaveLength(1);
    expect(levelAt(alerts[0]?.index ?? 0, weekly)).toBeGreaterThan(1.2);
    expect(levelAt(alerts[0]?.index ?? 9999, weekly)).toBeLessThan(1.4);
  });

  it('is not seen in a year of a level that stays', () => {
    for (const seed of [1, 2, 3])
      expect(alertsOf(judge(series(365 * 24, { seed }))).map(({ index }) => index)).toEqual([]);
    const at = (_: number, atMs: number) => seasonal(atMs);
    expect(alertsOf(judge(series(365 * 24, { at }))).filter(({ finding }) => isSlow(finding))).toEqual([]);
  });

  it('is not seen in a year of a level that walks, however far', () => {
    let farthest = 0;
    for (const [index, step] of [0.006, 0.01, 0.02, 0.03].entries()) {
      const points = walk(365, step, 20 + index);
      farthest = Math.max(farthest, ...points.map(({ value }) => value));
      expect(alertsOf(judge(points)).filter(({ finding }) => isSlow(finding))).toEqual([]);
    }
    // They did go far.
    expect(farthest).toBeGreaterThan(300);
  });

  it('that is less than what counts is none', () => {
    for (const seed of [1, 2, 3]) {
      expect(alertsOf(judge(series(90 * 24, { seed, noise: 0.05, at: growth(20, 60, 0.15) })))).toEqual([]);
    }
  });

  it('asks for more evidence of a page, and of one series among thousands', () => {
    const limitOf = (by: RegressionRule) =>
      alertsOf(judge(series(90 * 24, { noise: 0.03, at: growth(20, 60, 1) }), by))[0]?.finding.limit ?? Number.NaN;
    expect(limitOf({ ...rule, severity: 'page' })).toBeGreaterThan(limitOf(rule));
    expect(limitOf({ ...rule, keys: 5000 })).toBeCloseTo(limitOf(rule) + Math.log(100), 9);
  });
});

describe('slow growth that has been found', () => {
  const memoryAfter = (points: readonly Point[]): ValuesMemory => {
    let memory: ValuesMemory | undefined;
    for (const point of points) memory = advanceValues(rule, memory, point).memory;
    if (!memory) throw new Error('no points');
    return memory;
  };
  const grown = series(60 * 24, { at: growth(20, 50, 0.5) });
  const found = alertsOf(judge(grown))[0]?.index ?? 0;

  it('settles after a week, says so once, and is still known from the anchor', () => {
    const told = judge(grown);
    const settled = told.flatMap(({ act }, index) => (act ? [{ index, act }] : []));
    expect(settled).toHaveLength(1);
    expect(settled[0]?.index).toBe(found + 7 * 24);
    expect(settled[0]?.act.ratio).toBeGreaterThan(1.25);
    expect(told.slice(found, found + 7 * 24).every(({ finding }) => finding.firing)).toBe(true);
    expect(told.slice(found + 7 * 24).some(({ finding }) => finding.firing)).toBe(false);
    expect(describeValues(memoryAfter(grown).base).drift).toBeGreaterThan(1.3);
  });

  it('is found again once it has grown as much again', () => {
    const alerts = alertsOf(judge(series(120 * 24, { noise: 0.05, at: growth(20, 110, 1) })));
    expect(alerts.length).toBeGreaterThanOrEqual(2);
    expect(alerts.length).toBeLessThanOrEqual(3);
    expect(alerts.every(({ finding }) => isSlow(finding))).toBe(true);
  });

  it('is over when half of it has gone', () => {
    const at = (index: number, atMs: number) => (index < found + 10 ? growth(20, 50, 0.5)(index, atMs) : 1);
    const told = judge(series(60 * 24, { at }));
    expect(told[found + 9]?.finding.firing).toBe(true);
    expect(told[found + 6 * 24]?.finding.firing).toBe(false);
    expect(told.some(({ act }) => act)).toBe(false);
  });

  it('ends when a person accepts it, and does not come back', () => {
    const { hot, base } = memoryAfter(grown.slice(0, found + 5));
    let memory: ValuesMemory = { hot, base: acceptValues(base) };
    const level = 1.28;
    const on = series(100 * 24, { at: () => level }).slice(found + 5);
    for (const point of on) {
      const step = advanceValues(rule, memory, point);
      memory = step.memory;
      expect(step.finding.firing).toBe(false);
    }
  });

  it('does not hide a quick change beside it', () => {
    const told = judge(
      grown.map((point, index) => (index >= found + 30 ? { ...point, value: 3 * point.value } : point)),
    );
    expect(told[found + 20]?.finding.against).toBe('anchor');
    expect(told[found + 33]?.finding).toMatchObject({ firing: true, against: 'rolling' });
  });
});

describe('the line that growth is held against', () => {
  it('moves with a change that has settled, and comes back down with the level', () => {
    const step = (from: number, to: number) => (_: number, atMs: number) => {
      const day = (atMs - mondayMs) / dayMs;
      return day >= from && day < to ? 1.6 : 1;
    };
    const stays = alertsOf(judge(series(100 * 24, { at: step(30, 200) })));
    expect(stays.filter(({ finding }) => isSlow(finding))).toEqual([]);
    const back = step(30, 50);
    const later = growth(70, 110, 0.5);
    const told = alertsOf(judge(series(115 * 24, { at: (index, atMs) => back(index, atMs) * later(index, atMs) })));
    expect(told.filter(({ finding }) => isSlow(finding))).toHaveLength(1);
  });

  it('is drawn anew after a long silence', () => {
    const points = series(90 * 24, { at: (index) => (index < 40 * 24 ? 1 : 1.4) });
    const silent = points.map((point, index) =>
      index < 40 * 24 ? point : { ...point, atMs: point.atMs + 60 * dayMs },
    );
    expect(alertsOf(judge(silent))).toEqual([]);
  });
});

describe('a replay with a memory of its own', () => {
  it('says what the judge says that is given its memory with each point, stored or not', () => {
    const shape = fc.record({
      seed: fc.integer({ min: 1, max: 1000 }),
      noise: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
      cadenceMs: fc.constantFrom(300_000, hourMs, 6 * hourMs, dayMs),
      by: fc.double({ min: -0.5, max: 2, noNaN: true }),
      outage: fc.integer({ min: 0, max: 1200 }),
    });
    fc.assert(
      fc.property(shape, ({ by, outage, ...options }) => {
        const at = (index: number) => (1 + (by * index) / 1200) * (index >= outage && index < outage + 40 ? 3 : 1);
        const points = series(1200, { ...options, at });
        const told = judge(points);
        let memory: ValuesMemory | undefined;
        for (const [index, point] of points.entries()) {
          const { memory: next, ...step } = advanceValues(rule, memory, point);
          expect(step).toEqual(told[index]);
          memory = index % 100 === 0 ? JSON.parse(JSON.stringify(next)) : next;
        }
      }),
      { numRuns: 12 },
    );
  });
});
