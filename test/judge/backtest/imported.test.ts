import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { regressionDetector, runsDetector, sloDetector } from '../../../lib/judge/backtest/imported.ts';
import { type ImportedObjective, parseObjective } from '../../../lib/judge/backtest/objective.ts';
import { paceOf } from '../../../lib/judge/backtest/pace.ts';
import type { HistoryPoint } from '../../../lib/judge/backtest/point.ts';
import { type Detector, openReplay, type Replayed } from '../../../lib/judge/backtest.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 5);

const objectiveOf = (source: string): ImportedObjective => {
  const objective = parseObjective(source);
  if (!objective.ok) throw new Error(objective.message);
  return objective.value;
};
const under300 = objectiveOf('p(95)<300');

const replay = (detectors: readonly Detector[], points: readonly HistoryPoint[], portion = points.length): Replayed => {
  const replaying = openReplay(detectors);
  for (let at = 0; at < points.length; at += portion) replaying.take(points.slice(at, at + portion));
  return replaying.end();
};

const wobble = (index: number): number => 1 + 0.04 * Math.sin(index * 2.1) + 0.03 * Math.cos(index * 0.7);

/** Values of one an hour that are slower by a factor in a stretch. */
const valuesOf = (count: number, from: number, to: number, factor: number): readonly HistoryPoint[] =>
  Array.from({ length: count }, (_, hour) => ({
    atMs: startMs + hour * hourMs,
    value: 200 * wobble(hour) * (hour >= from && hour < to ? factor : 1),
  }));

const samplesOf = (count: number, from: number, to: number, factor: number): readonly HistoryPoint[] =>
  Array.from({ length: count }, (_, hour) => ({
    atMs: startMs + hour * hourMs,
    samples: Array.from(
      { length: 40 },
      (_, n) => 200 * wobble(40 * hour + n) * (hour >= from && hour < to ? factor : 1),
    ),
  }));

const regression = (maxRegression = 0.2) => regressionDetector({ maxRegression, severity: 'ticket' }, 'value');
const slo = sloDetector({
  objective: under300,
  windowMs: 30 * 24 * hourMs,
  cadenceMs: hourMs,
  samples: 1,
  loudest: 'page',
});
const runs = runsDetector({
  objectives: [under300],
  counting: { breachAfter: { bad: 2, of: 3 }, recoverAfter: 2 },
  severity: 'page',
});

describe('a regression of imported points', () => {
  it.each([
    ['values', valuesOf],
    ['runs with their samples', samplesOf],
  ])('of %s fires in the slow stretch alone, and not at all without one', (_, pointsOf) => {
    const { episodes, rules } = replay([regression()], pointsOf(500, 400, 430, 1.7));
    expect(episodes.map(({ atMs }) => atMs > startMs + 400 * hourMs && atMs < startMs + 430 * hourMs)).toEqual([true]);
    expect(episodes[0]?.evidence.ratio).toBeCloseTo(1.7, 0);
    expect(rules[0]?.readyMs).toBeGreaterThan(startMs);
    expect(replay([regression()], pointsOf(500, 0, 0, 1)).episodes).toEqual([]);
    expect(replay([regression(1)], pointsOf(500, 400, 430, 1.7)).episodes).toEqual([]);
  });

  it('shows the level that it compares with', () => {
    const { baseline } = replay([regression()], valuesOf(500, 0, 0, 1));
    expect(baseline.length).toBeGreaterThan(400);
    expect(baseline.every(({ min, max }) => min > 160 && max < 240)).toBe(true);
  });

  it('counts samples that never answered as slower than any', () => {
    const points = samplesOf(500, 0, 0, 1).map((point, hour) =>
      'samples' in point && hour >= 400 && hour < 430
        ? { ...point, samples: point.samples.map((sample, n) => (n % 5 === 0 ? null : sample)) }
        : point,
    );
    expect(replay([regression()], points).episodes).toHaveLength(1);
  });
});

