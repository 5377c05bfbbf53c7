import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegressionFinding, RegressionRule } from '../../lib/judge/regression/finding.ts';
import {
  acceptValues,
  advanceValues,
  clearValues,
  describeValues,
  pinValues,
  unpinValues,
  type ValuesAdvance,
  type ValuesMemory,
} from '../../lib/judge/regression/values.ts';
import { dayMs, hourMs, mondayMs, normals, type Point, seasonal, series } from './values-series.ts';

const rule: RegressionRule = { maxRegression: 0.2, severity: 'ticket' };

const replay = (points: readonly Point[], from?: ValuesMemory, by: RegressionRule = rule): readonly ValuesAdvance[] => {
  let memory = from;
  return points.map((point) => {
    const step = advanceValues(by, memory, point);
    memory = step.memory;
    return step;
  });
};

const last = (steps: readonly ValuesAdvance[]): ValuesAdvance => {
  const step = steps.at(-1);
  if (!step) throw new Error('nothing was replayed');
  return step;
};

/** Indexes at which an alarm began. */
const pagesOf = (steps: readonly ValuesAdvance[]): readonly number[] =>
  steps.flatMap(({ finding }, index) => (finding.firing && !steps[index - 1]?.finding.firing ? [index] : []));

const during = (from: number, to: number, factor: number) => (index: number) =>
  index >= from && index < to ? factor : 1;

