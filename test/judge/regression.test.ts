import { describe, expect, it } from 'vitest';
import { advanceRegression, describeBaseline, type RegressionRule } from '../../lib/judge/regression.ts';
import { sketchOf } from '../../lib/result/sketch.ts';
import { alarmsOf, daily, dayMs, from, hourMs, lastOf, originMs, replay, serviceRuns } from './regression-series.ts';

const ticket: RegressionRule = { ...daily, severity: 'ticket' };

describe('a healthy service', () => {
  it.each([5, 20, 100, 1000])('wakes nobody in 200 runs of %i samples', (samples) => {
    for (const seed of [1, 2, 3]) expect(alarmsOf(replay(serviceRuns(200, { seed, samples })))).toEqual([]);
  });

  it('is reported run by run, with its ratio, and nothing open', () => {
    const { finding } = lastOf(replay(serviceRuns(60)));
    expect(finding.state).toBe('active');
    expect(finding.ratio).toBeGreaterThan(0.7);
    expect(finding.ratio).toBeLessThan(1.4);
    expect(finding.reason).toMatch(/^p95 \d+ ms is [\d.]+ × its (anchored )?baseline \d+ ms \(95 %: /);
  });
});

describe('a regression of all latencies', () => {
  const steps = replay(serviceRuns(60, { factor: from(40, 1.3) }));

  it('of 30 % fires within 8 runs of 100 samples', () => {
    const [first = 0] = alarmsOf(steps);
    expect(first).toBeGreaterThanOrEqual(40);
    expect(first).toBeLessThan(48);
  });

  it('carries its arm, ratio, interval, samples and runs since the onset', () => {
    const { finding } = lastOf(steps);
    expect(finding).toMatchObject({ firing: true, arm: 'shift', against: 'rolling', moreRuns: null });
    expect(finding.onsetMs).toBeGreaterThanOrEqual(originMs + 38 * dayMs);
    expect(finding.onsetMs).toBeLessThanOrEqual(originMs + 41 * dayMs);
    expect(finding.ratio).toBeGreaterThan(1.2);
    expect(finding.ratio).toBeLessThan(1.4);
    const [low = 0, high] = finding.interval ?? [];
    expect(low).toBeGreaterThan(1.1);
    expect(low).toBeLessThan(1.3);
    expect(high).toBeGreaterThan(1.3);
    expect(finding.n).toBe(finding.runs * 100);
    expect(finding.reason).toMatch(
      /^p95 \d+ ms is 1\.\d\d × its baseline \d+ ms .* since 2026-02-1\d 00:00, over \d+ runs of 100 samples$/,
    );
  });

  it('says how many more such runs would settle it while it is open', () => {
    const open = steps.slice(40).find(({ finding }) => finding.score > 3 && !finding.firing);
    expect(open?.finding.moreRuns).toBeGreaterThan(0);
    expect(open?.finding.reason).toMatch(/about \d+ more such runs? would settle it$/);
  });

  it('of 10 % is left alone', () => {
    expect(alarmsOf(replay(serviceRuns(120, { factor: from(40, 1.1) })))).toEqual([]);
  });

  it('asks for no less as a ticket than as a page', () => {
    const runs = serviceRuns(70, { samples: 20, seed: 4, factor: from(40, 1.35) });
    expect(alarmsOf(replay(runs, ticket))).toEqual(alarmsOf(replay(runs)));
    expect(alarmsOf(replay(runs))).toHaveLength(1);
  });

  it('ends when the service is itself again, and the next one is found anew', () => {
    const bad = (run: number) => ((run >= 40 && run < 50) || run >= 90 ? 1.4 : 1);
    const again = replay(serviceRuns(110, { factor: bad }));
    const [first = 0, second = 0, ...more] = alarmsOf(again);
    expect(more).toEqual([]);
    expect(first).toBeLessThan(50);
    expect(again[58]?.finding.firing).toBe(false);
    expect(second).toBeGreaterThanOrEqual(90);
  });

  it('leaves the baseline as it was', () => {
    const before = describeBaseline(replay(serviceRuns(40))[39]?.memory.base ?? lastOf(steps).memory.base);
    const after = describeBaseline(lastOf(steps).memory.base);
    expect(after.p95).toBeCloseTo(before.p95 ?? 0, -1);
    expect(after.held).toBeGreaterThan(10);
  });
});

describe('what one run can do', () => {
  it.each([1.5, 5, 500])('alone at %f times the usual, never fires', (factor) => {
    const steps = replay(serviceRuns(50, { samples: 1000, factor: (run) => (run === 40 ? factor : 1) }), ticket);
    expect(alarmsOf(steps)).toEqual([]);
    expect(steps[40]?.finding.score).toBeLessThanOrEqual(8);
  });

  it('is not much, when none of its samples had an answer', () => {
    const steps = replay([
      ...serviceRuns(40),
      { atMs: originMs + 40 * dayMs, latenciesMs: [], unanswered: 100 },
      ...serviceRuns(50).slice(41),
    ]);
    expect(alarmsOf(steps)).toEqual([]);
    expect(steps[40]?.finding.ratio).toBeNull();
    expect(steps[40]?.finding.reason).toContain('p95 is above every limit');
  });
});

describe('a change of the tail alone', () => {
  it('is found by the tail arm', () => {
    const steps = replay(serviceRuns(60, { samples: 500, slowShare: from(40, 0.1, 0) }));
    const [first = 0] = alarmsOf(steps);
    expect(first).toBeGreaterThanOrEqual(40);
    expect(first).toBeLessThan(47);
    expect(steps[first]?.finding.arm).toBe('tail');
    expect(steps[first]?.finding.reason).toContain('the slowest samples are more');
  });

  it('is found when one sample in ten goes without an answer', () => {
    const steps = replay(serviceRuns(60, { samples: 180, unanswered: from(40, 20, 0) }));
    const [first = 0] = alarmsOf(steps);
    expect(first).toBeGreaterThanOrEqual(40);
    expect(first).toBeLessThan(48);
    expect(steps[first]?.finding.ratio).toBeNull();
  });
});

describe('slow drift', () => {
  const creep = (run: number) => 1.003 ** Math.max(0, run - 30);

  it('of 0.3 % a run is found, and where the rolling baseline moved with it, by the anchor', () => {
    const found = [1, 2, 3, 4, 5, 6].map((seed) => {
      const steps = replay(serviceRuns(160, { seed, factor: creep }));
      const [first = 0] = alarmsOf(steps);
      expect(first).toBeGreaterThan(50);
      expect(first).toBeLessThan(130);
      return steps[first]?.finding;
    });
    // Blocks under suspicion do not join the rolling baseline, so that it often sees it, too.
    const byAnchor = found.filter((finding) => finding?.against === 'anchor');
    expect(byAnchor.length).toBeGreaterThan(0);
    expect(byAnchor[0]?.reason).toContain('anchored baseline');
  });

  it('downwards is nobody’s alarm', () => {
    expect(alarmsOf(replay(serviceRuns(160, { factor: (run) => 0.997 ** Math.max(0, run - 30) })))).toEqual([]);
  });
});

describe('an improvement', () => {
  it('is proposed with its ratio, and never fires', () => {
    const steps = replay(serviceRuns(52, { factor: from(40, 0.6) }));
    expect(alarmsOf(steps)).toEqual([]);
    const { finding } = lastOf(steps);
    expect(finding.improvement?.ratio).toBeGreaterThan(0.5);
    expect(finding.improvement?.ratio).toBeLessThan(0.75);
    expect(finding.reason).toContain('accept it for a tighter baseline');
  });

  it('is not proposed of a healthy service', () => {
    const steps = replay(serviceRuns(150));
    expect(steps.filter(({ finding }) => finding.improvement)).toEqual([]);
  });
});

describe('a baseline in the making', () => {
  it('is none, then provisional, then active, and fires in none of the first two', () => {
    const steps = replay(serviceRuns(20, { factor: from(5, 3) }));
    const states = steps.map(({ finding }) => finding.state);
    expect(states.slice(0, 3)).toEqual(['none', 'none', 'none']);
    expect(states.slice(3, 14)).toEqual(new Array(11).fill('provisional'));
    expect(states[14]).toBe('active');
    expect(alarmsOf(steps.slice(0, 14))).toEqual([]);
    expect(steps[0]?.finding.reason).toMatch(/^no baseline yet: 0 blocks and 0 samples of the 3 and 60/);
    expect(steps[8]?.finding.ratio).toBeGreaterThan(0.5);
  });

  it('says how many runs it needs yet', () => {
    const steps = replay(serviceRuns(14));
    expect(steps.map(({ finding }) => finding.moreRuns)).toEqual([14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('of five samples a run needs twenty runs, not fourteen', () => {
    const steps = replay(serviceRuns(21, { samples: 5 }));
    expect(steps[19]?.finding.state).toBe('provisional');
    expect(steps[20]?.finding.state).toBe('active');
  });

  it('needs a day, however often the probe runs', () => {
    const minutely = { ...daily, cadenceMs: 60_000 };
    const steps = replay(serviceRuns(25 * 60, { samples: 20, cadenceMs: 60_000 }), minutely);
    expect(steps[20 * 60]?.finding.state).toBe('provisional');
    expect(lastOf(steps).finding.state).toBe('active');
    expect(alarmsOf(steps)).toEqual([]);
  });
});

describe('runs that come often', () => {
  const minutely: RegressionRule = { maxRegression: 0.2, severity: 'page' };
  const options = { samples: 20, cadenceMs: 60_000 };

  it('are judged a quarter of an hour at a time, and leave the base the same object in between', () => {
    const steps = replay(serviceRuns(61, options), minutely);
    const changes = steps.flatMap(({ memory }, run) => (memory.base !== steps[run - 1]?.memory.base ? [run] : []));
    expect(changes).toEqual([0, 14, 29, 44, 59]);
  });

  it('ask for more evidence than hourly ones', () => {
    const { finding } = lastOf(replay(serviceRuns(30, options), minutely));
    expect(finding.limit).toBe(12);
    expect(lastOf(replay(serviceRuns(30, { cadenceMs: hourMs }), minutely)).finding.limit).toBe(9);
  });

  it('show a slowdown within the hour or two', () => {
    const at = 30 * 60;
    const steps = replay(serviceRuns(at + 180, { ...options, factor: from(at, 1.5) }), minutely);
    const [first = 0] = alarmsOf(steps);
    expect(first).toBeGreaterThan(at);
    expect(first).toBeLessThan(at + 120);
  });
});

describe('a plan of many series', () => {
  it('asks each of them for more evidence', () => {
    const runs = serviceRuns(20);
    const limitOf = (keys: number) => lastOf(replay(runs, { ...daily, keys })).finding.limit;
    expect(limitOf(50)).toBe(9);
    expect(limitOf(5000)).toBeCloseTo(9 + Math.log(100));
  });
});

describe('a day and a week that repeat', () => {
  it('are taken out once they have shown themselves, and a regression within them is found', () => {
    const wave = (_: number, atMs: number) => 1 + 0.3 * Math.sin((2 * Math.PI * (atMs % dayMs)) / dayMs);
    const at = 35 * 24;
    const factor = (run: number, atMs: number) => wave(run, atMs) * (run >= at ? 1.3 : 1);
    const hourly = { ...daily, cadenceMs: hourMs };
    const steps = replay(serviceRuns(at + 24, { cadenceMs: hourMs, samples: 50, factor }), hourly);
    const alarms = alarmsOf(steps);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toBeGreaterThanOrEqual(at);
    expect(alarms[0]).toBeLessThan(at + 12);
    const base = steps[at]?.memory.base;
    expect(base && describeBaseline(base).season).toBe(true);
    expect(JSON.stringify(base).length).toBeLessThan(12_000);
  });
});

describe('a memory', () => {
  const steps = replay(serviceRuns(300, { samples: 1000, cadenceMs: hourMs, factor: from(280, 1.4) }), {
    ...daily,
    cadenceMs: hourMs,
  });

  it('stays small: 2 kB each run, 12 kB of baseline', () => {
    for (const { memory } of steps.slice(100)) {
      expect(JSON.stringify(memory.hot).length).toBeLessThan(2000);
      expect(JSON.stringify(memory.base).length).toBeLessThan(12_000);
    }
  });

  it('of raw samples starts anew with aggregated values, and back', () => {
    const { memory } = lastOf(steps);
    const value = advanceRegression(daily, memory, { atMs: originMs + 301 * hourMs, value: 300 });
    expect(value.memory.base.kind).toBe('values');
    const sketch = sketchOf([200, 210]);
    const back = advanceRegression(daily, value.memory, { atMs: originMs + 302 * hourMs, sketch, unanswered: 0 });
    expect(back.finding.state).toBe('none');
  });
});
