import { describe, expect, it } from 'vitest';
import { observationOf } from '../../lib/judge/observation.ts';
import type { ThresholdResult } from '../../lib/result/result.ts';
import { judgedProbe, replay } from '../support/judging.ts';
import { makeStoredRun } from '../support/runs.ts';

const p95 = (bad: number, total: number): ThresholdResult => ({
  threshold: 'p(95)<150',
  actual: 200,
  unit: 'ms',
  passed: false,
  bad,
  total,
  budget: 0.05,
});
const degraded = (missed: ThresholdResult, slot = '2026-01-01T00:00:00.000Z') =>
  observationOf(makeStoredRun({ slot, run: { verdict: 'degraded', slo: [missed] } }));

describe('what a degraded run tells an alarm', () => {
  it.each([
    ['two of twenty samples over a p95', p95(2, 20), true],
    ['four of twenty', p95(4, 20), undefined],
    ['one of five', p95(1, 5), true],
    ['two of five', p95(2, 5), undefined],
    ['the only sample there is', p95(1, 1), undefined],
    [
      'a mean, which counts nothing',
      { threshold: 'avg<100', actual: 120, unit: 'ms', passed: false } as const,
      undefined,
    ],
  ])('%s', (_, missed, slight) => {
    expect(degraded(missed).slight).toBe(slight);
  });

  it('is never slight where something failed', () => {
    const failed = makeStoredRun({ run: { verdict: 'fail', slo: [p95(2, 20)] } });
    expect(observationOf(failed).slight).toBeUndefined();
  });

  it('breaches when it is more than chance, and otherwise neither breaches nor recovers', () => {
    const probe = judgedProbe();
    const run = (hour: number, bad: number) => {
      const observation = degraded(p95(bad, 20), new Date(Date.UTC(2026, 0, 1, hour)).toISOString());
      return { kind: 'run', observation: { ...observation, probe: probe.id } } as const;
    };
    const slight = replay(probe, [run(0, 2), run(1, 2), run(2, 2), run(3, 2)]);
    expect(slight.told).toEqual([]);
    const real = replay(probe, [run(0, 5), run(1, 5), run(2, 2), run(3, 2), run(4, 2)]);
    expect(real.told).toHaveLength(1);
    expect(real.memory?.state.state).not.toBe('ok');
  });
});