describe('values that somebody else has aggregated', () => {
  it('page nobody while they are healthy', () => {
    for (const seed of [1, 2, 3]) expect(pagesOf(replay(series(42 * 24, { seed })))).toEqual([]);
  });

  it('fire within a three-hour event of hourly values, and recover after it', () => {
    const steps = replay(series(21 * 24, { at: during(400, 403, 2) }));
    const [page] = pagesOf(steps);
    expect(page).toBeGreaterThanOrEqual(401);
    expect(page).toBeLessThanOrEqual(402);
    expect(steps[406]?.finding.firing).toBe(false);
  });

  it('say how far, since when, over how many points, and how sure', () => {
    const steps = replay(series(21 * 24, { at: during(400, 999, 1.6) }));
    const { finding } = steps[408] ?? last(steps);
    expect(finding).toMatchObject({ state: 'active', firing: true, arm: 'level', against: 'rolling', n: 9, runs: 9 });
    expect(finding.onsetMs).toBe(mondayMs + 400 * hourMs);
    expect(finding.ratio).toBeGreaterThan(1.45);
    expect(finding.ratio).toBeLessThan(1.75);
    expect(finding.interval?.[0]).toBeLessThan(1.6);
    expect(finding.interval?.[1]).toBeGreaterThan(1.6);
    expect(finding.reason).toMatch(
      /^level 3\d\d is 1\.\d\d × its usual (19|20)\d.* since 2026-01-21 16:00, over 9 points$/,
    );
  });

  it('never fire at a lone outlier, however large', () => {
    for (const factor of [2, 10, 1e6]) {
      expect(pagesOf(replay(series(21 * 24, { at: (index) => (index % 97 === 96 ? factor : 1) })))).toEqual([]);
    }
  });

  it('take a longer look where single points stray often', () => {
    const strays = series(28 * 24, { at: (index) => (index % 13 === 5 ? 4 : 1) });
    const pair = strays.map((point, index) => (index === 600 || index === 601 ? { ...point, value: 800 } : point));
    expect(pagesOf(replay(pair))).toEqual([]);
  });

  it('do not take the morning for a regression, and find one in the season', () => {
    const at = (_: number, atMs: number) => seasonal(atMs);
    expect(pagesOf(replay(series(42 * 24, { at })))).toEqual([]);
    // At night: 1.8 times as much as usual then, and less than at noon.
    const night = 30 * 24 + 1;
    const steps = replay(
      series(35 * 24, { at: (index, atMs) => seasonal(atMs) * during(night, night + 4, 1.8)(index) }),
    );
    expect(pagesOf(steps)[0]).toBeGreaterThanOrEqual(night + 1);
    expect(pagesOf(steps)[0]).toBeLessThan(night + 4);
    expect(describeValues(last(steps).memory.base).season).toBe(true);
  });

  it('judge slow values from a handful of points on', () => {
    const weekly = { cadenceMs: 7 * dayMs, noise: 0.05 };
    expect(pagesOf(replay(series(20, weekly)))).toEqual([]);
    const [page] = pagesOf(replay(series(20, { ...weekly, at: during(12, 20, 1.6) })));
    expect(page).toBeGreaterThanOrEqual(13);
    expect(page).toBeLessThanOrEqual(15);
  });

  it('judge nothing before they have seen two days, and say how many points are missing', () => {
    const steps = replay(series(60, { at: during(30, 40, 5) }));
    expect(pagesOf(steps)).toEqual([]);
    expect(steps[0]?.finding).toMatchObject({ state: 'none', moreRuns: 48, ratio: null });
    expect(steps[20]?.finding).toMatchObject({ state: 'provisional', moreRuns: 28 });
    expect(steps[59]?.finding.state).toBe('active');
  });

  it('settle at a level that stays, say so once, and are armed again', () => {
    const steps = replay(series(40 * 24, { at: (index) => (index < 400 ? 1 : 1.6) * during(800, 804, 2)(index) }));
    const pages = pagesOf(steps);
    expect(pages).toHaveLength(2);
    expect(pages[1]).toBeGreaterThanOrEqual(801);
    const acts = steps.flatMap(({ act }) => act ?? []);
    expect(acts).toHaveLength(1);
    expect(acts[0]?.ratio).toBeGreaterThan(1.5);
    const { drift, anchorP95 } = describeValues(last(steps).memory.base);
    expect(drift).toBeGreaterThan(1.4);
    expect(anchorP95).toBeLessThan(230);
  });

  it('find slow growth that no single day shows', () => {
    const grown = (index: number) => 1 + 0.9 * Math.min(1, Math.max(0, index - 600) / (12 * 24));
    const steps = replay(series(40 * 24, { noise: 0.05, at: grown }));
    const [page] = pagesOf(steps);
    expect(page).toBeGreaterThan(600);
    expect(page).toBeLessThan(600 + 12 * 24);
    expect(steps[page ?? 0]?.finding.against).toBe('anchor');
  });

  it('call a lower level an improvement, and do not page when an outage of zeros ends', () => {
    const faster = replay(series(21 * 24, { at: during(400, 999, 0.5) }));
    expect(pagesOf(faster)).toEqual([]);
    const improvement = faster[412]?.finding.improvement;
    expect(improvement?.ratio).toBeGreaterThan(0.4);
    expect(improvement?.ratio).toBeLessThan(0.65);
    expect(pagesOf(replay(series(21 * 24, { at: during(400, 406, 0) })))).toEqual([]);
  });

  it('do not reach across a gap', () => {
    const points = series(21 * 24, { at: during(400, 403, 2) });
    const torn = points.map((point, index) => ({
      ...point,
      atMs: point.atMs + Math.max(0, Math.min(3, index - 399)) * dayMs,
    }));
    expect(pagesOf(replay(torn))).toEqual([]);
    expect(pagesOf(replay(points))).toHaveLength(1);
  });

  it('learn the level anew after a long silence', () => {
    const points = series(28 * 24, { at: (index) => (index < 400 ? 1 : 3) });
    const moved = points.map((point, index) => (index < 400 ? point : { ...point, atMs: point.atMs + 30 * dayMs }));
    expect(pagesOf(replay(points))).toHaveLength(1);
    expect(pagesOf(replay(moved))).toEqual([]);
  });

  it('hold for constants, zeros, whole numbers and values every five minutes', () => {
    const fiveMinutes = { cadenceMs: 300_000, noise: 0.15 };
    expect(pagesOf(replay(series(14 * 288, fiveMinutes)))).toEqual([]);
    const [page] = pagesOf(replay(series(14 * 288, { ...fiveMinutes, at: during(2000, 2030, 2.5) })));
    expect(page).toBeGreaterThan(2000);
    expect(page).toBeLessThan(2012);
    expect(pagesOf(replay(series(500, { noise: 0 })))).toEqual([]);
    expect(pagesOf(replay(series(500, { noise: 0, at: during(400, 410, 1.5) })))).toHaveLength(1);
    expect(pagesOf(replay(series(500, { level: 0 })))).toEqual([]);
    const inWhole = [1, 2, 3, 4, 5, 6].flatMap((seed) => {
      const whole = series(1000, { seed, level: 4, noise: 0.4 });
      return pagesOf(replay(whole.map(({ atMs, value }) => ({ atMs, value: Math.round(value) }))));
    });
    // 36 weeks in all, at a level of 4: one in a month and no more.
    expect(inWhole.length).toBeLessThan(9);
  });

  it('ask for more when alarms are a habit', () => {
    // 42 bursts a series.
    const pages = [1, 2, 3, 4].map((seed) =>
      pagesOf(replay(series(56 * 24, { seed, at: (index) => (index > 100 && index % 30 < 4 ? 2.5 : 1) }))),
    );
    for (const told of pages) {
      expect(told.length).toBeGreaterThan(0);
      expect(told.length).toBeLessThan(10);
    }
    const late = pages.flat().filter((index) => index > 28 * 24);
    expect(late.length).toBeLessThan(pages.flat().length / 4);
  });

  it('ask for more of a page than of a ticket, and of one series among thousands', () => {
    const limitOf = (by: RegressionRule) => last(replay(series(400), undefined, by)).finding.limit;
    expect(limitOf({ ...rule, severity: 'page' })).toBeGreaterThan(limitOf(rule));
    expect(limitOf({ ...rule, keys: 5000 })).toBeCloseTo(limitOf(rule) + Math.log(100), 9);
  });

  it('say how many more such points would settle it', () => {
    const steps = replay(series(21 * 24, { noise: 0.05, at: during(400, 403, 1.35) }));
    const before = steps.slice(400, 403).map(({ finding }) => finding);
    const [page] = pagesOf(steps);
    expect(page).toBe(401);
    expect(before.slice(0, 2).map(({ moreRuns }) => moreRuns)).toEqual([1, null]);
  });
});

