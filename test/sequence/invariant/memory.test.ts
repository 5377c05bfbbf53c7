import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeySet } from '../../../lib/sequence/invariant/key-set.ts';
import { createBounded, createScopes } from '../../../lib/sequence/invariant/scopes.ts';
import { createJournal } from '../../../lib/sequence/journal.ts';

describe('the keys of noDuplicates', () => {
  it('answer like a set of all of them, whole numbers in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: -5, max: 30 }), fc.constantFrom('1', 'x', '07'))), (keys) => {
        const set = createKeySet();
        const seen = new Map<unknown, number>();
        for (const [n, key] of keys.entries()) {
          expect(set.add(key, n)).toBe(seen.get(key));
          if (!seen.has(key)) seen.set(key, n);
        }
      }),
    );
  });

  it('remember that a number came when the frame is long forgotten', () => {
    const set = createKeySet();
    for (let n = 0; n < 5_000; n += 1) set.add(n, n);
    expect(set.add(4_999, 9_000)).toBe(4_999);
    expect(set.add(3, 9_001)).toBe('early');
    expect(set.full()).toBe(false);
  });

  it('say that they are full rather than miss a duplicate', () => {
    const set = createKeySet();
    for (let n = 0; n < 100_001; n += 1) set.add(`key ${n}`, n);
    expect(set.full()).toBe(true);
  });

  it('do not compare what is nested too deeply', () => {
    let deep: unknown[] = [];
    for (let level = 0; level < 200_000; level += 1) deep = [deep];
    expect(createKeySet().add(deep as never, 1)).toBe('unreadable');
  });
});

describe('the states of an invariant', () => {
  it('are retired when the next generation of their connection begins', () => {
    const retired: number[] = [];
    let made = 0;
    const scopes = createScopes(
      'generation',
      () => (made += 1),
      (state) => retired.push(state),
    );
    const journal = createJournal(() => []);
    journal.watch((frame) => frame && scopes.of(frame));
    const say = (connection: string, generation: number) =>
      journal.append({ connection, generation, at: 0, direction: 'in', raw: '' });
    say('a', 1);
    say('b', 1);
    say('a', 1);
    expect([made, retired]).toEqual([2, []]);
    say('a', 2);
    expect([made, retired]).toEqual([3, [1]]);
    expect(scopes.open()).toEqual([3, 2]);
  });

  it('never outgrow their limit: the oldest goes, and is settled', () => {
    const settled: string[] = [];
    const bounded = createBounded<string>(2, (value) => settled.push(value));
    for (const key of ['x', 'y', 'x', 'z']) bounded.set(key, key);
    expect(settled).toEqual(['x']);
    expect(bounded.values()).toEqual(['y', 'z']);
    expect(bounded.gone()).toBe(1);
  });
});
