import { describe, expect, it } from 'vitest';
import type { JudgeInput } from '../../../lib/judge/judge.ts';
import type { StateChange } from '../../../lib/judge/memory.ts';
import type { Observation } from '../../../lib/judge/observation.ts';
import { dayMs, hourMs, judgedProbe, minuteMs, originMs, replay, runAt, seriesOf } from '../../support/judging.ts';

const minute = (n: number): number => originMs + n * minuteMs;
const hour = (n: number): number => originMs + n * hourMs;
const minutely = judgedProbe({ schedule: { every: '1m' }, baseline: false });

/** Bad events of two objectives. */
const counts = (bad: number, total = 20): Partial<Observation> => ({
  counts: [
    { objective: 'objective 99.9%', bad, total, budget: 0.001 },
    { objective: 'failed<1%', bad, total, budget: 0.01 },
  ],
});

/** So many runs a minute apart, from a minute on. */
const stretch = (from: number, n: number, letter: string, bad: (index: number) => number): readonly JudgeInput[] =>
  Array.from({ length: n }, (_, index) => runAt(minute(from + index), letter, counts(bad(index))));
const well = (from: number, n: number) => stretch(from, n, 'p', () => 0);

const reasonsOf = (change: StateChange | undefined) => (change && 'reasons' in change ? change.reasons : []);

describe('one trouble', () => {
  it('is one page, with all that is bad in its reasons: an outage wakes nobody three times', () => {
    const { told, changes, judged } = replay(minutely, [
      ...well(0, 600),
      ...stretch(600, 30, 'o', () => 20),
      ...well(630, 600),
    ]);
    expect(told).toEqual(['breached runs page', 'recovered runs page']);
    expect(reasonsOf(changes[0])[0]).toMatch(/^also: objective 99\.9%: the error budget burns/);
    const during = judged[620]?.memory.state.alarms;
    // All three are bad, and two of them have joined the first.
    expect(Object.entries(during ?? {}).map(([rule, alarm]) => [rule, alarm?.state, alarm?.told?.joined])).toEqual([
      ['runs', 'breached', undefined],
      ['slo:objective 99.9%', 'breached', 'runs'],
      ['slo:failed<1%', 'breached', 'runs'],
    ]);
    expect(judged.at(-1)?.memory.state.alarms).toEqual({ runs: expect.objectContaining({ state: 'ok' }) });
  });

  it('that burns a budget while runs pass is told by the budget, and runs that breach later join it', () => {
    const { told, changes } = replay(minutely, [
      ...well(0, 600),
      ...stretch(600, 20, 'p', () => 4),
      ...stretch(620, 10, 'f', () => 10),
      ...well(630, 600),
    ]);
    expect(told).toEqual(['breached slo:objective 99.9% page', 'recovered slo:objective 99.9% page']);
    expect(changes[0]).toMatchObject({ counted: 'the error budget of objective 99.9% burns' });
  });

  it('that gets louder is told again, louder: a slow burn is a ticket, and the outage after it a page', () => {
    const leak = stretch(3000, 3000, 'p', (n) => (n % 20 === 0 ? 1 : 0));
    const slow = replay(minutely, [...well(0, 3000), ...leak]);
    expect(slow.told).toEqual(['breached slo:objective 99.9% ticket']);
    const worse = replay(minutely, [...stretch(6000, 30, 'o', () => 20), ...well(6030, 600)], { from: slow.memory });
    expect(worse.told[0]).toBe('breached runs page');
    expect(worse.told).not.toContain('breached slo:objective 99.9% page');
    expect(worse.told.filter((one) => one.endsWith('page'))).toEqual(['breached runs page', 'recovered runs page']);
  });

  it('is not hidden by one of another kind that has been open for days', () => {
    const leak = (from: number, n: number, slower: boolean) =>
      Array.from({ length: n }, (_, index) => {
        const bad = index % 20 === 0 ? 1 : 0;
        const both = [
          { objective: 'objective 99.9%', bad, total: 20, budget: 0.001 },
          { objective: 'failed<1%', bad: slower ? 10 * bad : 0, total: 20, budget: 0.01 },
        ];
        return runAt(minute(from + index), 'p', { counts: both });
      });
    const days = (2.5 * dayMs) / minuteMs;
    const one = leak(3000, days, false);
    const two = leak(3000 + days, 3500, true);
    expect(replay(minutely, [...well(0, 3000), ...one, ...two]).told).toEqual([
      'breached slo:objective 99.9% ticket',
      'breached slo:failed<1% ticket',
    ]);
  });
});