describe('a point', () => {
  const healthy = last(replay(series(400))).memory;

  it('that is no number, not newer, or a duplicate changes nothing', () => {
    const { lastMs } = healthy.hot;
    for (const point of [
      { atMs: lastMs + hourMs, value: Number.NaN },
      { atMs: lastMs + hourMs, value: Number.POSITIVE_INFINITY },
      { atMs: lastMs, value: 1e9 },
      { atMs: lastMs - 5, value: 1e9 },
    ]) {
      const { memory, finding } = advanceValues(rule, healthy, point);
      expect(memory).toEqual(healthy);
      expect(finding.reason).toContain('not taken');
    }
    expect(advanceValues(rule, undefined, { atMs: 0, value: Number.NaN }).finding.state).toBe('none');
  });

  it('leaves what it was given as it was, and the base the same object until a block closes', () => {
    const memory = last(replay(series(14 * 288, { cadenceMs: 300_000 }))).memory;
    const frozen = structuredClone(memory);
    const { lastMs } = memory.hot;
    const next = advanceValues(rule, memory, { atMs: lastMs + 300_000, value: 200 }).memory;
    const then = advanceValues(rule, next, { atMs: lastMs + 600_000, value: 200 }).memory;
    expect(memory).toEqual(frozen);
    expect(then.base).toBe(next.base);
  });

  it('costs little memory, in plain JSON', () => {
    const at = (_: number, atMs: number) => seasonal(atMs);
    for (const cadenceMs of [60_000, 300_000, hourMs, dayMs]) {
      const { hot, base } = last(replay(series(4000, { cadenceMs, at, level: 123_456.789 }))).memory;
      expect(JSON.stringify(hot).length).toBeLessThan(2000);
      expect(JSON.stringify(base).length).toBeLessThan(12_000);
      expect(JSON.parse(JSON.stringify({ hot, base }))).toEqual({ hot, base });
    }
  });
});

