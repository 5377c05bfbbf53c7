import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, cutText, redactDeep, showValue, tooShort } from '../../lib/result/redact.ts';

const marker = '[redacted]';
const hard = 'p@ss w/rd+"é\\<&%\n😀=';

const percentEncodeAll = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const jsonEscape = (text: string) => JSON.stringify(text).slice(1, -1);
const asciiJson = (text: string) =>
  jsonEscape(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const htmlEscape = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
const numericEntities = (text: string) =>
  Array.from(text, (character) => `&#x${character.codePointAt(0)?.toString(16)};`).join('');
const form = (text: string) => new URLSearchParams([['k', text]]).toString().slice(2);

const encoders: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  'URL-encoded': (text) => encodeURIComponent(text),
  'URL-encoded in lower case': (text) => encodeURIComponent(text).replace(/%../g, (token) => token.toLowerCase()),
  'URL-encoded, every byte': percentEncodeAll,
  'form-encoded': form,
  'JSON-escaped': jsonEscape,
  'JSON-escaped in ASCII': asciiJson,
  'JSON-escaped with \\/': (text) => jsonEscape(text).replaceAll('/', '\\/'),
  'JSON in JSON': (text) => jsonEscape(jsonEscape(text)),
  'HTML-escaped': htmlEscape,
  'HTML-escaped by numbers': numericEntities,
  'HTML of JSON': (text) => htmlEscape(jsonEscape(text)),
  'JSON of a URL': (text) => jsonEscape(encodeURIComponent(text)),
  'URL in a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  hex: (text) => Buffer.from(text).toString('hex'),
  'upper-case hex': (text) => Buffer.from(text).toString('hex').toUpperCase(),
};
const base64s: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  base64: (bytes) => Buffer.from(bytes).toString('base64'),
  'URL-safe base64': (bytes) => Buffer.from(bytes).toString('base64url'),
  'base64 in a URL': (bytes) => encodeURIComponent(Buffer.from(bytes).toString('base64')),
  'base64 in JSON': (bytes) => Buffer.from(bytes).toString('base64').replaceAll('/', '\\/'),
};

/** What a provider hands out: no white space around it, no half characters, long enough. */
const secret = fc
  .oneof(fc.string({ minLength: 4, maxLength: 40 }), fc.string({ minLength: 4, maxLength: 20, unit: 'binary' }))
  .filter((text) => text.trim() === text && text.length >= 4 && !marker.includes(text));

