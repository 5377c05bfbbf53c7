import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/parse.ts';
import { formatProblems } from '../../lib/config/problem.ts';

const problemsOf = (json: object): string => {
  const steps = [{ name: 'get', request: { url: 'http://127.0.0.1/' }, expect: { json } }];
  const result = parseConfig({ service: 'test', probes: [{ id: 'one', kind: 'http', steps }] });
  return result.ok ? '' : formatProblems(result.problems);
};

describe('what could take for ever over an answer', () => {
  it.each([
    "$[?match(@.name, 'a.*')]",
    "$[?search(@.name, '(a+)+$')]",
    "$..[?length(@.name) > 3 && !search(@.name, '^b')]",
  ])('is not %s: its pattern is RE2, which is linear', (path) => {
    expect(problemsOf({ [path]: { exists: true } })).toBe('');
  });

  it('is a pattern out of the document', () => {
    expect(problemsOf({ '$[?match(@.name, @.pattern)]': true })).toMatch(
      /searches for a pattern that is not written in the path/,
    );
    expect(problemsOf({ '$[?!search(@.name, $.patterns[0])]': true })).toMatch(/not written in the path/);
  });

  it('is a pattern that only a backtracking engine could match', () => {
    expect(problemsOf({ "$[?search(@.name, '(?=a)')]": true })).toMatch(/is not a pattern/);
  });

  it.each(['^x-', '^[a-z_]+$', '^v\\d{1,3}$', '^.*$'])('is not a schema with names like %s', (name) => {
    expect(problemsOf({ $: { schema: { patternProperties: { [name]: true } } } })).toBe('');
  });

  it.each(['x-', '^(a+)+$', '^a*a*$', '^(a|a)*$', '[a-z]+'])('is a schema with names like %s', (name) => {
    const schema = { properties: { deep: { items: [{ patternProperties: { [name]: true } }] } } };
    expect(problemsOf({ $: { schema } })).toMatch(/has a name in patternProperties that could take for ever to match/);
  });
});
