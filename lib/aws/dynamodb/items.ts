import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { AttributeValue } from '../sdk/dynamodb.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

export const textIn = (item: Item | undefined, name: string): string | undefined => item?.[name]?.S;

export const numberIn = (item: Item | undefined, name: string): number | undefined => {
  const digits = item?.[name]?.N;
  return digits === undefined ? undefined : Number(digits);
};

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const bytes = (value: Uint8Array): AttributeValue => ({ B: value });

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Gzipped JSON. Not on the event loop: a sample of another probe may be in flight. */
export const pack = (value: unknown): Promise<Uint8Array> => zip(JSON.stringify(value));

export const unpack = async <T>(packed: Uint8Array): Promise<T> => JSON.parse((await unzip(packed)).toString('utf8'));

/** What an attribute holds as gzipped JSON; nothing where there is none. */
export const unpackIn = async <T>(item: Item | undefined, name: string): Promise<T | undefined> => {
  const packed = item?.[name]?.B;
  return packed && unpack<T>(packed);
};

/**
 * Marks what one call wrote. Where the answer to a write is lost, the SDK writes again, and its condition then fails by
 * our own first attempt: that must not be taken for somebody else's.
 */
export const newWriteId = (): string => randomBytes(12).toString('base64url');

export const writtenBy = (item: Item | undefined, writeId: string): boolean => textIn(item, 'writeId') === writeId;

/** Epoch seconds at which the table's time to live may take an item that has outlived its use at this epoch ms. */
export const expirySeconds = (ms: number): number => Math.ceil(ms / 1000);
