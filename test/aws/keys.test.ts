import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { between, markKey, memoryKey, memoryPks, runKey, slotIn } from '../../lib/aws/dynamodb/keys.ts';
import { arrivalsOf } from '../../lib/aws/dynamodb/parts.ts';

const [year0, year10000] = [Date.parse('0000-01-01T00:00:00Z'), Date.UTC(10_000, 0, 1)];
const time = fc.integer({ min: year0, max: year10000 - 1 });
const anyTime = fc.integer({ min: -8.64e15, max: 8.64e15 });
const id = fc.string({ unit: fc.constantFrom(...'abcxyz234567'), minLength: 1, maxLength: 26 });

describe('keys of the table', () => {
  it('have the order of their times', () => {
    fc.assert(
      fc.property(time, time, id, id, (a, b, one, other) => {
        const [left, right] = [runKey('p', a, one).sk, runKey('p', b, other).sk];
        expect(left < right).toBe(a < b || (a === b && one < other));
        expect(slotIn(left)).toBe(new Date(a).toISOString());
      }),
    );
  });

  it('are in a range from a time, inclusive, to a time, exclusive, and in no other', () => {
    const bound = fc.option(fc.oneof(time, anyTime), { nil: undefined });
    fc.assert(
      fc.property(fc.oneof(time, fc.constant(Date.UTC(2026, 0, 1))), bound, bound, id, (at, from, to, runId) => {
        const { sk } = runKey('p', at, runId);
        const range = between(from, to);
        const found = range !== undefined && range.from <= sk && sk <= range.to;
        expect(found).toBe((from === undefined || from <= at) && (to === undefined || at < to));
      }),
      {
        examples: [
          [0, 0, 0, 'a'],
          [0, 0, 1, 'a'],
          [0, -1, 0, 'a'],
        ],
      },
    );
  });

  it('of a slot out of the calendar are none', () => {
    for (const slotMs of [year0 - 1, year10000]) {
      expect(() => runKey('p', slotMs, 'run')).toThrow('the slot of run run is not in the years 0 to 9999');
    }
  });

  it('of marks of one moment have the order of their arrival, with a clock that stands or goes back', () => {
    const times = [5, 5, 5, 3, 3, 6].map((ms) => Date.UTC(2026, 0, 1) + ms);
    let turn = 0;
    const arrive = arrivalsOf({ now: () => times[turn++] ?? 0, monotonic: () => 0 });
    const keys = times.map((_, n) => markKey('p', 0, arrive(), n % 2 ? 'a' : 'z').sk);
    expect(keys.toSorted()).toEqual(keys);
    expect(new Set(keys).size).toBe(times.length);
  });

  it('of many probes are spread over all shards', () => {
    const used = Array.from({ length: 1000 }, (_, n) => memoryKey(`probe-${n}`).pk);
    expect(new Set(used)).toEqual(new Set(memoryPks));
  });
});
