import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Threshold } from '../../lib/config/plan.ts';
import { parseThreshold } from '../../lib/config/thresholds.ts';
import { judgeObjective, judgeThreshold, type Observed, samplesToConfirm } from '../../lib/judge/threshold.ts';

const threshold = (source: string): Threshold => {
  const parsed = parseThreshold(source);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
};

const observed = (rest: Partial<Observed>): Observed => ({
  latenciesMs: [],
  failed: 0,
  executed: 0,
  checksPassed: 0,
  checksTotal: 0,
  ...rest,
});

const ramp = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

describe('a threshold', () => {
  const rows: readonly [source: string, observed: Partial<Observed>, passed: boolean, actual: number | null][] = [
    ['p(95)<400', { latenciesMs: [...ramp(19), 500] }, true, 19],
    ['p(95)<400', { latenciesMs: [...ramp(18), 500, 500] }, false, 500],
    ['p(95)<20', { latenciesMs: ramp(20) }, true, 19],
    ['p(95)<19', { latenciesMs: ramp(20) }, false, 19],
    ['p(95)<=19', { latenciesMs: ramp(20) }, true, 19],
    ['p(99)<400', { latenciesMs: [...ramp(4), null] }, false, null],
    ['avg<3', { latenciesMs: [1, 2, 3] }, true, 2],
    ['avg<3', { latenciesMs: [1, 2, null] }, false, null],
    ['med<3', { latenciesMs: [1, 2, 9] }, true, 2],
    ['max<9', { latenciesMs: [1, 2, 9] }, false, 9],
    ['min>1', { latenciesMs: [1, 2, 9] }, false, 1],
    ['failed<1%', { failed: 0, executed: 10 }, true, 0],
    ['failed<1%', { failed: 1, executed: 100 }, false, 0.01],
    ['checks>99%', { checksPassed: 100, checksTotal: 100 }, true, 1],
    ['checks>99%', { checksPassed: 99, checksTotal: 100 }, false, 0.99],
  ];

  it.each(rows)('%s on %j gives %s', (source, seen, passed, actual) => {
    expect(judgeThreshold(threshold(source), observed(seen))).toMatchObject({ passed, actual });
  });

  it.each(['p(95)<400', 'avg<400', 'failed<1%', 'checks>99%'])('%s never passes on nothing', (source) => {
    expect(judgeThreshold(threshold(source), observed({})).passed).toBe(false);
  });

  it('p(95)<L holds exactly when at most a twentieth of the samples are at or over L', () => {
    const latency = fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(latency, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 1_000 }),
        (latenciesMs, limit) => {
          const result = judgeThreshold(threshold(`p(95)<${limit}`), observed({ latenciesMs }));
          const over = latenciesMs.filter((ms) => ms === null || ms >= limit).length;
          expect(result.passed).toBe(over <= Math.floor(latenciesMs.length / 20));
          expect(result.bad).toBe(over);
        },
      ),
    );
  });

  it('says what the interval supports: too few samples confirm nothing, enough do', () => {
    const confident = (n: number, slow: number) =>
      judgeThreshold(threshold('p(95)<400'), observed({ latenciesMs: ramp(n).map((i) => (i <= slow ? 500 : 10)) }))
        .confident;
    expect([confident(5, 0), confident(58, 0), confident(59, 0)]).toEqual(['inconclusive', 'inconclusive', 'pass']);
    expect([confident(20, 2), confident(20, 8)]).toEqual(['inconclusive', 'fail']);
    expect([samplesToConfirm(0.05), samplesToConfirm(0.01)]).toEqual([59, 299]);
  });
});

describe('an objective', () => {
  it('counts good passes, and does not pass on none', () => {
    expect(judgeObjective(0.999, 0, 20)).toMatchObject({
      threshold: 'objective 99.9%',
      passed: true,
      confident: 'inconclusive',
    });
    expect(judgeObjective(0.99, 1, 20)).toMatchObject({ passed: false, actual: 0.95 });
    expect(judgeObjective(0.99, 0, 0).passed).toBe(false);
  });
});
