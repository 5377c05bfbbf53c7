import { describe, expect, it } from 'vitest';
import type { RehearsalEffect } from '../../../lib/config/plan.ts';
import { judgeRun } from '../../../lib/judge/run.ts';
import { openRandom } from '../../../lib/local/rehearsal/random.ts';
import { simulatedProber } from '../../../lib/local/rehearsal/target.ts';
import { contextOf, occasion, probeOf } from '../../support/probing.ts';

const hour = 3_600_000;
const request = { request: { url: 'https://a.example' } };
const probe = probeOf({
  kind: 'http',
  schedule: { every: '1h' },
  samples: 200,
  steps: [request, { ...request, name: 'second' }],
  slo: { objective: '99%', thresholds: ['p(95)<400'] },
});
const signal = new AbortController().signal;

const runAt = async (nowMs: number, effect?: RehearsalEffect, seed = 1) => {
  const context = { ...contextOf(), clock: { now: () => nowMs, monotonic: () => nowMs } };
  const incidents = effect
    ? [{ probes: [probe.id], startMs: hour, forMs: 48 * hour, effect, expect: 'page' as const, withinMs: hour }]
    : [];
  const result = await simulatedProber({ seed, originMs: 0, incidents })(probe, context, signal);
  return judgeRun(probe, occasion, result).run;
};

describe('the simulated target', () => {
  it('is healthy under its thresholds, and the same for the same seed and slot', async () => {
    const run = await runAt(0);
    expect(run).toMatchObject({ verdict: 'pass', samples: 200, good: 200 });
    expect(await runAt(0)).toEqual(run);
    expect((await runAt(0, undefined, 2)).latencyMs).not.toEqual(run.latencyMs);
    expect((await runAt(5)).latencyMs).not.toEqual(run.latencyMs);
  });

  it('refuses, errs and fails on our own side while an incident lasts, and not before or after', async () => {
    expect(await runAt(hour, { kind: 'down' })).toMatchObject({ verdict: 'fail', good: 0 });
    expect(await runAt(hour, { kind: 'blind' })).toMatchObject({ verdict: 'inconclusive', good: 0 });
    const errors = await runAt(hour, { kind: 'errors', share: 0.2 });
    expect(errors.verdict).toBe('fail');
    expect(errors.good / errors.samples).toBeGreaterThan(0.65);
    expect(errors.good / errors.samples).toBeLessThan(0.95);
    expect((await runAt(hour - 1, { kind: 'down' })).verdict).toBe('pass');
    expect((await runAt(49 * hour, { kind: 'down' })).verdict).toBe('pass');
  });

  it('is slower as told: all samples, their tail, or a little more each day', async () => {
    const usual = await runAt(hour);
    const ratioOf = async (effect: RehearsalEffect, name: 'p50' | 'p95' = 'p50', atMs = hour) =>
      ((await runAt(atMs, effect)).latencyMs[name] ?? 0) / (usual.latencyMs[name] ?? 1);
    expect(await ratioOf({ kind: 'slower', by: 0.5 })).toBeCloseTo(1.5, 6);
    expect(await ratioOf({ kind: 'tail', share: 0.2 }, 'p95')).toBeGreaterThan(1.3);
    expect(await ratioOf({ kind: 'tail', share: 0.2 })).toBeLessThan(1.3);
    const early = await ratioOf({ kind: 'creep', byPerDay: 1 });
    const late = (await runAt(hour + 24 * hour, { kind: 'creep', byPerDay: 1 })).latencyMs.p50 ?? 0;
    expect(early).toBeCloseTo(1, 6);
    expect(late / ((await runAt(25 * hour)).latencyMs.p50 ?? 1)).toBeCloseTo(2, 6);
  });
});

describe('the stream of numbers', () => {
  it('is even over its range and normal where asked, within what its size allows', () => {
    const random = openRandom(11);
    const n = 20_000;
    const uniforms = Array.from({ length: n }, random.uniform);
    const normals = Array.from({ length: n }, random.normal);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / n;
    expect(uniforms.every((value) => value >= 0 && value < 1)).toBe(true);
    // Five standard errors.
    expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(mean(normals))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(mean(normals.map((value) => value * value)) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(new Set(uniforms).size).toBeGreaterThan(n - 10);
  });
});
