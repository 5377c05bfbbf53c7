import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate, hasTemplate, malformedTemplates, templateNames } from '../../lib/config/templates.ts';

describe('template names', () => {
  it.each<[unknown, string[]]>([
    ['{{baseUrl}}/x/{{ id }}/{{baseUrl}}', ['baseUrl', 'id']],
    [{ '{{key}}': ['{{a}}', { b: '{{entry.id}}' }], n: 1, z: null }, ['key', 'a', 'entry.id']],
    ['{{ }} {{base-url}} {x} {{1st}} { {a} }', []],
    [
      [
        { op: 'schema', value: { pattern: '{{not}}' } },
        { op: 'equals', value: '{{yes}}' },
      ],
      ['yes'],
    ],
    [5, []],
  ])('of %j are %j', (value, names) => {
    expect(templateNames(value)).toEqual(names);
  });

  it('are found wherever they stand', () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,8}$/);
    const plain = fc.string().map((text) => text.replaceAll(/[{}]/g, ''));
    fc.assert(
      fc.property(plain, name, plain, (before, known, after) => {
        expect(templateNames(`${before}{{${known}}}${after}`)).toEqual([known]);
        expect(hasTemplate(`${before}{{ ${known} }}${after}`)).toBe(true);
        expect(fillTemplate(`${before}{{${known}}}${after}`, new Map([[known, 'v']]))).toBe(`${before}v${after}`);
        expect(hasTemplate(before)).toBe(false);
      }),
    );
  });

  it('that no variable can have are told', () => {
    expect(malformedTemplates('{{base-url}}/{{ok}}/{{}}/{{ 1x }}')).toEqual(['{{base-url}}', '{{}}', '{{ 1x }}']);
    expect(malformedTemplates('{"a":{"b":1}} {{')).toEqual([]);
  });

  it('are found in linear time', () => {
    const hostile = '{{'.repeat(200_000);
    expect(templateNames(hostile)).toEqual([]);
    expect(malformedTemplates(hostile)).toEqual([]);
  });

  it('that have no value stay', () => {
    expect(fillTemplate('{{a}}{{b}}', new Map<string, number>([['a', 1]]))).toBe('1{{b}}');
  });
});
