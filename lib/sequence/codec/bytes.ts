/** Bytes that are not what their protocol says. The message ends a sentence that names them. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

export type ByteReader = {
  /** Not read yet. */
  left(): number;
  /** A view, no copy. */
  take(length: number): Uint8Array;
  /** Big-endian, of so many bytes. */
  number(width: number): number;
  /** Seven bits a byte, lowest first; at most so many bytes, and no more than a double holds. */
  varint(maxBytes: number): number;
};

/** Reads bytes field by field. Each method throws a MalformedError where they do not hold what is asked for. */
export const readBytes = (bytes: Uint8Array): ByteReader => {
  let at = 0;
  const left = () => bytes.length - at;
  const take = (length: number) => {
    if (length > left()) throw new MalformedError('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (width: number) => take(width).reduce((value, byte) => value * 256 + byte, 0);
  const varint = (maxBytes: number) => {
    let value = 0;
    for (let scale = 1; scale < 128 ** maxBytes; scale *= 128) {
      const byte = number(1);
      value += (byte & 127) * scale;
      if (byte < 128 && Number.isSafeInteger(value)) return value;
    }
    throw new MalformedError('a number in it does not end');
  };
  return { left, take, number, varint };
};

/** Big-endian, of so many bytes. */
export const numberBytes = (value: number, width: number): Uint8Array =>
  Buffer.from(value.toString(16).padStart(width * 2, '0'), 'hex');

/** Seven bits a byte, lowest first. */
export const varintBytes = (value: number): Uint8Array => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Nothing where they are no UTF-8. */
export const textIn = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Nothing where it is no base64, of which `Buffer` would take what it can. */
export const fromBase64 = (text: unknown): Uint8Array | undefined => {
  const bytes = Buffer.from(String(text), 'base64');
  return toBase64(bytes) === text ? bytes : undefined;
};
