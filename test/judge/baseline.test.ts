import { describe, expect, it } from 'vitest';
import { compareWithBaseline, withBaseline } from '../../lib/judge/baseline.ts';
import { newDocument, restarted, withAct } from '../../lib/judge/baseline-document.ts';
import type { JudgeInput } from '../../lib/judge/judge.ts';
import type { ProbeMemory } from '../../lib/judge/memory.ts';
import { pinBaseline } from '../../lib/judge/regression.ts';
import { hourMs, isoOf, judgedProbe, latenciesOf, originMs, replay, runAt, seriesOf } from '../support/judging.ts';
import { makeStoredRun } from '../support/runs.ts';

const probe = judgedProbe();
const hour = (n: number): number => originMs + n * hourMs;
const runs = (from: number, n: number, ms = 200, more: object = {}): readonly JudgeInput[] =>
  Array.from({ length: n }, (_, index) =>
    runAt(hour(from + index), 'p', { ...seriesOf(from + index, 50, ms), ...more }),
  );
const learnt = (n: number) => replay(probe, runs(0, n)).memory;
const baseOf = (memory: ProbeMemory | undefined) => memory?.baseline?.series.total;

describe('a run beside its baseline', () => {
  const latencies = (scale: number) => latenciesOf(99, 200, 200 * scale);
  const compare = (n: number, scale = 1) => compareWithBaseline(probe.baseline, latencies(scale), baseOf(learnt(n)));

  it('has none before there is enough of it, and says so without a ratio', () => {
    expect(compare(0)).toEqual({ state: 'none', ratio: null, interval: null, runs: 0 });
    expect(compare(2)).toMatchObject({ state: 'none', ratio: null, interval: null });
  });

  it('has a provisional one, then an active one', () => {
    expect([compare(8).state, compare(40).state]).toEqual(['provisional', 'active']);
    expect(compare(40).runs).toBeGreaterThan(14);
  });

  it('has a ratio near one when nothing changed, and near the change when it did', () => {
    const [same, slower] = [compare(40), compare(40, 1.3)];
    expect(same.ratio).toBeGreaterThan(0.9);
    expect(same.ratio).toBeLessThan(1.1);
    expect((slower.ratio ?? 0) / (same.ratio ?? 1)).toBeCloseTo(1.3, 5);
    const [low, high] = slower.interval ?? [0, 0];
    expect(low).toBeLessThanOrEqual(slower.ratio ?? 0);
    expect(high).toBeGreaterThanOrEqual(slower.ratio ?? 0);
    expect(low).toBeGreaterThan(1);
  });

  it('has an interval that is open above on a handful of samples, and none on one', () => {
    const base = baseOf(learnt(40));
    const slower = compareWithBaseline(probe.baseline, latencies(3).slice(0, 5), base);
    expect(slower.interval?.[1]).toBeNull();
    // All five are far over what 95 % of them were under: that alone is proof.
    expect(slower.interval?.[0]).toBeGreaterThan(1.2);
    expect(compareWithBaseline(probe.baseline, latencies(1).slice(0, 1), base).interval).toBeNull();
  });

  it('has no ratio when the p95 never answered', () => {
    const base = baseOf(learnt(40));
    expect(compareWithBaseline(probe.baseline, [...latencies(1).slice(0, 5), null], base).ratio).toBeNull();
  });

  it('is off when the config says so', () => {
    const off = judgedProbe({ baseline: false });
    expect(compareWithBaseline(off.baseline, latencies(1), baseOf(learnt(40))).state).toBe('off');
    expect(replay(off, runs(0, 3)).memory?.baseline).toBeUndefined();
  });
});

describe('the document of a run', () => {
  const passing = makeStoredRun({ latencies: latenciesOf(99, 50, 320) });

  const documented = (ms: number, stored = passing) => {
    const before = learnt(40);
    const { judged } = replay(probe, runs(40, 5, ms), { from: before });
    const last = judged.at(-1);
    if (!last) throw new Error('nothing was judged');
    return withBaseline(stored, probe, before?.baseline, last).run;
  };

  it('is degraded by a confirmed regression alone, with its figures in the reasons', () => {
    const { verdict, reasons, baseline } = documented(320);
    expect(verdict).toBe('degraded');
    expect(reasons).toEqual([expect.stringMatching(/^p95 \d+ ms is 1\.\d+ × its baseline \d+ ms/)]);
    expect(baseline.trend).toMatchObject({ confirmed: true, decisive: true, series: 'total', since: isoOf(hour(40)) });
    expect(baseline.trend?.reason).toBe(reasons[0]);
    expect(baseline.ratio).toBeGreaterThan(1.3);
  });

  it('stays what it is where it was bad by itself, and names the regression beside', () => {
    const failed = makeStoredRun({ latencies: [null, 300] });
    const { verdict, reasons, baseline } = documented(320, failed);
    expect([verdict, reasons.length, baseline.trend?.decisive]).toEqual(['fail', 2, false]);
  });

  it('is as it was while nothing is confirmed, with what is known so far', () => {
    const { verdict, reasons, baseline } = documented(200);
    expect([verdict, reasons]).toEqual(['pass', []]);
    expect(baseline.trend).toMatchObject({ confirmed: false, decisive: false, series: 'total' });
  });
});

