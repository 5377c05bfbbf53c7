import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { controlIdentity, identityOf, proveRestart } from '../../lib/drill/identity.ts';
import type { RestartReceipt, Sighting } from '../../lib/drill/record.ts';

const at = 1_000_000;
const receipt: RestartReceipt = { adapter: 'test', acceptedAt: at, platformIds: ['task-2'], details: {} };
const skew = { clockSkewMs: 2_000 };
const sight = (boot: string, startedAt?: number): Sighting => ({
  at,
  boot,
  ...(startedAt === undefined ? {} : { startedAt }),
});

describe('the negative control', () => {
  test('knows one process, and several behind a balancer', () => {
    expect(controlIdentity([sight('a'), sight('a')])).toEqual({ kind: 'steady', boots: ['a'] });
    expect(controlIdentity([sight('a'), sight('b'), sight('b'), sight('a')])).toMatchObject({ kind: 'replicas' });
  });

  test('knows nothing of who shows up late, and of who says nothing', () => {
    expect(controlIdentity([sight('a'), sight('a'), sight('b')]).kind).toBe('flapping');
    expect(controlIdentity([{ at }, { at }]).kind).toBe('blind');
  });
});

describe('the proof of a restart', () => {
  const proven = (
    before: readonly Sighting[],
    after: readonly Sighting[],
    said: RestartReceipt | undefined = receipt,
  ) => proveRestart(before, after, said, skew).proven;

  test('is that all of before are gone and all of after have started since', () => {
    expect(proven([sight('a', 0)], [sight('b', at + 500)])).toBe('PROVEN');
    expect(proven([sight('a', 0)], [sight('b', at - 1_999)])).toBe('PROVEN');
  });

  test('is not there while the identity is the same, whatever the platform says', () => {
    expect(proven([sight('a', 0)], [sight('a', 0)])).toBe('NOT_PROVEN');
  });

  test('is not there when who answers now had started long before', () => {
    expect(proven([sight('a', 0)], [sight('b', at - 60_000)])).toBe('NOT_PROVEN');
  });

  test('is a part of one while some of before are left', () => {
    expect(proven([sight('a'), sight('b')], [sight('c'), sight('b')])).toBe('PARTIAL');
  });

  test('needs somebody before it, somebody after it, and a restart that was accepted', () => {
    expect(proven([], [sight('b')])).toBe('NOT_PROVEN');
    expect(proven([sight('a')], [{ at }])).toBe('NOT_PROVEN');
    expect(proveRestart([sight('a')], [sight('b')], undefined, skew).proven).toBe('NOT_PROVEN');
  });

  test('takes the start time for the identity of a target that says no more', () => {
    expect(proven([{ at, startedAt: 0 }], [{ at, startedAt: at + 100 }])).toBe('PROVEN');
    expect(proven([{ at, startedAt: 0 }], [{ at, startedAt: 0 }])).toBe('NOT_PROVEN');
    expect(identityOf({ at, startedAt: 0 })).toBe('started 1970-01-01T00:00:00.000Z');
  });
});

test('a restart that did nothing is never proven, however many processes answer and whichever of them do', () => {
  const processes = fc.uniqueArray(
    fc.record({
      boot: fc.option(fc.string(), { nil: undefined }),
      startedAt: fc.integer({ min: 0, max: at - skew.clockSkewMs - 1 }),
    }),
    { minLength: 1, maxLength: 4, selector: ({ boot, startedAt }) => boot ?? `started ${startedAt}` },
  );
  const looks = fc.array(fc.nat(3), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(processes, looks, looks, (all, first, second) => {
      const see = (some: readonly number[]): readonly Sighting[] =>
        some.flatMap((n) => {
          const { boot, startedAt } = all[n % all.length] ?? {};
          if (startedAt === undefined) return [];
          return [{ at, startedAt, ...(boot === undefined ? {} : { boot }) }];
        });
      expect(proveRestart(see(first), see(second), receipt, skew).proven).not.toBe('PROVEN');
    }),
    { numRuns: 1_000 },
  );
});

test('without start times it is the control that keeps a restart that did nothing from being proven', () => {
  const looks = fc.array(fc.nat(2), { minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(looks, looks, (first, second) => {
      const see = (some: readonly number[]): readonly Sighting[] => some.map((n) => sight(`process ${n}`));
      const control = controlIdentity(see(first));
      const knowsAll = 'boots' in control && second.every((n) => control.boots.includes(`process ${n}`));
      if (knowsAll) expect(proveRestart(see(first), see(second), receipt, skew).proven).toBe('NOT_PROVEN');
    }),
  );
});
