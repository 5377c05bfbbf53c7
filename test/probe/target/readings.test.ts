import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestJson } from '../../../lib/probe/target/digest.ts';
import { readStartTime } from '../../../lib/probe/target/identity.ts';
import { seriesOf } from '../../../lib/probe/target/prometheus.ts';

describe('a metric in Prometheus text', () => {
  it('is read back with whatever its labels hold', () => {
    const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,8}$/);
    const escaped = fc.string().map((text) => text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n'));
    fc.assert(
      fc.property(name, escaped, fc.double({ noNaN: true }), (metric, label, value) => {
        const text = `# HELP ${metric} words\n${metric}x 1\n${metric}{a="${label}"} ${value} 17\n${metric} 2\n`;
        expect(seriesOf(text, metric)).toEqual([
          { labels: `{a="${label}"}`, value: String(value) },
          { labels: '', value: '2' },
        ]);
      }),
    );
  });

  it('is not there in what is none', () => {
    for (const text of ['', 'up', 'up{', 'up{a="', 'upper 1', '{} 1']) expect(seriesOf(text, 'up')).toEqual([]);
  });
});

describe('a start time', () => {
  it.each([
    ['2026-11-27T22:00:00Z', Date.UTC(2026, 10, 27, 22)],
    [1_790_000_000, 1_790_000_000_000],
    ['1.79e+09', 1_790_000_000_000],
    [1_790_000_000_250, 1_790_000_000_250],
    ['1790000000.25', 1_790_000_000_250],
    ['soon', undefined],
    [0, undefined],
    [null, undefined],
    [{}, undefined],
  ])('written %j is %j', (value, ms) => {
    expect(readStartTime(value)).toBe(ms);
  });
});

describe('a digest', () => {
  it('is the same whatever the order of keys, and another for another value', () => {
    expect(digestJson({ a: 1, b: [{ d: 1, c: null }] })).toBe(digestJson({ b: [{ c: null, d: 1 }], a: 1 }));
    expect(digestJson([1, 2])).not.toBe(digestJson([2, 1]));
    expect(digestJson('1')).not.toBe(digestJson(1));
  });
});
