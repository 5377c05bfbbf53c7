import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from '../../../lib/local/history/time.ts';

describe('the time of a row', () => {
  it.each([
    ['2026-01-31T13:00:05Z', '2026-01-31T13:00:05.000Z'],
    ['2026-01-31T13:00:05.25Z', '2026-01-31T13:00:05.250Z'],
    ['2026-01-31T13:00:05.123456789Z', '2026-01-31T13:00:05.123Z'],
    ['2026-01-31 13:00:05', '2026-01-31T13:00:05.000Z'],
    ['2026-01-31 13:00', '2026-01-31T13:00:00.000Z'],
    ['2026/01/31 13:00', '2026-01-31T13:00:00.000Z'],
    ['2026-01-31 13:00:05 UTC', '2026-01-31T13:00:05.000Z'],
    ['2026-01-31T13:00:05+02:00', '2026-01-31T11:00:05.000Z'],
    ['2026-01-31T13:00:05 -0530', '2026-01-31T18:30:05.000Z'],
    ['2026-01-31T23:59:60Z', '2026-01-31T23:59:59.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    [' 2026-01-31 ', '2026-01-31T00:00:00.000Z'],
    ['1767225600', '2026-01-01T00:00:00.000Z'],
    ['1767225600.5', '2026-01-01T00:00:00.500Z'],
    ['1.7672256e9', '2026-01-01T00:00:00.000Z'],
    ['1767225600000', '2026-01-01T00:00:00.000Z'],
    ['1767225600000000', '2026-01-01T00:00:00.000Z'],
    ['1767225600000000000', '2026-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(new Date(parseTime(text) ?? Number.NaN).toISOString()).toBe(iso);
  });

  it.each([
    '',
    'now',
    '12:00',
    '2026',
    '2026-13-01',
    '2026-02-29',
    '2026-01-32',
    '2026-01-31T24:00:00Z',
    '2026-01-31T13',
    '2026-01-31T13:00:05.Z',
    '2026-01-31T13:00:05 CET',
    '2026-01-31x',
    '31.01.2026',
    '01/31/2026',
    '-1767225600',
    '1e99',
    'NaN',
    'Infinity',
    '0',
    '2100-01-01',
    '0x6956',
  ])('%s is none', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it('reads every time that it is written to, in ISO and as an epoch time', () => {
    const time = fc.integer({ min: Date.UTC(1974, 0, 1), max: Date.UTC(2099, 11, 31) });
    fc.assert(
      fc.property(time, (ms) => {
        expect(parseTime(new Date(ms).toISOString())).toBe(ms);
        expect(parseTime(String(ms))).toBe(ms);
        expect(parseTime(String(ms / 1000))).toBe(ms);
      }),
    );
  });

  it('answers a time or nothing to any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseTime(text);
        expect(ms === undefined || Number.isInteger(ms)).toBe(true);
      }),
    );
  });
});