describe('a regression', () => {
  const probe = judgedProbe();
  const learnt = Array.from({ length: 40 }, (_, n) => runAt(hour(n), 'p', seriesOf(n, 50, 200)));
  const runs = (from: number, n: number, ms: number, letter = 'p') =>
    Array.from({ length: n }, (_, index) => runAt(hour(from + index), letter, seriesOf(from + index, 50, ms)));

  it('is a ticket with its figures, told once, and its end likewise', () => {
    const { told, changes } = replay(probe, [...learnt, ...runs(40, 20, 320), ...runs(60, 20, 200)]);
    expect(told).toEqual(['breached regression:total ticket', 'recovered regression:total ticket']);
    expect(changes[0]).toMatchObject({ counted: 'the latency of total has grown' });
    expect(reasonsOf(changes[0])[0]).toMatch(/^p95 \d+ ms is 1\.\d+ × its baseline/);
    const loud = judgedProbe({ baseline: { severity: 'page' } });
    expect(replay(loud, [...learnt, ...runs(40, 20, 320)]).told).toEqual(['breached regression:total page']);
    const quiet = judgedProbe({ severity: 'ticket', baseline: { severity: 'page' } });
    expect(replay(quiet, [...learnt, ...runs(40, 20, 320)]).told).toEqual(['breached regression:total ticket']);
  });

  it('names the deploy that it began after', () => {
    const deploy: JudgeInput = { kind: 'deploy', at: new Date(hour(39) + 1000).toISOString(), version: 'v2' };
    const { changes } = replay(probe, [...learnt, deploy, ...runs(40, 10, 320)]);
    expect(reasonsOf(changes[0])).toContain('it began 1 run after deploy v2');
  });

  it('of a probe whose runs are bad is part of that trouble, and told after all when it outlives it', () => {
    const { told, changes } = replay(probe, [...learnt, ...runs(40, 6, 500, 'd'), ...runs(46, 20, 320)]);
    expect(told).toEqual(['breached runs page', 'recovered runs page', 'breached regression:total ticket']);
    expect(reasonsOf(changes[1])).toEqual(['still: latency of total']);
    expect(reasonsOf(changes[2])).toContain('it goes on since 2026-06-04 12:00:00 UTC, when the bad runs were over');
    // Over together, it is not told at all.
    const together = replay(probe, [...learnt, ...runs(40, 6, 500, 'd'), ...runs(46, 30, 200)]);
    expect(together.told).toEqual(['breached runs page', 'recovered runs page']);
  });

  it('of the total and of a step is one ticket', () => {
    const request = { url: 'http://127.0.0.1:1/' };
    const both = judgedProbe({
      steps: [
        { name: 'list', request },
        { name: 'one', request },
      ],
    });
    const twice = (inputs: readonly JudgeInput[]) =>
      inputs.map((input): JudgeInput => {
        if (input.kind !== 'run') return input;
        const { total } = input.observation.series;
        const series = total ? { total, 'step:list': total } : {};
        return { kind: 'run', observation: { ...input.observation, series } };
      });
    const { told, changes } = replay(both, twice([...learnt, ...runs(40, 10, 320), ...runs(50, 20, 200)]));
    expect(told).toEqual(['breached regression:total ticket', 'recovered regression:total ticket']);
    expect(reasonsOf(changes[0])).toEqual([
      expect.stringMatching(/^p95 \d+ ms is/),
      expect.stringMatching(/^also: list: p95 \d+ ms is/),
    ]);
  });
});

describe('an alarm that the config has no more', () => {
  it('ends with the next good run', () => {
    const { memory, told } = replay(minutely, [...well(0, 600), ...stretch(600, 20, 'p', () => 4)]);
    expect(told).toEqual(['breached slo:objective 99.9% page']);
    const without = runAt(minute(620), 'p', { counts: [] });
    expect(replay(minutely, [without], { from: memory }).told).toEqual(['recovered slo:objective 99.9% page']);
  });
});
