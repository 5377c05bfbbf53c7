import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VariableSpec } from '../../lib/config/plan.ts';
import { checkOverrides, formatVariables, resolveVariables, type VariableReaders } from '../../lib/config/variables.ts';

const spec = (given: Partial<VariableSpec>): VariableSpec => ({
  from: ['flag'],
  required: false,
  secret: false,
  ...given,
});
const readers = (
  flags: Record<string, string>,
  env: Record<string, string>,
  rest: Partial<VariableReaders> = {},
): VariableReaders => ({
  flag: (name) => flags[name],
  env: (name) => env[name],
  ...rest,
});

describe('a variable', () => {
  const all = spec({ from: ['flag', 'env:A', 'ssm:/a', 'secretsmanager:a'], default: 'd' });
  const aws = { ssm: async (path: string) => `ssm ${path}`, secretsmanager: (id: string) => `sm ${id}` };

  it.each<[string, VariableSpec, VariableReaders, string | undefined, string | null]>([
    ['the first source that has it', all, readers({ a: 'f' }, { A: 'e' }, aws), 'f', 'flag'],
    ['the next one', all, readers({}, { A: 'e' }, aws), 'e', 'env:A'],
    ['a source that answers later', all, readers({}, {}, aws), 'ssm /a', 'ssm:/a'],
    ['the last source', all, readers({}, {}, { ...aws, ssm: async () => undefined }), 'sm a', 'secretsmanager:a'],
    ['its default', all, readers({}, {}), 'd', 'default'],
    ['a source in the order written', spec({ from: ['env:A', 'flag'] }), readers({ a: 'f' }, { A: 'e' }), 'e', 'env:A'],
    ['not an empty text: that is not set', all, readers({ a: '' }, { A: '' }), 'd', 'default'],
    ['not an empty text, even without a default', spec({ from: ['env:A'] }), readers({}, { A: '' }), undefined, null],
    ['an empty default: that was written on purpose', spec({ default: '' }), readers({}, {}), '', 'default'],
    ['nothing', spec({}), readers({}, {}), undefined, null],
  ])('comes from %s', async (_, variable, given, value, source) => {
    const { values, reports } = await resolveVariables({ a: variable }, given);
    expect(values.get('a')).toBe(value);
    expect(values.has('a')).toBe(value !== undefined);
    expect(reports).toMatchObject([{ name: 'a', set: value !== undefined, source }]);
  });

  it('that is required and missing is named; a source without a reader is too', async () => {
    const { missing, reports } = await resolveVariables(
      { a: spec({ required: true, from: ['ssm:/a'] }), b: spec({ required: true }), c: spec({}) },
      readers({ b: 'x' }, {}),
    );
    expect(missing).toEqual(['a']);
    expect(reports[0]).toEqual({
      name: 'a',
      set: false,
      source: null,
      required: true,
      secret: false,
      passedOver: ['ssm:/a'],
    });
    expect(reports[2]).not.toHaveProperty('passedOver');
  });

  it('that is secret has its value in no report', async () => {
    const { values, reports } = await resolveVariables({ a: spec({ secret: true }) }, readers({ a: 'c4n4ry' }, {}));
    expect(values.get('a')).toBe('c4n4ry');
    expect(JSON.stringify(reports) + formatVariables(reports)).not.toContain('c4n4ry');
  });

  it('may have a default made of others, in any order', async () => {
    const variables = {
      url: spec({ default: 'https://{{host}}:{{ port }}/' }),
      host: spec({ default: '{{name}}.example' }),
      name: spec({ from: ['flag'] }),
      port: spec({ default: '443' }),
    };
    expect(Object.fromEntries((await resolveVariables(variables, readers({ name: 'shop' }, {}))).values)).toEqual({
      url: 'https://shop.example:443/',
      host: 'shop.example',
      name: 'shop',
      port: '443',
    });
    // Without the name there is no host, and so no URL.
    expect([...(await resolveVariables(variables, readers({}, {}))).values.keys()]).toEqual(['port']);
  });

  it('whose source is broken stops with the name and the source', async () => {
    const broken = { ssm: async () => Promise.reject(new Error('access denied')) };
    await expect(resolveVariables({ a: spec({ from: ['ssm:/a'] }) }, readers({}, {}, broken))).rejects.toThrow(
      'variable a could not be read from ssm:/a: access denied',
    );
  });

  it('ends even where a plan made by hand has a cycle', async () => {
    const { values } = await resolveVariables(
      { a: spec({ default: '{{b}}' }), b: spec({ default: '{{a}}' }) },
      readers({}, {}),
    );
    expect(values.size).toBe(0);
  });

  it('is set if and only if it has a value, whatever is given', async () => {
    const value = fc.option(fc.constantFrom('', 'x'), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(value, value, value, async (flag, env, fallback) => {
        const variable = spec({
          from: ['env:A', 'flag'],
          required: true,
          ...(fallback === undefined ? {} : { default: fallback }),
        });
        const { values, reports, missing } = await resolveVariables(
          { a: variable },
          { flag: () => flag, env: () => env },
        );
        expect(values.get('a')).toBe(env || flag || fallback);
        expect(reports[0]?.set).toBe(values.has('a'));
        expect(missing).toEqual(values.has('a') ? [] : ['a']);
      }),
    );
  });
});

it('the table is aligned, and says what a reader needs', () => {
  const base = { required: false, secret: false };
  expect(
    formatVariables([
      { ...base, name: 'baseUrl', set: true, source: 'env:PLIMSOLL_BASE_URL', value: 'http://127.0.0.1:8080' },
      { ...base, name: 'token', set: true, source: 'flag', secret: true },
      { ...base, name: 'key', set: false, source: null, required: true, passedOver: ['ssm:/notes/key'] },
      { ...base, name: 'ruleId', set: false, source: null },
    ]),
  ).toBe(
    [
      'variable  set  source                 value',
      'baseUrl   yes  env:PLIMSOLL_BASE_URL  http://127.0.0.1:8080',
      'token     yes  flag                   (secret)',
      'key       no   -                      (required); ssm:/notes/key cannot be read here',
      'ruleId    no   -                      (optional)',
    ].join('\n'),
  );
});

describe('an override', () => {
  const plan = { variables: { baseUrl: spec({}), ruleId: spec({}), token: spec({ from: ['env:TOKEN'] }) } };

  it('of a variable with a flag source is taken', () => {
    expect(checkOverrides(plan, ['baseUrl', 'ruleId'])).toEqual([]);
  });

  it('of an unknown name, or of one that no flag may set, is refused with what may be set', () => {
    expect(checkOverrides(plan, ['baseurl', 'token', 'constructor'])).toEqual([
      {
        path: '--set baseurl',
        message: 'there is no variable `baseurl`',
        remedy: 'did you mean `baseUrl`? these may be set: baseUrl, ruleId',
      },
      {
        path: '--set token',
        message: 'variable `token` has no `flag` source',
        remedy: 'these may be set: baseUrl, ruleId',
      },
      {
        path: '--set constructor',
        message: 'there is no variable `constructor`',
        remedy: 'these may be set: baseUrl, ruleId',
      },
    ]);
    expect(checkOverrides({ variables: {} }, ['a'])).toMatchObject([
      { remedy: 'no variable of this config may be set' },
    ]);
  });
});
