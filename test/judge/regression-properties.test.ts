import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramOf, mergeHistograms, quantileOf } from '../../lib/judge/regression/histogram.ts';
import { advanceRegression, type RegressionMemory, runsToDetect } from '../../lib/judge/regression.ts';
import { mergeSketches, quantile, sketchOf } from '../../lib/result/sketch.ts';
import { alarmsOf, daily, dayMs, from, lastOf, originMs, replay, serviceRuns } from './regression-series.ts';

const past = serviceRuns(40, { samples: 50 });
const learnt = lastOf(replay(past));
const pooled = mergeSketches(past.map(({ latenciesMs }) => sketchOf(latenciesMs)));

/** A run that has exactly what the baseline has below each of its quantiles, times a factor. */
const likeTheBaseline = (samples: number, factor: number): readonly number[] =>
  Array.from({ length: samples }, (_, index) => factor * (quantile(pooled, (index + 0.5) / samples) ?? 0));

/** What has fired is over any score, and its own is put down so that recovery is soon seen. */
const scoreAfter = (memory: RegressionMemory, run: number, latenciesMs: readonly number[]): number => {
  const sample = { atMs: originMs + run * dayMs, sketch: sketchOf(latenciesMs), unanswered: 0 };
  const { finding } = advanceRegression(daily, memory, sample);
  return finding.firing ? Number.POSITIVE_INFINITY : finding.score;
};

/** Scores that stand somewhere between 0 and the limit. */
const suspicion = fc
  .array(fc.double({ min: 0.9, max: 1.35, noNaN: true }), { maxLength: 4 })
  .map((factors): { readonly memory: RegressionMemory; readonly score: number; readonly run: number } => {
    const runs = factors.map((factor, index) => ({
      atMs: originMs + (40 + index) * dayMs,
      latenciesMs: likeTheBaseline(50, factor),
    }));
    const { memory, finding } = [learnt, ...replay(runs, daily, learnt.memory)].at(-1) ?? learnt;
    return { memory, score: finding.firing ? Number.POSITIVE_INFINITY : finding.score, run: 40 + factors.length };
  });

const latencies = fc.array(fc.double({ min: 2, max: 50_000, noNaN: true }), { minLength: 1, maxLength: 60 });

describe('a score', () => {
  it('is never raised by a block with no cell above its baseline expectation', () => {
    const below = fc.double({ min: 0.2, max: 0.97, noNaN: true });
    fc.assert(
      fc.property(suspicion, fc.integer({ min: 1, max: 400 }), below, ({ memory, score, run }, samples, factor) => {
        expect(scoreAfter(memory, run, likeTheBaseline(samples, factor))).toBeLessThanOrEqual(score + 1e-9);
      }),
    );
  });

  it('is raised by a block like the baseline but slower by a half', () => {
    for (const samples of [20, 400]) {
      expect(scoreAfter(learnt.memory, 40, likeTheBaseline(samples, 1.5))).toBeGreaterThan(learnt.finding.score);
    }
  });

  it('is never lowered by samples that are slower', () => {
    const slower = fc.double({ min: 1, max: 20, noNaN: true });
    fc.assert(
      fc.property(suspicion, latencies, slower, ({ memory, run }, fast, factor) => {
        const slow = fast.map((latencyMs) => latencyMs * factor);
        expect(scoreAfter(memory, run, slow)).toBeGreaterThanOrEqual(scoreAfter(memory, run, fast) - 1e-9);
      }),
    );
  });
});

describe('a memory', () => {
  it('is plain JSON: kept as text between any two runs, it brings the same findings', () => {
    const runs = serviceRuns(90, { samples: 30, factor: from(50, 1.4), unanswered: (run) => run % 3 });
    const straight = replay(runs).map(({ finding }) => finding);
    let memory: RegressionMemory | undefined;
    const throughText = runs.map((run) => {
      const [step] = replay([run], daily, memory);
      if (!step) throw new Error('no step');
      memory = JSON.parse(JSON.stringify(step.memory));
      return step.finding;
    });
    expect(throughText).toEqual(straight);
    expect(straight.some(({ firing }) => firing)).toBe(true);
  });

  it('takes whatever runs there are, in sense and nonsense', () => {
    const run = fc.record({
      latenciesMs: fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 40 }),
      unanswered: fc.nat(20),
      gapMs: fc.integer({ min: 0, max: 30 * dayMs }),
    });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 60 }), (runs) => {
        let atMs = originMs;
        const timed = runs.map(({ gapMs, ...rest }) => {
          atMs += gapMs;
          return { ...rest, atMs };
        });
        for (const { finding } of replay(timed, { maxRegression: 0.2, severity: 'ticket' })) {
          expect(finding.score).toBeGreaterThanOrEqual(0);
          expect(finding.ratio === null || finding.ratio > 0).toBe(true);
          expect(finding.reason).not.toMatch(/NaN|Infinity|undefined/);
        }
      }),
    );
  });
});

describe('a histogram', () => {
  it('has the quantiles of its sketch, to 4 %', () => {
    fc.assert(
      fc.property(latencies, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
        const sketch = sketchOf(values);
        const [coarse, fine] = [quantileOf(histogramOf(sketch, 0), share), quantile(sketch, share)];
        expect(Math.abs(Math.log((coarse ?? 0) / (fine ?? 1)))).toBeLessThan(0.06);
      }),
    );
  });

  it('merges in any order and grouping to the same', () => {
    fc.assert(
      fc.property(fc.tuple(latencies, latencies, latencies), (three) => {
        const [a, b, c] = three.map((values) => histogramOf(sketchOf(values), 1));
        if (!a || !b || !c) throw new Error('three');
        const left = mergeHistograms([mergeHistograms([a, b]), c]);
        expect(mergeHistograms([a, mergeHistograms([b, c])])).toEqual(left);
        expect(mergeHistograms([c, b, a])).toEqual(left);
      }),
    );
  });
});

describe('what a schedule can see', () => {
  it('is more with more samples, and sooner for a greater slowdown', () => {
    const runs = (samples: number, ratio: number) => runsToDetect(daily, samples, ratio) ?? Number.POSITIVE_INFINITY;
    for (const ratio of [1.2, 1.3, 1.5]) {
      expect(runs(5, ratio)).toBeGreaterThan(runs(20, ratio));
      expect(runs(20, ratio)).toBeGreaterThan(runs(100, ratio));
    }
    for (const samples of [5, 20]) expect(runs(samples, 1.2)).toBeGreaterThan(runs(samples, 1.5));
  });

  it('is never what does not count', () => {
    expect(runsToDetect(daily, 1000, 1.05)).toBeNull();
    expect(runsToDetect(daily, 1000, 0.5)).toBeNull();
  });

  it.each([
    [20, 1.3],
    [20, 1.5],
    [100, 1.3],
  ])('agrees with what %i samples a run do see of a factor %f, within a factor of two', (samples, ratio) => {
    const seen = Array.from({ length: 15 }, (_, seed) => {
      const runs = serviceRuns(80, { seed: seed + 10, samples, factor: from(40, ratio) });
      return (alarmsOf(replay(runs)).find((run) => run >= 40) ?? 80) - 39;
    }).sort((a, b) => a - b);
    const median = seen[7] ?? 0;
    const said = runsToDetect(daily, samples, ratio) ?? 0;
    expect(said).toBeGreaterThanOrEqual(median / 2);
    expect(said).toBeLessThanOrEqual(median * 2);
  });
});