describe('a redactor', () => {
  it.each(Object.entries(encoders))('takes out a secret that is %s', (_, encode) => {
    const text = createRedactor([hard])(`before=${encode(hard)};after`);
    expect(text).toBe(`before=${marker};after`);
  });

  it.each(Object.entries(encoders))('lets no secret through %s, whatever it is', (_, encode) => {
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        fc.pre(!value.includes('redacted') && !marker.includes(encode(value)));
        const text = createRedactor([value])(encode(before) + encode(value) + encode(after));
        expect(text).toContain(marker);
        expect(text.replaceAll(marker, '\0')).not.toContain(encode(value));
      }),
    );
  });

  it.each(Object.entries(base64s))('leaves nothing of a secret in %s, wherever in it', (_, encode) => {
    const bytes = fc.uint8Array({ maxLength: 10 });
    fc.assert(
      fc.property(secret, bytes, bytes, (value, before, after) => {
        const text = createRedactor([value])(encode(Buffer.concat([before, Buffer.from(value), after])));
        const left = text.replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=').replaceAll('\\/', '/');
        // What stays is decided by the neighbours alone: whole characters of 6 bits, and padding.
        const neighbours = Math.floor((before.length * 8) / 6) + Math.ceil((after.length * 8) / 6);
        expect(text).toContain(marker);
        expect(left.replaceAll(marker, '').replaceAll('=', '').length).toBeLessThanOrEqual(neighbours);
      }),
    );
  });

  it('takes a password out of basic authentication', () => {
    const header = (user: string, encoding: BufferEncoding) =>
      `Basic ${Buffer.from(`${user}:pässword`, encoding).toString('base64')}`;
    const redact = createRedactor(['pässword']);
    for (const user of ['u', 'us', 'use', 'user']) {
      expect(redact(header(user, 'utf8'))).toMatch(/^Basic [A-Za-z0-9]{1,6}\[redacted\]=*$/);
      expect(redact(header(user, 'latin1'))).toMatch(/^Basic [A-Za-z0-9]{1,6}\[redacted\]=*$/);
    }
  });

  it('changes nothing when it redacts again', () => {
    const awkward = fc.constantFrom('redacted', 'acte', '[red', 'ted]x', 'x[red', 'abcabc', 'bcab', 'abab', '1');
    fc.assert(
      fc.property(
        fc.array(fc.oneof(secret, awkward), { maxLength: 4 }),
        fc.array(fc.oneof(fc.string(), awkward)),
        (secrets, parts) => {
          const redact = createRedactor(secrets);
          const once = redact([...parts, ...secrets].join(''));
          expect(redact(once)).toBe(once);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves a text without a secret alone', () => {
    const redact = createRedactor(['tok_live_1']);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(redact(text)).toBe(text);
      }),
    );
    expect(createRedactor()('anything')).toBe('anything');
  });

  it('leaves no end of secrets that overlap', () => {
    expect(createRedactor(['abcdef', 'cdefghij'])('x abcdefghij y')).toBe(`x ${marker} y`);
    expect(createRedactor(['token', 'token-long'])('token-long token')).toBe(`${marker} ${marker}`);
    expect(createRedactor(['abab'])('ababab')).toBe(marker);
  });

  it('redacts what only its own marker completes', () => {
    expect(createRedactor(['hunter2', `id-${marker}`])('id-hunter2')).toBe(marker);
  });

  it('learns a secret at run time', () => {
    const redact = createRedactor(['first']);
    expect(redact('first captured-1')).toBe(`${marker} captured-1`);
    redact.add('captured-1');
    redact.add('captured-1');
    expect(redact('first captured-1')).toBe(`${marker} ${marker}`);
  });

  it('finds a secret that HTTP has trimmed', () => {
    expect(createRedactor(['tok_live_1\n'])('Bearer tok_live_1')).toBe(`Bearer ${marker}`);
  });

  it('redacts a short secret only where it stands alone', () => {
    const redact = createRedactor(['42', 'é', '😀']);
    expect(redact('pin=42, 421 and 142, a42, é café 😀 x')).toBe(
      `pin=${marker}, 421 and 142, a42, ${marker} café ${marker} x`,
    );
    expect([tooShort('123'), tooShort(' 123 '), tooShort('1234')]).toEqual([true, true, false]);
  });

  it('takes no blank for a secret', () => {
    expect(createRedactor(['', '      ', '\n\n\n\n\n'])('a      b\n\n\n\n\nc')).toBe('a      b\n\n\n\n\nc');
  });

  it('takes time in proportion to the text, for secrets that resemble themselves too', () => {
    const redact = createRedactor(['\\'.repeat(60), '%25'.repeat(20), '&amp;'.repeat(12), 'a'.repeat(60)]);
    const text = `${'\\'.repeat(59)}x${'%25'.repeat(19)}x${'&amp;'.repeat(11)}x${'a'.repeat(59)}x`;
    expect(redact(text.repeat(50))).toBe(text.repeat(50));
  });
});

