import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/config/plan.ts';
import { renderJson, renderText, renderUrl, TemplateError } from '../../lib/probe/template.ts';

const values = new Map<string, Json>([
  ['base', 'http://h:1/root'],
  ['id', 'a/b?c'],
  ['count', 3],
  ['list', [1, { a: true }]],
]);

describe('a template', () => {
  it('takes values into text, blanks in the braces allowed', () => {
    expect(renderText('{{id}} x {{ count }}', values)).toBe('a/b?c x 3');
  });

  it('keeps a base URL as it is and encodes what follows, so that a captured value stays one segment', () => {
    expect(renderUrl('{{base}}/notes/{{id}}?n={{count}}', values)).toBe('http://h:1/root/notes/a%2Fb%3Fc?n=3');
  });

  it('that is a whole string takes the type of its value', () => {
    expect(renderJson({ n: '{{count}}', l: ['{{list}}'], t: 'n={{count}}' }, values)).toEqual({
      n: 3,
      l: [[1, { a: true }]],
      t: 'n=3',
    });
  });

  it('without a value throws and names it', () => {
    expect(() => renderText('{{missing}}', values)).toThrow(new TemplateError('{{missing}} has no value'));
  });

  it('renders once: a value that looks like a template is left alone', () => {
    expect(renderText('{{x}}', new Map([['x', '{{id}}']]))).toBe('{{id}}');
  });

  it('leaves any JSON without templates as it was, prototype keys included', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        fc.pre(!JSON.stringify(json).includes('{{'));
        expect(JSON.stringify(renderJson(json as Json, values))).toBe(JSON.stringify(json));
      }),
    );
    expect(Object.getPrototypeOf(renderJson(JSON.parse('{"__proto__":{"polluted":1}}'), values))).toBe(
      Object.prototype,
    );
  });

  it('never hangs or throws anything but its own error on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', ' ', '.', '{{id}}') }), (text) => {
        try {
          return typeof renderText(text, values) === 'string';
        } catch (error) {
          return error instanceof TemplateError;
        }
      }),
    );
  });
});
