import { describe, expect, it } from 'vitest';
import {
  acceptLevel,
  clearBaseline,
  describeBaseline,
  pinBaseline,
  type RegressionAdvance,
  unpinBaseline,
} from '../../lib/judge/regression.ts';
import { alarmsOf, daily, dayMs, from, lastOf, originMs, replay, serviceRuns } from './regression-series.ts';

const p95Of = ({ memory }: RegressionAdvance): number => describeBaseline(memory.base).p95 ?? 0;

describe('a level that lasts', () => {
  const runs = serviceRuns(160, { factor: (run) => (run >= 120 ? 1.8 : run >= 40 ? 1.5 : 1) });
  const steps = replay(runs);
  const acts = steps.flatMap(({ act }, run) => (act ? [{ run, act }] : []));

  it('settles after 28 runs that nobody accepted, and says so once', () => {
    expect(acts.slice(0, 1)).toMatchObject([{ act: { act: 'settled' } }]);
    const { run = 0, act } = acts[0] ?? {};
    // The two or three runs before it that may have been its start count with it.
    expect(run).toBeGreaterThanOrEqual(40 + 24);
    expect(run).toBeLessThan(40 + 45);
    expect(act?.ratio).toBeGreaterThan(1.4);
    expect(act?.ratio).toBeLessThan(1.6);
    expect(act?.why).toMatch(/^the same level for \d+ days, and nobody accepted or ended it/);
    expect(steps[run]?.finding.firing).toBe(false);
    expect(acts.filter((one) => one.run < 120)).toHaveLength(1);
  });

  it('does not hide the next incident', () => {
    const [first, second = 0, ...more] = alarmsOf(steps);
    expect(first).toBeLessThan(46);
    expect(second).toBeGreaterThanOrEqual(120);
    expect(second).toBeLessThan(130);
    expect(more).toEqual([]);
  });

  it('keeps the drift from what was accepted in sight', () => {
    const before = steps[118];
    expect(before && describeBaseline(before.memory.base).drift).toBeGreaterThan(1.35);
    const told = steps
      .slice(100, 120)
      .filter(({ finding }) => /the baseline itself is 1\.\d\d × the one that was last accepted/.test(finding.reason));
    expect(told.length).toBeGreaterThan(0);
  });

  it('does not settle while it still moves', () => {
    const climbing = replay(serviceRuns(75, { factor: (run) => (run >= 40 ? 1.4 * 1.02 ** (run - 40) : 1) }));
    expect(climbing.flatMap(({ act }) => act ?? [])).toEqual([]);
    expect(lastOf(climbing).finding.firing).toBe(true);
  });

  it('does not settle before a week, however many runs it is', () => {
    const cadenceMs = 3_600_000;
    const hourly = replay(serviceRuns(60 + 150, { cadenceMs, factor: from(60, 1.5) }), { ...daily, cadenceMs });
    expect(hourly.flatMap(({ act }) => act ?? [])).toEqual([]);
    expect(lastOf(hourly).finding.firing).toBe(true);
  });
});