describe('a person', () => {
  const raised = replay(series(410, { at: during(400, 410, 1.6) }));
  const { base } = last(raised).memory;

  it('accepts the level of a confirmed change: the alarm ends and does not come back', () => {
    const accepted = acceptValues(base);
    expect(accepted.revision).toBe(base.revision + 1);
    const more = series(600, { at: during(400, 600, 1.6) }).slice(410);
    const steps = replay(more, { hot: last(raised).memory.hot, base: accepted });
    expect(pagesOf(steps)).toEqual([]);
    expect(describeValues(accepted).anchorP95).toBeGreaterThan(1.4 * (describeValues(base).anchorP95 ?? 0));
  });

  it('pins a baseline: it learns nothing, and judges on', () => {
    const pinned = pinValues(last(replay(series(400))).memory.base);
    const steps = replay(series(1000, { at: during(400, 1000, 1.6) }).slice(400), {
      hot: last(raised).memory.hot,
      base: pinned,
    });
    expect(describeValues(last(steps).memory.base)).toEqual(describeValues(pinned));
    expect(last(steps).finding.firing).toBe(true);
    expect(unpinValues(pinned)).toMatchObject({ pinned: false, revision: pinned.revision + 1 });
  });

  it('clears a baseline: the next point is the first', () => {
    const cleared = clearValues(base);
    const { atMs } = series(411)[410] ?? { atMs: 0 };
    const { finding, memory } = advanceValues(
      rule,
      { hot: last(raised).memory.hot, base: cleared },
      { atMs, value: 320 },
    );
    expect(finding).toMatchObject({ state: 'none', firing: false });
    expect(describeValues(memory.base)).toMatchObject({ state: 'none', anchorP95: null, drift: null });
    expect(memory.base.fromMs).toBe(atMs);
  });
});

const decisionsOf = (steps: readonly ValuesAdvance[]): readonly (readonly [RegressionFinding['state'], boolean])[] =>
  steps.map(({ finding }) => [finding.state, finding.firing]);

const incidents = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  noise: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
  from: fc.integer({ min: 150, max: 500 }),
  length: fc.integer({ min: 1, max: 80 }),
  factor: fc.double({ min: 0.2, max: 4, noNaN: true }),
});
type Incident = { seed: number; noise: number; from: number; length: number; factor: number };
const seriesOf = ({ seed, noise, from, length, factor }: Incident): readonly Point[] =>
  series(600, { seed, noise, at: during(from, from + length, factor) });

describe('in general', () => {
  it('the unit of the values decides nothing', () => {
    fc.assert(
      fc.property(incidents, fc.integer({ min: -20, max: 30 }), (incident, exponent) => {
        const points = seriesOf(incident);
        const scaled = points.map(({ atMs, value }) => ({ atMs, value: value * 2 ** exponent }));
        expect(decisionsOf(replay(scaled))).toEqual(decisionsOf(replay(points)));
      }),
      { numRuns: 15 },
    );
  });

  it('storing the memory between points changes nothing', () => {
    fc.assert(
      fc.property(incidents, fc.integer({ min: 1, max: 50 }), (incident, batch) => {
        const points = seriesOf(incident);
        const whole = replay(points).map(({ finding }) => finding);
        let stored: string | undefined;
        const batched = Array.from({ length: Math.ceil(points.length / batch) }, (_, index) => {
          const steps = replay(
            points.slice(index * batch, (index + 1) * batch),
            stored === undefined ? undefined : JSON.parse(stored),
          );
          stored = JSON.stringify(last(steps).memory);
          return steps.map(({ finding }) => finding);
        }).flat();
        expect(batched).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it('a point that is not above what was expected never raises the score or the alarm', () => {
    fc.assert(
      fc.property(
        incidents,
        fc.integer({ min: 100, max: 599 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (incident, cut, share) => {
          const steps = replay(seriesOf(incident).slice(0, cut));
          const { memory, finding } = last(steps);
          const normal = normals(incident.seed);
          const low = { atMs: memory.hot.lastMs + hourMs, value: 150 * share * Math.exp(-Math.abs(normal()) * 0.01) };
          const next = advanceValues(rule, memory, low).finding;
          const above = next.ratio !== null && next.ratio > 1;
          if (!finding.firing && !above) {
            expect(next.firing).toBe(false);
            expect(next.score).toBe(0);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('nothing that a file may hold breaks it', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(0, -1, 1e308, 5e-324, Number.NaN, Number.NEGATIVE_INFINITY));
    const gap = fc.oneof(fc.integer({ min: -hourMs, max: 3 * hourMs }), fc.constantFrom(0, 400 * dayMs));
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, value), { maxLength: 200 }), (rows) => {
        let atMs = mondayMs;
        const points = rows.map(([gapMs, one]) => {
          atMs += gapMs;
          return { atMs, value: one };
        });
        for (const { finding } of replay(points)) {
          for (const figure of [finding.score, finding.limit, finding.ratio ?? 0, ...(finding.interval ?? [])]) {
            expect(Number.isNaN(figure)).toBe(false);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
