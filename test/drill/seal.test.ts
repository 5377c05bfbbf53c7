import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/config/plan.ts';
import type { DrillReport } from '../../lib/drill/report.ts';
import { canonical, chainProblem, seal } from '../../lib/drill/seal.ts';

const body = (run: string, previous: string | null) =>
  ({ schema: 1, run, verdict: 'PASS', reasons: [], previous }) as unknown as Omit<DrillReport, 'hash'>;

const chain = (): readonly [DrillReport, DrillReport, DrillReport] => {
  const first = seal(body('1', null));
  const second = seal(body('2', first.hash));
  return [seal(body('3', second.hash)), second, first];
};

describe('a chain of reports', () => {
  test('holds as it was made', () => {
    expect(chainProblem(chain())).toBeUndefined();
  });

  test('shows that one was changed', () => {
    const [third, second, first] = chain();
    expect(chainProblem([third, { ...second, verdict: 'FAIL_LOST' }, first])).toContain('run 2 was changed');
  });

  test('shows that one was taken out', () => {
    const [third, , first] = chain();
    expect(chainProblem([third, first])).toContain('run 3 does not follow that of run 1');
  });

  test('shows that one was made anew with a hash of its own', () => {
    const [third, second, first] = chain();
    expect(chainProblem([third, seal({ ...second, verdict: 'FAIL_LOST' }), first])).toContain('does not follow');
  });
});

test('equal values have one canonical text, in whatever order their keys came, and it is JSON', () => {
  const shuffled = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, member]) => [key, shuffled(member)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as Json;
      expect(canonical(shuffled(json))).toBe(canonical(json));
      expect(JSON.parse(canonical(json))).toEqual(json);
    }),
  );
});
