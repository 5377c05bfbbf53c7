import { describe, expect, it } from 'vitest';
import { compareWithBaseline } from '../../lib/judge/baseline.ts';
import { sketchOf } from '../../lib/result/sketch.ts';

const plan = { enabled: true, maxRegression: 0.2, severity: 'ticket', onDeploy: 'keep' } as const;
/** Latencies spread evenly between 100 and 200 ms, scaled. */
const spread = (n: number, scale = 1): number[] =>
  Array.from({ length: n }, (_, index) => scale * (100 + (100 * index) / n));
const runs = (count: number, samples: number) => Array.from({ length: count }, () => sketchOf(spread(samples)));

describe('a run beside its baseline', () => {
  it('has none before three runs and two hundred samples, and says so without a ratio', () => {
    expect(compareWithBaseline(plan, spread(100), [])).toEqual({ state: 'none', ratio: null, interval: null, runs: 0 });
    expect(compareWithBaseline(plan, spread(100), runs(2, 500)).state).toBe('none');
    expect(compareWithBaseline(plan, spread(100), runs(10, 5)).state).toBe('none');
  });

  it('is provisional before fourteen runs and active from then on', () => {
    expect(compareWithBaseline(plan, spread(100), runs(13, 20)).state).toBe('provisional');
    expect(compareWithBaseline(plan, spread(100), runs(14, 20)).state).toBe('active');
  });

  it('has a ratio near one when nothing changed, and near the change when it did', () => {
    const same = compareWithBaseline(plan, spread(200), runs(20, 200));
    const slower = compareWithBaseline(plan, spread(200, 1.3), runs(20, 200));
    expect(same.ratio).toBeCloseTo(1, 1);
    expect(slower.ratio).toBeCloseTo(1.3, 1);
    const [low, high] = slower.interval ?? [0, 0];
    expect(low).toBeLessThanOrEqual(1.3 * 1.01);
    expect(high).toBeGreaterThanOrEqual(1.3 * 0.99);
    expect(low).toBeGreaterThan(same.ratio ?? 0);
  });

  it('has no interval on a handful of samples, and no ratio when the p95 never answered', () => {
    expect(compareWithBaseline(plan, spread(5), runs(20, 200)).interval).toBeNull();
    expect(compareWithBaseline(plan, [...spread(5), null], runs(20, 200)).ratio).toBeNull();
  });

  it('is off when the config says so', () => {
    expect(compareWithBaseline({ ...plan, enabled: false }, spread(100), runs(20, 200)).state).toBe('off');
  });
});