describe('an objective over imported points', () => {
  it('fires while its budget burns, with the figures, and is a ticket where that is the loudest', () => {
    const quiet = sloDetector({
      objective: under300,
      windowMs: 30 * 24 * hourMs,
      cadenceMs: hourMs,
      samples: 1,
      loudest: 'ticket',
    });
    const points = valuesOf(500, 400, 424, 2);
    const [page] = replay([slo], points).episodes;
    expect(page).toMatchObject({ rule: 'slo', subject: 'p(95)<300', severity: 'page' });
    expect(page?.evidence).toMatchObject({ burn: expect.any(Number), budgetLeft: expect.any(Number) });
    expect(replay([quiet], points).episodes.map(({ severity }) => severity)).toContain('ticket');
    expect(replay([quiet], points).episodes.map(({ severity }) => severity)).not.toContain('page');
    expect(replay([slo], valuesOf(500, 0, 0, 1)).episodes).toEqual([]);
  });

  it.each([
    ['p(95)<300', 300, true],
    ['p(95)<=300', 300, false],
    ['p(95)<300', 299, false],
  ])('%s finds a value of %f bad: %s', (source, value, bad) => {
    const detector = runsDetector({
      objectives: [objectiveOf(source)],
      counting: { breachAfter: { bad: 1, of: 1 }, recoverAfter: 1 },
      severity: 'page',
    });
    expect(replay([detector], [{ atMs: startMs, value }]).episodes).toHaveLength(bad ? 1 : 0);
  });

  it('finds a run bad by nearest rank, as thresholds do: one of twenty may be over, and two may not', () => {
    const detector = runsDetector({
      objectives: [under300],
      counting: { breachAfter: { bad: 1, of: 1 }, recoverAfter: 1 },
      severity: 'page',
    });
    const runWith = (slow: number): HistoryPoint => ({
      atMs: startMs,
      samples: Array.from({ length: 20 }, (_, n) => (n < slow ? null : 100)),
    });
    expect(replay([detector], [runWith(1)]).episodes).toHaveLength(0);
    expect(replay([detector], [runWith(2)]).episodes).toHaveLength(1);
  });

  it('is a percentile under a limit, and nothing else', () => {
    for (const source of ['avg<300', 'p(95)>300', 'failed<1%', 'p95<300', ''])
      expect(parseObjective(source).ok).toBe(false);
    expect(objectiveOf('p(99.9) <= 1.5s')).toMatchObject({
      percentile: 99.9,
      budget: 0.001,
      limit: 1500,
      strict: false,
    });
  });
});

describe('a row of bad points', () => {
  it('fires at the second of three, until two in a row are good', () => {
    const heights = [1, 400, 1, 400, 1, 400, 1, 1, 400, 1];
    const points = heights.map((value, hour) => ({ atMs: startMs + hour * hourMs, value }));
    expect(
      replay([runs], points).episodes.map(({ atMs, untilMs }) =>
        [atMs, untilMs ?? 0].map((ms) => (ms - startMs) / hourMs),
      ),
    ).toEqual([[3, 7]]);
  });
});

describe('the pace of a history', () => {
  it('is that of its first points, whatever gap or large run is among them', () => {
    const points = valuesOf(200, 0, 0, 1).map((point, index) =>
      index < 50 ? point : { ...point, atMs: point.atMs + 24 * hourMs },
    );
    expect(paceOf(points)).toEqual({ cadenceMs: hourMs, samples: 1 });
    expect(paceOf(samplesOf(3, 0, 0, 1))).toEqual({ cadenceMs: hourMs, samples: 40 });
    expect(paceOf([{ atMs: 1, value: 2, n: 7 }])).toEqual({ cadenceMs: 24 * hourMs, samples: 7 });
  });
});

describe('real rules over real shapes', () => {
  const stretch = fc.record({
    hours: fc.integer({ min: 1, max: 120 }),
    factor: fc.constantFrom(0.5, 1, 1, 1.3, 2, 10),
    gap: fc.constantFrom(0, 0, 5, 300),
  });

  it('tell the same whatever the portions that the history comes in', () => {
    fc.assert(
      fc.property(
        fc.array(stretch, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 97 }),
        (stretches, portion) => {
          let hour = 0;
          const points = stretches.flatMap(({ hours, factor, gap }) => {
            hour += gap;
            return Array.from({ length: hours }, () => ({
              atMs: startMs + hour++ * hourMs,
              value: 200 * wobble(hour) * factor,
            }));
          });
          const detectors = [regression(), slo, runs];
          expect(replay(detectors, points, portion)).toEqual(replay(detectors, points));
        },
      ),
      { numRuns: 25 },
    );
  });
});
