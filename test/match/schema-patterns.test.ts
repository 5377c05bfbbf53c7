import { describe, expect, it } from 'vitest';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { boundPatterns, unsafeNamePatterns } from '../../lib/match/schema-patterns.ts';

const { schemaProblem } = await loadMatchEngines([[{ op: 'schema', value: {} }]]);
const bound = (schema: Parameters<typeof boundPatterns>[0]) => boundPatterns(schema, (pattern) => `re2 ${pattern}`);

describe('the patterns of a schema', () => {
  it('become formats wherever a schema stands, and nowhere else', () => {
    const literal = { pattern: 'a' };
    const kept = {
      enum: [literal],
      const: literal,
      default: literal,
      properties: { pattern: { type: 'string' } },
    } as const;
    expect(bound(kept)).toEqual(kept);
    const format = { allOf: [{ format: 're2 a' }] };
    expect(bound({ pattern: 'a', allOf: [{ minLength: 1 }] })).toEqual({
      allOf: [{ minLength: 1 }, { format: 're2 a' }],
    });
    expect(
      bound({ properties: { pattern: literal }, items: literal, anyOf: [literal], $defs: { x: { not: literal } } }),
    ).toEqual({ properties: { pattern: format }, items: format, anyOf: [format], $defs: { x: { not: format } } });
  });

  it('are matched by RE2, with what is wrong in the words of the schema', () => {
    const schema = { properties: { id: { type: 'string', pattern: '^[a-z]+-\\d+$', format: 'uuid' } } };
    expect(schemaProblem({ pattern: '^a+$' }, 'aaa')).toBeUndefined();
    expect(schemaProblem({ pattern: '^a+$' }, 7)).toBeUndefined();
    expect(schemaProblem({ pattern: '^a+$' }, 'ab')).toBe('#: String does not match pattern "^a+$".');
    expect(schemaProblem(schema, { id: 'ab-12' })).toMatch(/uuid/);
    expect(schemaProblem({ pattern: '^(a+)+$' }, `${'a'.repeat(10_000)}!`)).toMatch(/does not match pattern/);
  });

  it('may be in a plan, which is frozen, and refer to each other', () => {
    const items = Object.freeze({ $ref: '#' });
    const schema = Object.freeze({ type: 'array', items });
    expect(schemaProblem(schema, [[], [[]]])).toBeUndefined();
    expect(schemaProblem(schema, [[], [1]])).toMatch(/^#\/1\/0: /);
  });

  it('for names are told where they are not safe', () => {
    expect(
      unsafeNamePatterns({ patternProperties: { '^x-': true, '(a+)+': { patternProperties: { 'b*': true } } } }),
    ).toEqual(['(a+)+', 'b*']);
    expect(unsafeNamePatterns({ properties: { patternProperties: { type: 'object' } } })).toEqual([]);
  });
});
