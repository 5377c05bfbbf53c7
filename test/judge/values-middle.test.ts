import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { middle, selectMiddle, sortFew } from '../../lib/judge/regression/middle.ts';

const values = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 1, 1, 2)), { maxLength: 60 });

describe('the middle of values', () => {
  it('is what sorting finds there, the upper one of two, and 0 of none', () => {
    expect(middle([])).toBe(0);
    expect(middle([3, 1, 2, 4])).toBe(3);
    fc.assert(
      fc.property(values, (some) => {
        const before = some.slice();
        expect(middle(some) === (some.toSorted((a, b) => a - b)[some.length >> 1] ?? 0)).toBe(true);
        expect(some).toEqual(before);
      }),
    );
  });

  it('can be of a part', () => {
    expect(selectMiddle(Float64Array.of(9, 9, 2, 1, 3, -5), 2, 5)).toBe(2);
    expect(selectMiddle(Float64Array.of(9, 9), 1, 1)).toBe(0);
  });
});

it('a few values are sorted as many are', () => {
  fc.assert(
    fc.property(values, (some) => {
      const sorted = sortFew(some);
      expect([...sorted].map((value) => value + 0)).toEqual(
        [...new Float64Array(some).sort()].map((value) => value + 0),
      );
    }),
  );
});
