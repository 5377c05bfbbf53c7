import { HistoryError } from './error.ts';

/** Lines as they come in from one read; `null` stands for one that was too long. */
export type LineBatch = {
  /** Number of the first of them, from 1. */
  readonly firstLine: number;
  readonly lines: readonly (string | null)[];
};

const newline = 10;

/** What the first bytes give away of a file that holds no lines of text. */
const foreignTo = (head: Buffer): string | undefined => {
  const starts = (...bytes: readonly number[]) => bytes.every((byte, index) => head[index] === byte);
  if (starts(0x1f, 0x8b)) return 'is compressed (gzip): unpack it first, as in zcat FILE | plimsoll backtest --csv -';
  if (starts(0x28, 0xb5, 0x2f, 0xfd) || starts(0x50, 0x4b, 0x03, 0x04)) return 'is compressed: unpack it first';
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return 'is UTF-16: save it as UTF-8 first';
  return head.subarray(0, 4096).includes(0) ? 'is a binary file: a history is text' : undefined;
};

/** The first bytes without their byte-order mark. @throws HistoryError when they are no text. */
const openingOf = (head: Buffer, name: string): Buffer => {
  const foreign = foreignTo(head);
  if (foreign) throw new HistoryError(`${name} ${foreign}`);
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
};

/** A stretch of bytes as lines. Bytes stay bytes (latin1): times and figures are ASCII in every encoding that we read. */
const cutLines = (bytes: Buffer, maxBytes: number): (string | null)[] => {
  const text = bytes.toString('latin1');
  const lines: (string | null)[] = text.split('\n');
  const hasReturns = text.includes('\r');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.length > maxBytes) lines[index] = null;
    else if (hasReturns && line.endsWith('\r')) lines[index] = line.slice(0, -1);
  }
  return lines;
};

/** The beginning of a line whose end is still to come; its bytes are let go once they are too many. */
type Open = { parts: Buffer[]; bytes: number };

const extend = (open: Open, bytes: Buffer, maxBytes: number): void => {
  open.bytes += bytes.length;
  if (open.bytes > maxBytes) open.parts = [];
  else if (bytes.length > 0) open.parts.push(bytes);
};

const close = (open: Open, maxBytes: number): string | null =>
  open.bytes > maxBytes ? null : (cutLines(Buffer.concat(open.parts), maxBytes)[0] ?? '');

/**
 * Lines of a stream of bytes, in constant memory: of a line over `maxBytes` nothing is kept but that it was there. LF or
 * CRLF; a byte-order mark is dropped; the last line needs no end.
 *
 * @throws HistoryError at first bytes that are no text.
 */
export async function* readLines(
  bytes: AsyncIterable<Buffer>,
  name: string,
  maxBytes: number,
): AsyncGenerator<LineBatch> {
  let open: Open = { parts: [], bytes: 0 };
  let firstLine = 1;
  let isFirst = true;
  for await (const read of bytes) {
    const chunk = isFirst ? openingOf(read, name) : read;
    isFirst = false;
    const [start, end] = [chunk.indexOf(newline), chunk.lastIndexOf(newline)];
    if (start < 0) {
      extend(open, chunk, maxBytes);
      continue;
    }
    extend(open, chunk.subarray(0, start), maxBytes);
    const lines = [close(open, maxBytes)];
    if (end > start) for (const line of cutLines(chunk.subarray(start + 1, end), maxBytes)) lines.push(line);
    yield { firstLine, lines };
    firstLine += lines.length;
    open = { parts: [], bytes: 0 };
    extend(open, chunk.subarray(end + 1), maxBytes);
  }
  if (open.bytes > 0) yield { firstLine, lines: [close(open, maxBytes)] };
}
