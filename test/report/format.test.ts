import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatActual,
  formatAge,
  formatBytes,
  formatCount,
  formatFraction,
  formatInstant,
  formatLatency,
  formatMs,
} from '../../lib/report/format.ts';
import { excerpt, plain, plainLine } from '../../lib/report/plain.ts';
import { threshold } from '../support/documents.ts';

describe('formatMs', () => {
  test.each([
    [0, '0 ms'],
    [0.001, '<0.01 ms'],
    [0.42, '0.42 ms'],
    [9.994, '9.99 ms'],
    [9.996, '10.0 ms'],
    [12.34, '12.3 ms'],
    [99.96, '100 ms'],
    [412.4, '412 ms'],
    [999.6, '1.00 s'],
    [1200, '1.20 s'],
    [12_340, '12.3 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [7_500_000, '2 h 5 min'],
    [null, 'never'],
  ])('writes %s as %s', (ms, text) => expect(formatMs(ms)).toBe(text));

  test('is monotonic: a longer time never reads as a shorter one', () => {
    const read = (text: string): number => {
      const units = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
      return [...text.replace('<', '').matchAll(/([\d.]+) (ms|s|min|h)/g)].reduce(
        (sum, [, value, unit]) => sum + Number(value) * units[unit as keyof typeof units],
        0,
      );
    };
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e8, noNaN: true }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (ms, factor) => {
          expect(read(formatMs(ms))).toBeLessThanOrEqual(read(formatMs(ms * factor)) + 1e-9);
        },
      ),
    );
  });
});

test('a latency without samples is a dash, and one that never came is never', () => {
  expect(formatLatency(null, 0)).toBe('–');
  expect(formatLatency(null, 3)).toBe('never');
});

test('a share reads as the whole or as nothing only when it is', () => {
  expect(formatFraction(1)).toBe('100 %');
  expect(formatFraction(0)).toBe('0 %');
  expect(formatFraction(0.985)).toBe('98.5 %');
  expect(formatFraction(0.99996)).toBe('99.996 %');
  expect(formatFraction(0.00001)).toBe('0.001 %');
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (share) => {
      expect(['100 %', '0 %']).not.toContain(formatFraction(share));
    }),
  );
});

test('a threshold shows its actual in its own unit', () => {
  expect(formatActual(threshold('p(95)<400', { actual: 312 }))).toBe('312 ms');
  expect(formatActual(threshold('p(95)<400', { actual: null }))).toBe('never');
  expect(formatActual(threshold('p(95)<400', { actual: null, total: 0 }))).toBe('no samples');
  expect(formatActual(threshold('failed<1%', { actual: 0.25, unit: 'fraction' }))).toBe('25 %');
});

test('counts, sizes and stamps read easily', () => {
  expect([formatCount(12), formatCount(12_345), formatCount(1_234_567)]).toEqual(['12', '12,345', '1,234,567']);
  expect([formatBytes(64), formatBytes(1500), formatBytes(10_000_000)]).toEqual(['64 B', '1.5 kB', '10.0 MB']);
  expect(formatInstant('2026-04-07T13:00:05.120Z')).toBe('2026-04-07 13:00:05 UTC');
  expect(formatInstant('soon')).toBe('soon');
});

test.each([
  [-5, '0 s'],
  [999, '0 s'],
  [119_999, '119 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [86_400_000, '24 h'],
  [172_799_999, '47 h'],
  [172_800_000, '2 d'],
])('%d ms is an age of %s: never more than there is', (ms, words) => {
  expect(formatAge(ms)).toBe(words);
});

describe('plain', () => {
  test('spells out what would act on a terminal or turn a line around', () => {
    expect(plain('a\u001b[2Jb\u0007')).toBe('a\\x1b[2Jb\\x07');
    expect(plain('user\u202etxt.exe')).toBe('user\\u202etxt.exe');
    expect(plain('\ud800')).toBe('\\ud800');
  });

  test('leaves every printable text as it is', () => {
    expect(plain('naïve 日本語 🚢\n\tindented')).toBe('naïve 日本語 🚢\n\tindented');
    expect(plainLine('a\r\n  b\tc')).toBe('a ⏎ b c');
  });

  test('an excerpt says that it is one', () => {
    expect(excerpt('a\nb\nc', 2, 100)).toBe('a\nb …');
    expect(excerpt('🚢🚢🚢', 5, 2)).toBe('🚢🚢 …');
    expect(excerpt('whole', 5, 5)).toBe('whole');
  });
});
