import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeValue, formatPath, formatProblems, nearest, suggest } from '../../lib/config/problem.ts';

describe('a problem', () => {
  it('is printed as a block, with what there is to say', () => {
    expect(
      formatProblems([
        { path: 'probes[0].samples', message: 'must be at least 1', got: '0', remedy: 'write 1 or more' },
        { path: '', message: 'must be an object' },
      ]),
    ).toBe(
      'probes[0].samples: must be at least 1\n  got     0\n  remedy  write 1 or more\n\nconfig: must be an object',
    );
  });

  it('is counted, not shown, past the two hundredth', () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ path: `probes[${index}]`, message: 'is missing' }));
    const text = formatProblems(many);
    expect(text).toContain('probes[199]: is missing\n\nand 50 more');
    expect(text).not.toContain('probes[200]');
  });

  it.each([
    [[], ''],
    [['probes', 0, 'steps', 1, 'request', 'url'], 'probes[0].steps[1].request.url'],
    [['expect', 'json', '$.items[0]'], 'expect.json["$.items[0]"]'],
    [['headers', 'content-type'], 'headers.content-type'],
    [['a"b'], '["a\\"b"]'],
  ])('has the path %j as %s', (path, text) => {
    expect(formatPath(path)).toBe(text);
  });

  it('shows a long value cut, and no credentials of a URL', () => {
    expect(describeValue('x'.repeat(200))).toHaveLength(80);
    expect(describeValue('https://me:hush@a.example/x')).toBe('"https://…@a.example/x"');
    expect(describeValue(undefined)).toBe('undefined');
  });
});

describe('the nearest known word', () => {
  const keys = ['samples', 'schedule', 'steps', 'slo', 'id', 'baseline', 'timeout'];

  it.each([
    ['sampels', 'samples'],
    ['Samples', 'samples'],
    ['sample', 'samples'],
    ['shcedule', 'schedule'],
    ['step', 'steps'],
    ['timout', 'timeout'],
    ['ID', 'id'],
    ['zebra', undefined],
    ['ie', undefined],
    ['', undefined],
  ])('to %j is %j', (word, known) => {
    expect(nearest(word, keys)).toBe(known);
  });

  it('is offered, or else all there is', () => {
    expect(suggest('step', keys, 'keys')).toBe('did you mean `steps`?');
    expect(suggest('zebra', ['a', 'b'], 'keys')).toBe('known keys: a, b');
    expect(suggest('zebra', [], 'targets')).toBe('there are no targets');
  });

  it('is found in bounded time for any text', () => {
    fc.assert(fc.property(fc.string(), (word) => [undefined, ...keys].includes(nearest(word, keys))));
    expect(nearest('x'.repeat(5_000_000), keys)).toBeUndefined();
  });
});