describe('a redactor of many secrets', () => {
  /** More than are searched for one by one. */
  const others = Array.from({ length: 80 }, (_, index) => `other-secret-${index}`);

  it('finds what a redactor of few finds, in every encoding', () => {
    const encoders: readonly ((text: string) => string)[] = [
      (text) => text,
      encodeURIComponent,
      (text) => JSON.stringify(text),
      (text) => Buffer.from(text).toString('base64'),
      (text) => Buffer.from(text).toString('hex'),
    ];
    const well = secret.filter((value) => value.isWellFormed());
    const part = fc.oneof(fc.string({ maxLength: 6 }), fc.constant('1'), well);
    fc.assert(
      fc.property(
        fc.array(well, { maxLength: 4 }),
        fc.array(part),
        fc.nat(encoders.length - 1),
        (secrets, parts, which) => {
          const text = (encoders[which] ?? String)(
            parts.flatMap((one, index) => [one, secrets[index] ?? '1']).join(''),
          );
          fc.pre(!text.includes('other'));
          const few = createRedactor([...secrets, '1']);
          const many = createRedactor([...others, ...secrets, '1']);
          expect(many(text)).toBe(few(text));
          expect(many.late(cutText(text, 7))).toBe(few.late(cutText(text, 7)));
        },
      ),
    );
  });

  it('takes no longer for a text, however many it knows', () => {
    const text = `{"token":"tok-0000017-abcdefgh","note":"${'nothing to see '.repeat(20)}"}`;
    const timeOf = (count: number): number => {
      const redact = createRedactor(
        Array.from({ length: count }, (_, index) => `tok-${String(index).padStart(7, '0')}-abcdefgh`),
      );
      redact(text);
      const startMs = performance.now();
      for (let round = 0; round < 20; round += 1) expect(redact(text)).not.toContain('0000017');
      return performance.now() - startMs;
    };
    // A hundred times the secrets; a search for each would take about as many times longer.
    expect(timeOf(10_000)).toBeLessThan(20 * timeOf(100));
  });
});

describe('redacting a document', () => {
  it('walks strings and keys, and keeps the shape and the figures', () => {
    const redact = createRedactor(['hunter2', '1234']);
    const document = { a: ['x hunter2', 1234, null, true, { 'k-hunter2': { deep: 'hunter2' } }], b: 'fine' };
    expect(redactDeep(document, redact)).toEqual({
      a: [`x ${marker}`, 1234, null, true, { [`k-${marker}`]: { deep: marker } }],
      b: 'fine',
    });
  });

  it('loses no value to keys that become the same', () => {
    const redact = createRedactor(['hunter2', 'hunter3']);
    expect(redactDeep({ hunter2: 1, hunter3: 2, [`${marker} (2)`]: 3 }, redact)).toEqual({
      [marker]: 1,
      [`${marker} (2)`]: 2,
      [`${marker} (2) (2)`]: 3,
    });
  });

  it('takes __proto__ for a key like any other', () => {
    const document: unknown = JSON.parse('{"__proto__":{"a":"hunter2"}}');
    expect(JSON.stringify(redactDeep(document, createRedactor(['hunter2'])))).toBe(`{"__proto__":{"a":"${marker}"}}`);
  });

  it('leaves no secret in what is then written as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), secret, (json, value) => {
        fc.pre(!value.includes('redacted') && !/^[-\d.e+]+$/.test(value));
        const document = { json, [value]: [value, { [`x${value}`]: `${value}y` }] };
        const strings: string[] = [];
        JSON.stringify(redactDeep(document, createRedactor([value])), (key, item) => {
          strings.push(key, typeof item === 'string' ? item : '');
          return item;
        });
        expect(strings.filter((text) => text.replaceAll(marker, '\0').includes(value))).toEqual([]);
      }),
    );
  });
});

describe('a cut text', () => {
  it('says how much is missing', () => {
    expect(cutText('abcdef', 6)).toBe('abcdef');
    expect(cutText('abcdef', 5)).toBe('abcde… (1 more character)');
    expect(cutText('x'.repeat(12_345), 0)).toBe('… (12,345 more characters)');
  });

  it('never halves a character', () => {
    expect(cutText('ab😀😀', 3)).toBe('ab… (4 more characters)');
    expect(cutText('ab😀😀', 4)).toBe('ab😀… (2 more characters)');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, maxChars) => {
        expect(cutText(text, maxChars).isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('a value shown', () => {
  const redact = createRedactor(['hunter2-long']);

  it.each([
    ['text', 'text'],
    [42, '42'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ a: ['hunter2-long'] }, `{"a":["${marker}"]}`],
  ])('%j is %j', (value, shown) => {
    expect(showValue(value, redact, 100)).toBe(shown);
  });

  it('is redacted before it is cut, so that no head of a secret stays', () => {
    expect(showValue('token hunter2-long', redact, 13)).toBe('token [redact… (3 more characters)');
    expect(redact(cutText('token hunter2-long', 13))).toContain('hunter2');
  });
});
