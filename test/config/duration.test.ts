import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDurationMs, parseDuration } from '../../lib/config/duration.ts';
import { parsePercent } from '../../lib/config/percent.ts';
import { parseSize } from '../../lib/config/size.ts';

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5000],
    ['1.5s', 1500],
    ['1m', 60_000],
    ['1h', 3_600_000],
    ['30d', 2_592_000_000],
    ['1w', 604_800_000],
    ['1h30m', 5_400_000],
    ['0s', 0],
    [' 5s ', 5000],
    ['0.4ms', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: ms });
  });

  it.each(['', '5', 's', '5 s', '-5s', '5S', '5sec', '1.s', '.5s', '1e3s', '5s5', '∞s', '٥s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toEqual({ ok: false, message: 'is not a duration' });
  });

  it('refuses units that do not go down, and more than ten years', () => {
    expect(parseDuration('1m1h')).toMatchObject({
      ok: false,
      message: expect.stringContaining('largest to the smallest'),
    });
    expect(parseDuration('4000d')).toEqual({ ok: false, message: 'is longer than ten years' });
    expect(parseDuration(`${'9'.repeat(400)}s`)).toEqual({ ok: false, message: 'is longer than ten years' });
  });

  it.each([
    [90_000, '1m 30s'],
    [250, '250ms'],
    [0, '0ms'],
    [93_600_000, '1d 2h'],
    [0.4, '0ms'],
    [-1500, '-1s 500ms'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(formatDurationMs(ms)).toBe(text);
  });

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300_000_000_000 }), (ms) => {
        expect(parseDuration(formatDurationMs(ms).replaceAll(' ', ''))).toEqual({ ok: true, value: ms });
      }),
    );
  });

  it('answers for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseDuration(text).ok === 'boolean'));
  });
});

describe('sizes', () => {
  it.each([
    ['10mb', 10 * 1024 ** 2],
    ['1.5 KiB', 1536],
    ['512b', 512],
    ['1GB', 1024 ** 3],
    [65_536, 65_536],
  ])('%s is %i bytes', (size, bytes) => {
    expect(parseSize(size)).toEqual({ ok: true, value: bytes });
  });

  it.each(['', '10', 'mb', '-1mb', '10 m b', '0b', '0.1b', `${'9'.repeat(30)}gb`, 0, -1, 1.5, Number.NaN])(
    'refuses %j',
    (size) => {
      expect(parseSize(size).ok).toBe(false);
    },
  );
});

describe('percentages', () => {
  it.each([
    ['99.9%', 0.999],
    ['20 %', 0.2],
    ['0.1%', 0.001],
    ['150%', 1.5],
  ])('%s is %d, without a rounding error', (text, fraction) => {
    expect(parsePercent(text)).toEqual({ ok: true, value: fraction });
  });

  it.each(['', '99.9', '0.999', '-1%', '%', 'all%', `${'9'.repeat(400)}%`])('refuses %j', (text) => {
    expect(parsePercent(text)).toEqual({ ok: false, message: 'is not a percentage' });
  });
});
