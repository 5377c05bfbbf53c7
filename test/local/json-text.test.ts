import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from '../../lib/local/json-text.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the first fault of a text', () => {
  it.each([
    ['', 0, 'expected a value, and the file ends'],
    ['{"a": }', 6, 'expected a value'],
    ['{"a": 1', 7, 'expected a comma or }, and the file ends'],
    ['[1 2]', 3, 'expected a comma or ]'],
    ['[1,]', 3, 'expected a value'],
    ['{"a":1,}', 7, 'expected a key'],
    ['{a: 1}', 1, 'expected a key or }'],
    ['{"a" 1}', 5, 'expected a colon'],
    ['{"a":1}}', 7, 'expected the end of the file'],
    ['[1}', 2, 'expected a comma or ]'],
    ['01', 0, 'expected a value'],
    ["'a'", 0, 'expected a value'],
    ['// note\n{}', 0, 'expected a value'],
    ['{"a":1,"b":{"c":1,"c":2}}', 18, 'the key "c" is there twice: remove one'],
    ['{"a":1,"\\u0061":2}', 7, 'the key "\\u0061" is there twice: remove one'],
  ])('of %j is at %i: %s', (text, offset, message) => {
    expect(findJsonFault(text)).toEqual({ offset, message });
  });

  it('is none for JSON, and there is one for anything else', () => {
    const pieces = fc.array(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', 'true', ' ', '-', '"', '\\', '\u007f', '\u0001'),
      { maxLength: 12 },
    );
    const spoilt = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, text]) => {
      const place = at % (json.length + 1);
      return json.slice(0, place) + text + json.slice(place);
    });
    const twice = (text: string) => findJsonFault(text)?.message.includes('twice') ?? false;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          pieces.map((list) => list.join('')),
          spoilt,
        ),
        (text) => {
          if (twice(text)) return;
          expect(findJsonFault(text) === undefined).toBe(isJson(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is found in a text of 5 MB', () => {
    expect(findJsonFault(JSON.stringify({ a: '\n'.repeat(2_500_000) }))).toBeUndefined();
    expect(findJsonFault(`"${'\\'.repeat(5_000_001)}`)).toBeDefined();
  });
});
