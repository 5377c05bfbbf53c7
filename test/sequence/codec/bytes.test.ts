import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromBase64,
  MalformedError,
  numberBytes,
  readBytes,
  textIn,
  toBase64,
  varintBytes,
} from '../../../lib/sequence/codec/bytes.ts';

const reading = (...bytes: readonly number[]) => readBytes(Uint8Array.from(bytes));

describe('bytes that are read', () => {
  it('are what was written', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(2 ** 32 - 1), fc.uint8Array(), (varint, number, bytes) => {
        const reader = readBytes(Buffer.concat([varintBytes(varint), numberBytes(number, 4), bytes]));
        expect(reader.varint(8)).toBe(varint);
        expect(reader.number(4)).toBe(number);
        expect([...reader.take(reader.left())]).toEqual([...bytes]);
      }),
    );
  });

  it('are numbers of seven bits a byte', () => {
    for (const value of [0, 127, 128, 129, 16_383, 16_384, 2 ** 32]) {
      expect(readBytes(varintBytes(value)).varint(8)).toBe(value);
    }
    expect([...varintBytes(128)]).toEqual([0x80, 1]);
  });

  it('end where they end', () => {
    expect(() => reading(1, 2).take(3)).toThrow(MalformedError);
    expect(() => reading().number(1)).toThrow('it ends too early');
    expect(reading(1, 2).take(2)).toHaveLength(2);
  });

  it('have no number longer than is allowed, or more than a double holds', () => {
    expect(reading(0xff, 0xff, 0xff, 0x7f).varint(4)).toBe(2 ** 28 - 1);
    expect(() => reading(0x80, 0x80, 0x80, 0x80, 1).varint(4)).toThrow('a number in it does not end');
    expect(() => reading(...Array.from({ length: 7 }, () => 0xff), 0x7f).varint(8)).toThrow(MalformedError);
  });

  it('are text where they are UTF-8, with a mark at its beginning', () => {
    expect(textIn(Buffer.from('\ufeffé😀'))).toBe('\ufeffé😀');
    expect(textIn(Uint8Array.of(0xc3))).toBeUndefined();
  });

  it('come from base64, and from nothing that only looks like it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...(fromBase64(toBase64(bytes)) ?? [-1])]).toEqual([...bytes]);
      }),
    );
    for (const none of ['?', 'AB', 'AA==\n', undefined, 5, null]) expect(fromBase64(none)).toBeUndefined();
  });
});
