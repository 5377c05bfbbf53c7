import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Matcher } from '../../lib/config/plan.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { jsonContains, jsonEquals } from '../../lib/match/equality.ts';
import { compilePath } from '../../lib/match/json-path.ts';
import { describeMatcher, testMatcher } from '../../lib/match/matcher.ts';

const all: Matcher = [
  { op: 'matches', value: 'x' },
  { op: 'schema', value: {} },
];
const engines = await loadMatchEngines([all], { patterns: true });

const holds = (matcher: Matcher, node: unknown, text = false): boolean =>
  testMatcher(matcher, node === undefined ? [] : [node], engines, { text });

describe('a matcher', () => {
  const rows: readonly [term: Matcher[number], good: unknown, bad: unknown][] = [
    [{ op: 'equals', value: { a: [1, 'x'] } }, { a: [1, 'x'] }, { a: [1, 'y'] }],
    [{ op: 'equals', value: 1 }, 1, '1'],
    [{ op: 'contains', value: 'json' }, 'application/json', 'text/html'],
    [{ op: 'contains', value: { id: 2 } }, [{ id: 1 }, { id: 2, name: 'b' }], [{ id: 1 }]],
    [{ op: 'matches', value: '^v\\d+$' }, 'v12', 'v'],
    [{ op: 'oneOf', value: ['a', 3] }, 3, 'c'],
    [{ op: 'lt', value: 5 }, 4.9, 5],
    [{ op: 'lte', value: 5 }, 5, 5.1],
    [{ op: 'gt', value: 5 }, 6, 5],
    [{ op: 'gte', value: 5 }, 5, 4],
    [{ op: 'minLength', value: 2 }, [1, 2], [1]],
    [{ op: 'maxLength', value: 2 }, 'ab', 'abc'],
    [{ op: 'type', value: 'integer' }, 3, 3.5],
    [{ op: 'type', value: 'null' }, null, {}],
    [{ op: 'exists', value: true }, null, undefined],
    [{ op: 'exists', value: false }, undefined, 1],
    [{ op: 'schema', value: { type: 'object', required: ['id'] } }, { id: 1 }, { name: 1 }],
    [{ op: 'not', matcher: [{ op: 'equals', value: 500 }] }, 200, 500],
  ];

  it.each(rows)('%j accepts %j and refuses %j', (term, good, bad) => {
    expect(holds([term], good)).toBe(true);
    expect(holds([term], bad)).toBe(false);
  });

  it('wants every term', () => {
    const between: Matcher = [
      { op: 'gte', value: 1 },
      { op: 'lt', value: 5 },
    ];
    expect([0, 1, 4, 5].map((value) => holds(between, value))).toEqual([false, true, true, false]);
    expect(describeMatcher(between)).toBe('>= 1 and < 5');
  });

  it('compares numbers in text only where the source is text', () => {
    expect(holds([{ op: 'lt', value: 100 }], '42', true)).toBe(true);
    expect(holds([{ op: 'lt', value: 100 }], '42', false)).toBe(false);
    expect(holds([{ op: 'equals', value: 42 }], '42', true)).toBe(true);
    expect(holds([{ op: 'gte', value: 0 }], '', true)).toBe(false);
  });

  it('wants every node that a path finds, and at least one', () => {
    const path = compilePath('$.items[*].status');
    const ok: Matcher = [{ op: 'equals', value: 'ok' }];
    const verdictOn = (...statuses: string[]) =>
      testMatcher(ok, path({ items: statuses.map((status) => ({ status })) }), engines);
    expect(verdictOn('ok', 'ok')).toBe(true);
    expect(verdictOn('ok', 'bad')).toBe(false);
    expect(verdictOn()).toBe(false);
  });

  it('is linear in time on a pattern that would make a backtracking engine hang', () => {
    expect(holds([{ op: 'matches', value: '(a+)+$' }], `${'a'.repeat(5_000)}b`)).toBe(false);
  });

  it('says what is wrong by a schema, and where', () => {
    const problem = engines.schemaProblem({ properties: { id: { type: 'string' } } }, { id: 7 });
    expect(problem).toMatch(/#\/id.*string/);
  });

  it('extracts the first group, or the whole match', () => {
    expect(engines.extract('token=(\\w+)', 'a token=abc b')).toBe('abc');
    expect(engines.extract('\\d+', 'run 42')).toBe('42');
    expect(engines.extract('z+', 'abc')).toBeUndefined();
  });

  it('refuses to work with an engine that nobody loaded', async () => {
    const bare = await loadMatchEngines([]);
    expect(() => testMatcher([{ op: 'matches', value: 'x' }], ['x'], bare)).toThrow(/was not loaded/);
  });
});

describe('equality of JSON', () => {
  const json = fc.jsonValue() as fc.Arbitrary<Json>;

  it('is reflexive after a round trip, and the whole contains itself', () => {
    fc.assert(
      fc.property(json, (value) => {
        const copy = JSON.parse(JSON.stringify(value));
        expect(jsonEquals(value, copy)).toBe(true);
        expect(jsonContains(copy, copy)).toBe(true);
      }),
    );
  });

  it('is symmetric, and never confuses own keys with inherited ones', () => {
    fc.assert(fc.property(json, json, (a, b) => jsonEquals(a, b) === jsonEquals(b, a)));
    expect(jsonEquals({}, { toString: 1 })).toBe(false);
    expect(jsonContains({}, JSON.parse('{"constructor":1}'))).toBe(false);
  });
});

describe('a JSONPath', () => {
  it('that is none is refused in one line that shows it', () => {
    expect(() => compilePath('$.a[')).toThrow(/not a JSONPath \(RFC 9535\): \$\.a\[/);
    expect(() => compilePath('a.b')).toThrow(SyntaxError);
  });

  it('never throws on any document', () => {
    const path = compilePath('$..a[?@.b > 1]');
    fc.assert(fc.property(fc.jsonValue(), (document) => Array.isArray(path(document))));
  });
});