describe('what a baseline learns from', () => {
  it('is every run that passed, on demand too; none whose variables were overridden, and none that failed', () => {
    const blocks = (inputs: readonly JudgeInput[]) => JSON.stringify(baseOf(replay(probe, inputs).memory));
    const empty = blocks([]);
    expect(blocks(runs(0, 20, 200, { trigger: 'demand' }))).toBe(blocks(runs(0, 20)));
    expect(blocks(runs(0, 20, 200, { trigger: 'demand', overridden: true }))).toBe(empty);
    expect(blocks(runs(0, 20, 200, { verdict: 'fail', good: 0 }))).toBe(empty);
    expect(blocks(runs(0, 20, 200, { verdict: 'inconclusive' }))).toBe(empty);
  });

  it('is none of a maintenance window', () => {
    const window = { reason: 'r', probes: [], when: { kind: 'once', fromMs: hour(0), toMs: hour(20) } } as const;
    expect(replay(probe, runs(0, 20), { maintenance: [window] }).memory?.baseline).toBeUndefined();
  });

  it('shows in a run on demand that is slow, but alarms with the next of the schedule', () => {
    const before = learnt(40);
    const slow = replay(probe, runs(40, 4, 320, { trigger: 'demand' }), { from: before });
    expect([slow.told, slow.judged.at(-1)?.findings.regression.total?.firing]).toEqual([[], true]);
    expect(replay(probe, runs(44, 1, 320), { from: slow.memory }).told).toEqual(['breached regression:total ticket']);
  });
});

describe('the baselines of a probe', () => {
  it('are the same object until something of them changes', () => {
    const before = learnt(40);
    const failed = runAt(hour(40), 'f', { counts: [] });
    expect(replay(probe, [failed], { from: before }).memory?.baseline).toBe(before?.baseline);
    expect(before?.baseline?.history).toEqual([
      { at: isoOf(hour(0)), act: 'started', who: 'plimsoll', why: 'its first run' },
    ]);
  });

  it('start anew when the probe changes, and say so', () => {
    const before = learnt(40);
    const changed = judgedProbe({ steps: [{ name: 'list', request: { url: 'http://127.0.0.1:1/other' } }] });
    const { judged, memory } = replay(changed, runs(40, 2), { from: before });
    expect(judged.map(({ notes }) => notes)).toEqual([
      ['a new baseline starts here: what the probe does was changed in the config'],
      [],
    ]);
    expect(judged[0]?.findings.regression.total?.state).toBe('none');
    expect(memory?.baseline?.history.map(({ act }) => act)).toEqual(['started', 'changed']);
    expect(memory?.baseline?.startedAt).toBe(isoOf(hour(40)));
    // Slower than before the change is no regression.
    expect(replay(changed, runs(40, 30, 400), { from: before }).told).toEqual([]);
  });

  it('start anew with a deploy where the config says so, but for what a person pinned', () => {
    const restarting = judgedProbe({ baseline: { onDeploy: 'restart' } });
    const deploy: JudgeInput = { kind: 'deploy', at: isoOf(hour(40) - 1000), version: 'v2', who: 'ci' };
    const before = replay(restarting, runs(0, 40)).memory;
    const { judged, memory } = replay(restarting, [deploy, ...runs(40, 1)], { from: before });
    expect(judged[1]?.findings.regression.total?.state).toBe('none');
    expect(memory?.baseline?.history.at(-1)).toEqual({
      at: deploy.at,
      act: 'deploy',
      who: 'ci',
      why: 'a deploy was marked: v2',
    });
    expect(
      replay(probe, [deploy, ...runs(40, 1)], { from: learnt(40) }).judged[1]?.findings.regression.total?.state,
    ).toBe('active');
    const base = baseOf(before);
    if (!base || !before?.baseline) throw new Error('nothing was learnt');
    const pinned = { ...before.baseline, series: { total: pinBaseline(base), 'step:list': base } };
    expect(Object.keys(restarted(pinned, deploy.at, 'ci', 'why').series)).toEqual(['total']);
  });

  it('remember fifty acts at most, the newest', () => {
    let document = newDocument('p', 'f', isoOf(0));
    for (let n = 0; n < 60; n++) document = withAct(document, { at: isoOf(n), act: 'pinned', who: 'me', why: `${n}` });
    expect(document.history.map(({ why }) => why)).toEqual(Array.from({ length: 50 }, (_, n) => `${n + 10}`));
  });
});