describe('accepting', () => {
  const bad = replay(serviceRuns(50, { factor: from(40, 1.4) }));
  const { memory, finding } = lastOf(bad);
  const accepted = { hot: memory.hot, base: acceptLevel(memory.base) };

  it('a regression takes its level as the baseline at once', () => {
    expect(finding.firing).toBe(true);
    const { p95, state, drift } = describeBaseline(accepted.base);
    expect(state).toBe('active');
    expect((p95 ?? 0) / p95Of(lastOf(bad.slice(0, 40)))).toBeGreaterThan(1.25);
    expect(drift).toBeCloseTo(1);
    expect(accepted.base.revision).toBe(memory.base.revision + 1);
  });

  it('ends the alarm, and the new level is healthy from then on', () => {
    const after = replay(serviceRuns(150, { seed: 1, factor: from(40, 1.4) }).slice(50), daily, accepted);
    expect(after[0]?.finding.firing).toBe(false);
    expect(alarmsOf(after)).toEqual([]);
  });

  it('does not hide a regression from the new level', () => {
    const runs = serviceRuns(110, { factor: (run) => (run >= 90 ? 1.4 * 1.4 : run >= 40 ? 1.4 : 1) }).slice(50);
    const [first = 0] = alarmsOf(replay(runs, daily, accepted));
    expect(first).toBeGreaterThanOrEqual(40);
    expect(first).toBeLessThan(48);
  });

  it('a healthy service lets the anchor catch up with a drift', () => {
    const drifted = lastOf(replay(serviceRuns(70, { factor: (run) => 1.004 ** Math.max(0, run - 30) })));
    expect(describeBaseline(drifted.memory.base).drift).not.toBeCloseTo(1, 3);
    expect(describeBaseline(acceptLevel(drifted.memory.base)).drift).toBeCloseTo(1, 6);
  });

  it('an improvement makes the old level a regression', () => {
    const better = lastOf(replay(serviceRuns(52, { factor: from(40, 0.6) })));
    const base = acceptLevel(better.memory.base);
    const back = replay(serviceRuns(62).slice(52), daily, { hot: better.memory.hot, base });
    expect(alarmsOf(back)).toHaveLength(1);
  });
});

describe('pinning', () => {
  const { memory } = lastOf(replay(serviceRuns(40)));
  const pinned = { hot: memory.hot, base: pinBaseline(memory.base) };

  it('keeps the baseline as it is, whatever comes', () => {
    const after = replay(serviceRuns(120, { factor: from(40, 1.12) }).slice(40), daily, pinned);
    expect(p95Of(lastOf(after))).toBe(describeBaseline(memory.base).p95);
    expect(describeBaseline(lastOf(after).memory.base).pinned).toBe(true);
  });

  it('settles nowhere', () => {
    const after = replay(serviceRuns(120, { factor: from(40, 1.5) }).slice(40), daily, pinned);
    expect(after.flatMap(({ act }) => act ?? [])).toEqual([]);
    expect(lastOf(after).finding.firing).toBe(true);
  });

  it('ends with unpinning', () => {
    const base = unpinBaseline(pinned.base);
    const after = replay(serviceRuns(60).slice(40), daily, { hot: memory.hot, base });
    expect(describeBaseline(lastOf(after).memory.base).blocks).toBeGreaterThan(50);
  });
});

describe('clearing', () => {
  it('forgets all but that it was changed', () => {
    const { memory } = lastOf(replay(serviceRuns(40)));
    const base = clearBaseline(memory.base);
    expect(describeBaseline(base)).toMatchObject({ state: 'none', blocks: 0, samples: 0, p95: null, drift: null });
    expect(base.revision).toBe(memory.base.revision + 1);
    const [next] = replay(serviceRuns(41).slice(40), daily, { hot: memory.hot, base });
    expect(next?.finding.state).toBe('none');
  });
});

describe('a description', () => {
  it('has the times, blocks, samples and percentiles of the accepted past', () => {
    const { memory } = lastOf(replay(serviceRuns(40)));
    const { p50, p95, p99, ...known } = describeBaseline(memory.base);
    expect(known).toMatchObject({
      state: 'active',
      fromMs: originMs,
      toMs: originMs + (39 - known.held) * dayMs,
      blocks: 40 - known.held,
      samples: (40 - known.held) * 100,
      pinned: false,
      season: false,
    });
    // 200 ms times e^(0.5 z), runs of their own apart.
    expect(Math.abs(Math.log((p50 ?? 0) / 200))).toBeLessThan(0.08);
    expect(Math.abs(Math.log((p95 ?? 0) / 455))).toBeLessThan(0.1);
    expect(Math.abs(Math.log((p99 ?? 0) / 640))).toBeLessThan(0.15);
  });

  it('of another person’s change: the scores start anew', () => {
    const bad = lastOf(replay(serviceRuns(50, { factor: from(40, 1.4) })));
    const touched = { hot: bad.memory.hot, base: unpinBaseline(bad.memory.base) };
    const [next] = replay(serviceRuns(51, { factor: from(40, 1.4) }).slice(50), daily, touched);
    expect(next?.finding.firing).toBe(false);
  });
});
