import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialCdf, clopperPearson } from '../../lib/judge/interval.ts';

/** Sum of the probability mass, term by term in logs: slow, and right by construction. */
const exactCdf = (k: number, n: number, p: number): number => {
  let [sum, log] = [0, n * Math.log1p(-p)];
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(log);
    log += Math.log(n - i) - Math.log(i + 1) + Math.log(p) - Math.log1p(-p);
  }
  return sum;
};

describe('a binomial interval', () => {
  it('agrees with published Clopper-Pearson values', () => {
    // R: binom.test(1, 20)$conf.int and binom.test(10, 100)$conf.int
    const [low, high] = clopperPearson(1, 20);
    expect(low).toBeCloseTo(0.001265, 5);
    expect(high).toBeCloseTo(0.248733, 5);
    expect(clopperPearson(10, 100).map((bound) => Number(bound.toFixed(5)))).toEqual([0.049, 0.17622]);
  });

  it('knows nothing of nothing, and of all good only an upper end: the rule of three', () => {
    expect(clopperPearson(0, 0)).toEqual([0, 1]);
    const [low, high] = clopperPearson(0, 59, 0.9);
    expect(low).toBe(0);
    expect(high).toBeCloseTo(1 - 0.05 ** (1 / 59), 9);
    expect(high).toBeLessThan(0.05);
    expect(clopperPearson(0, 58, 0.9)[1]).toBeGreaterThan(0.05);
  });

  it('holds the observed share, and widens with confidence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (total, share) => {
        const bad = Math.round(total * share);
        const [low, high] = clopperPearson(bad, total);
        const [wideLow, wideHigh] = clopperPearson(bad, total, 0.99);
        expect(low).toBeLessThanOrEqual(bad / total);
        expect(high).toBeGreaterThanOrEqual(bad / total);
        expect(wideLow).toBeLessThanOrEqual(low + 1e-12);
        expect(wideHigh).toBeGreaterThanOrEqual(high - 1e-12);
      }),
    );
  });

  it('rests on a distribution that agrees with the sum of its terms', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, p, share) => {
          const k = Math.floor(share * n);
          expect(binomialCdf(k, n, p)).toBeCloseTo(k >= n ? 1 : exactCdf(k, n, p), 8);
        },
      ),
    );
  });
});
