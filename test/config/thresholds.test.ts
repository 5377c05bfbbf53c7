import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Threshold, ThresholdMetric } from '../../lib/config/plan.ts';
import { formatLimit, formatThreshold, parseThreshold } from '../../lib/config/thresholds.ts';

const p = (percentile: number): ThresholdMetric => ({ kind: 'percentile', percentile });

describe('a threshold', () => {
  it.each<[string, ThresholdMetric, Threshold['op'], number]>([
    ['p(95)<400', p(95), '<', 400],
    ['p(99.9) <= 1.5s', p(99.9), '<=', 1500],
    ['avg<200ms', { kind: 'avg' }, '<', 200],
    ['avg<0.5ms', { kind: 'avg' }, '<', 0.5],
    ['min>0', { kind: 'min' }, '>', 0],
    ['med>=1m', { kind: 'med' }, '>=', 60_000],
    ['max != 3', { kind: 'max' }, '!=', 3],
    ['failed<1%', { kind: 'failed' }, '<', 0.01],
    ['failed<0.01', { kind: 'failed' }, '<', 0.01],
    ['failed==0', { kind: 'failed' }, '==', 0],
    ['checks>99%', { kind: 'checks' }, '>', 0.99],
    ['checks>=100 %', { kind: 'checks' }, '>=', 1],
  ])('%s is read', (source, metric, op, value) => {
    expect(parseThreshold(source)).toEqual({ ok: true, value: { source, metric, op, value } });
  });

  it.each([
    ['', 'is not a threshold'],
    ['p(95)', 'is not a threshold'],
    ['400<p(95)', 'is not a threshold'],
    ['p(95)=400', 'is not a threshold'],
    ['p95<400', 'p95 is no metric: write p(95)'],
    ['p(0)<1', 'p(0) is no percentile: it must be over 0 and under 100, such as p(95)'],
    ['p(100)<1', 'p(100) is no percentile: it must be over 0 and under 100, such as p(95)'],
    ['p()<1', 'p() is no percentile: it must be over 0 and under 100, such as p(95)'],
    ['p<1', 'p() is no percentile: it must be over 0 and under 100, such as p(95)'],
    ['avg(5)<1', 'avg takes no brackets'],
    ['rate<0.01', 'rate is no metric here: write failed<1% for requests that failed, or checks>99% for checks'],
    ['p90s<1', 'p90s is no metric: write p(90s)'],
    ['speed<1', 'speed is no metric: the metrics are p(N), avg, min, med, max, failed, checks'],
    ['failed<2', '2 is over 100 %: for per cent write 2%'],
    ['failed<101%', '101% is over 100 %'],
    ['failed<1s', '1s is no share: write 1% or 0.01'],
    ['avg<1%', '1% is no latency: write milliseconds, or a duration such as 400ms or 1.5s'],
    ['avg<fast', 'fast is no latency: write milliseconds, or a duration such as 400ms or 1.5s'],
    ['avg<-1', '-1 is no latency: write milliseconds, or a duration such as 400ms or 1.5s'],
    [`avg<${'9'.repeat(400)}`, `${'9'.repeat(400)} is too large`],
  ])('%s is refused', (source, message) => {
    expect(parseThreshold(source)).toEqual({ ok: false, message });
  });

  it('is the same after it was printed and read again', () => {
    const latency = fc.constantFrom<ThresholdMetric>(
      p(50),
      p(95),
      p(99.9),
      ...(['avg', 'min', 'med', 'max'] as const).map((kind) => ({ kind })),
    );
    const rate = fc.constantFrom<ThresholdMetric>({ kind: 'failed' }, { kind: 'checks' });
    const op = fc.constantFrom<Threshold['op']>('<', '<=', '>', '>=', '==', '!=');
    const threshold = fc.oneof(
      fc.record({ metric: latency, op, value: fc.integer({ min: 0, max: 10_000_000 }).map((n) => n / 100) }),
      fc.record({ metric: rate, op, value: fc.integer({ min: 0, max: 100_000 }).map((n) => n / 100_000) }),
    );
    fc.assert(
      fc.property(threshold, (given) => {
        const source = formatThreshold(given);
        expect(parseThreshold(source)).toEqual({ ok: true, value: { source, ...given } });
      }),
    );
  });

  it('answers for any text, and for texts that almost are one', () => {
    const almost = fc.array(fc.constantFrom('p', '(', ')', '95', '<', '=', 'failed', '%', 'ms', ' ', '.', 'e9', '-'), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          almost.map((parts) => parts.join('')),
        ),
        (text) => {
          const result = parseThreshold(text);
          expect(result.ok || result.message.length > 0).toBe(true);
        },
      ),
    );
  });

  it.each<[ThresholdMetric, number, string]>([
    [p(95), 400, '400ms'],
    [p(95), 1500, '1s 500ms'],
    [{ kind: 'failed' }, 0.01, '1%'],
    [{ kind: 'checks' }, 0.999, '99.9%'],
  ])('prints its limit with the unit', (metric, value, text) => {
    expect(formatLimit({ metric, value })).toBe(text);
  });
});
