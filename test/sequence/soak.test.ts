import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentiles } from '../../lib/result/percentiles.ts';
import type { LatencyMs, Percentiles } from '../../lib/result/result.ts';
import { createSoakTally } from '../../lib/sequence/soak.ts';

const latenciesOf = (values: readonly LatencyMs[]): Percentiles => {
  const tally = createSoakTally(['send']);
  for (const value of values) tally.step('send', value);
  const [step] = tally.outcome(0, 0).steps;
  if (!step) throw new Error('the tally has no step');
  return step.latencyMs;
};

describe('a soak tally', () => {
  it('counts iterations by how they ended', () => {
    const tally = createSoakTally(['send']);
    for (const end of ['passed', 'failed', 'thin', 'passed'] as const) tally.end(end);
    expect([tally.iterations(), tally.failed(), tally.thin()]).toEqual([4, 1, 1]);
    expect(tally.outcome(1_500, 42)).toMatchObject({ iterations: 4, failed: 1, messages: 42, durationMs: 1_500 });
  });

  it('keeps the first ten failures and the first doubt', () => {
    const tally = createSoakTally(['send']);
    for (let iteration = 1; iteration <= 1_000; iteration += 1) {
      tally.fail(iteration, 'send', `reason ${iteration}`, []);
      tally.doubt('expect', `doubt ${iteration}`);
    }
    const { failures } = tally.outcome(0, 0);
    expect(failures).toHaveLength(10);
    expect(failures[0]).toEqual({ iteration: 1, step: 'send', reason: 'reason 1' });
    expect(tally.firstDoubt()).toBe('expect: doubt 1');
  });

  it('keeps a series for each step, in their order, and counts those without an answer apart', () => {
    const tally = createSoakTally(['send', 'expect']);
    tally.step('expect', 4);
    tally.step('expect', null);
    tally.step('send', 1);
    expect(tally.outcome(0, 0).steps).toMatchObject([
      { name: 'send', samples: 1, unanswered: 0 },
      { name: 'expect', samples: 2, unanswered: 1, latencyMs: { min: 4, p50: 4, p90: null, max: null } },
    ]);
  });

  it('has no percentiles of a step that was never carried out', () => {
    const none = { min: null, p50: null, p90: null, p95: null, p99: null, max: null };
    expect(createSoakTally(['send']).outcome(0, 0).steps).toEqual([
      { name: 'send', samples: 0, unanswered: 0, latencyMs: none },
    ]);
  });

  it('tells of lateness in an open loop, and nothing of it otherwise', () => {
    const tally = createSoakTally([]);
    expect(tally.outcome(0, 0)).not.toHaveProperty('lateMs');
    tally.late(0);
    tally.late(250);
    expect(tally.outcome(0, 0).lateMs).toMatchObject({ min: 0, max: 250 });
  });

  it('has the percentiles of the exact values, within one percent', () => {
    const latency = fc.oneof(fc.constant(null), fc.double({ min: 0.001, max: 100_000, noNaN: true }));
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (values) => {
        const exact = percentiles(values);
        for (const [name, value] of Object.entries(latenciesOf(values))) {
          const wanted = exact[name as keyof Percentiles];
          if (wanted === null || value === null) expect(value).toBe(wanted);
          else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(wanted * 0.0101);
        }
      }),
    );
  });

  it('does not grow with what it counts', () => {
    const sizeAfter = (iterations: number): number => {
      const tally = createSoakTally(['send', 'expect']);
      for (let iteration = 1; iteration <= iterations; iteration += 1) {
        const latencyMs = (iteration % 1_000) + 0.5;
        tally.late(latencyMs);
        tally.step('send', latencyMs);
        tally.step('expect', iteration % 7 === 0 ? null : latencyMs);
        tally.fail(iteration, 'send', 'the same', []);
        tally.end('failed');
      }
      return JSON.stringify(tally.outcome(0, 0)).length;
    };
    expect(sizeAfter(50_000)).toBeLessThan(sizeAfter(5_000) + 50);
  });
});
