import type { Json } from '../../../config/plan.ts';
import { type ByteReader, fromBase64, MalformedError, numberBytes, textIn, toBase64, varintBytes } from '../bytes.ts';
import { CodecError } from '../codec.ts';

/** How one field stands in a packet (MQTT 5 §1.5). */
export type Kind = {
  /** Nothing where it is left out. @throws MalformedError */
  readonly read: (reader: ByteReader) => Json | undefined;
  /** @throws CodecError */
  readonly write: (value: Json | undefined, name: string) => Uint8Array;
};

export const refuse = (name: string, rule: string, value: Json | undefined): never => {
  throw new CodecError(`mqtt: \`${name}\` is ${rule}: got ${JSON.stringify(value)}`);
};

export const wholeNumber = (value: Json | undefined, name: string, below: number): number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < below
    ? Number(value)
    : refuse(name, `a whole number under ${below}`, value);

const numberOf = (width: number): Kind => ({
  read: (reader) => reader.number(width),
  write: (value, name) => numberBytes(wholeNumber(value, name, 256 ** width), width),
});
export const byte = numberOf(1);
export const short = numberOf(2);
export const long = numberOf(4);

export const varint: Kind = {
  read: (reader) => reader.varint(4),
  write: (value, name) => varintBytes(wholeNumber(value, name, 128 ** 4)),
};

/** Bytes behind a length of two bytes. */
const bytesOf = (reader: ByteReader): Uint8Array => reader.take(reader.number(2));
const behindLength = (bytes: Uint8Array, name: string): Uint8Array =>
  Buffer.concat([short.write(bytes.length, `the length of ${name}`), bytes]);

export const text = {
  read: (reader: ByteReader): string => {
    const read = textIn(bytesOf(reader));
    if (read === undefined) throw new MalformedError('a text in it is not UTF-8');
    return read;
  },
  write: (value: Json | undefined, name: string): Uint8Array =>
    behindLength(Buffer.from(typeof value === 'string' ? value : refuse(name, 'a text', value)), name),
} satisfies Kind;

export const binary: Kind = {
  read: (reader) => toBase64(bytesOf(reader)),
  write: (value, name) => behindLength(fromBase64(value) ?? refuse(name, 'base64', value), name),
};

/** All that follows, one after another. */
export const list = (kind: Kind): Kind => ({
  read: (reader) => {
    const items: Json[] = [];
    while (reader.left() > 0) items.push(kind.read(reader) ?? null);
    return items;
  },
  write: (value, name) =>
    Buffer.concat(
      (Array.isArray(value) ? value : refuse(name, 'a list', value)).map((one: Json) => kind.write(one, name)),
    ),
});
