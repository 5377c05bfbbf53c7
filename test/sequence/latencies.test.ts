import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLatencies } from '../../lib/sequence/latencies.ts';

const filled = (values: readonly number[]) => {
  const latencies = createLatencies();
  for (const value of values) latencies.add(value);
  return latencies;
};

describe('latencies', () => {
  it('answer nearest ranks exactly while they are few, unanswered ones above them', () => {
    const values = fc.array(fc.float({ min: 0, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, fc.nat(5), fc.constantFrom(0.5, 0.9, 0.95, 1), (given, unanswered, rank) => {
        const all = [...given.toSorted((a, b) => a - b), ...Array<null>(unanswered).fill(null)];
        const wanted = all[Math.max(1, Math.ceil(rank * all.length - 1e-9)) - 1];
        expect(filled(given).rankMs(rank, unanswered)).toBe(wanted);
      }),
    );
  });

  it('stay within 1 % when they are many', () => {
    const many = filled(Array.from({ length: 5_000 }, (_, index) => index + 1));
    expect(many.count()).toBe(5_000);
    expect(Math.abs((many.rankMs(0.5) ?? 0) / 2_500 - 1)).toBeLessThanOrEqual(0.01);
    expect(many.rankMs(1)).toBe(5_000);
    expect(many.rankMs(0.99, 5_000)).toBeNull();
  });

  it('have no rank where there is none', () => {
    expect(filled([]).rankMs(0.5)).toBeNull();
  });
});
