import { type ByteReader, MalformedError, readBytes, textIn } from '../bytes.ts';
import type { ClockRange } from './clock-ranges.ts';

/** What an update has of each client, by clocks; what it holds is skipped over. */
export type UpdateRanges = { readonly structs: readonly ClockRange[]; readonly deletes: readonly ClockRange[] };

/** lib0 writes numbers of up to 53 bits. */
export const readNumber = (reader: ByteReader): number => reader.varint(8);
export const readBlock = (reader: ByteReader): Uint8Array => reader.take(readNumber(reader));
export const readString = (reader: ByteReader): string => {
  const text = textIn(readBlock(reader));
  if (text === undefined) throw new MalformedError('a text in it is not UTF-8');
  return text;
};

const times = (count: number, skip: () => void): number => {
  for (let done = 0; done < count; done += 1) skip();
  return count;
};

const maxLevels = 500;

/** A value of lib0's `any`: its kind counts down from 127. */
const skipAny = (reader: ByteReader, levels = 0): void => {
  if (levels > maxLevels) throw new MalformedError('a value in it is nested too deeply');
  switch (127 - reader.number(1)) {
    case 0: // undefined
    case 1: // null
    case 6: // false
    case 7: // true
      return;
    case 2: // whole number
      // One bit of the first byte is its sign: the length is that of any number.
      while (reader.number(1) > 127);
      return;
    case 3:
      return void reader.take(4);
    case 4:
    case 5:
      return void reader.take(8);
    case 8: // text
    case 11: // bytes
      return void readBlock(reader);
    case 9: // object
      times(readNumber(reader), () => {
        readBlock(reader);
        skipAny(reader, levels + 1);
      });
      return;
    case 10: // list
      times(readNumber(reader), () => skipAny(reader, levels + 1));
      return;
    default:
      throw new MalformedError('a value in it is of no known kind');
  }
};

/** Named types of Yjs have their name behind their number: an XML element and an XML hook. */
const namedTypes = [3, 5];

/** Passes over the content of an item, and answers how many clocks it takes. */
const skipContent = (kind: number, reader: ByteReader): number => {
  switch (kind) {
    case 1: // deleted
      return readNumber(reader);
    case 2: // JSON
      return times(readNumber(reader), () => readBlock(reader));
    case 3: // binary
    case 5: // embed
      readBlock(reader);
      return 1;
    case 4: // text, counted as JavaScript counts
      return readString(reader).length;
    case 6: // format
      readBlock(reader);
      readBlock(reader);
      return 1;
    case 7: // type
      if (namedTypes.includes(readNumber(reader))) readBlock(reader);
      return 1;
    case 8: // any
      return times(readNumber(reader), () => skipAny(reader));
    case 9: // subdocument
      readBlock(reader);
      skipAny(reader);
      return 1;
    default:
      throw new MalformedError('a content in it is of no known kind');
  }
};

const skipId = (reader: ByteReader) => {
  readNumber(reader);
  readNumber(reader);
};

/** Origins to the left and right, or else the parent and the key in it. */
const skipPlace = (info: number, reader: ByteReader) => {
  if (info & 128) skipId(reader);
  if (info & 64) skipId(reader);
  if (info & 192) return;
  if (readNumber(reader) === 1) readBlock(reader);
  else skipId(reader);
  if (info & 32) readBlock(reader);
};

/** Both are lengths without content. */
const collected = 0;
const skipped = 10;
const deletedContent = 1;

const readStructs = (reader: ByteReader, into: { structs: ClockRange[]; deletes: ClockRange[] }) => {
  const count = readNumber(reader);
  const client = readNumber(reader);
  let from = readNumber(reader);
  times(count, () => {
    const info = reader.number(1);
    const kind = info & 31;
    const isBare = kind === collected || kind === skipped;
    if (!isBare) skipPlace(info, reader);
    const to = from + (isBare ? readNumber(reader) : skipContent(kind, reader));
    if (kind !== skipped) into.structs.push({ client, from, to });
    // What was collected as garbage is deleted, and no longer told of apart everywhere.
    if (kind === collected || kind === deletedContent) into.deletes.push({ client, from, to });
    from = to;
  });
};

/** An update of Yjs in its format 1, as far as it says which clocks it covers. @throws MalformedError */
export const readUpdate = (bytes: Uint8Array): UpdateRanges => {
  const reader = readBytes(bytes);
  const ranges = { structs: [] as ClockRange[], deletes: [] as ClockRange[] };
  times(readNumber(reader), () => readStructs(reader, ranges));
  times(readNumber(reader), () => {
    const client = readNumber(reader);
    times(readNumber(reader), () => {
      const from = readNumber(reader);
      ranges.deletes.push({ client, from, to: from + readNumber(reader) });
    });
  });
  if (reader.left() > 0) throw new MalformedError('it goes on behind its end');
  return ranges;
};
