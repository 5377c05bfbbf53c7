import type { HistoryPoint, Skipped } from '../judge/backtest/point.ts';
import { readCsv } from './history/csv.ts';
import { HistoryError } from './history/error.ts';
import { readNdjson } from './history/ndjson.ts';
import { inOrder, type Reach } from './history/order.ts';
import { openFile, type Source } from './history/source.ts';
import { openTally, type SkipTally } from './history/tally.ts';

export { HistoryError } from './history/error.ts';
export { readIncidents } from './history/incidents.ts';
export { parseTime } from './history/time.ts';

/** An imported history, to be read once. */
export type ImportedHistory = {
  /** Points by time, each time once, in batches of any size. @throws HistoryError */
  readonly batches: AsyncIterable<readonly HistoryPoint[]>;
  /** Rows left out so far. */
  readonly skipped: () => readonly Skipped[];
  /** Bytes read so far, of `size` where that is known. */
  readonly read: () => number;
  readonly size?: number;
};

export type HistoryFile = {
  readonly format: 'csv' | 'ndjson';
  /** A path, or the bytes of a pipe. */
  readonly from: string | AsyncIterable<Buffer>;
  /** How sentences call it. */
  readonly name: string;
  /** Points read ahead to find the place of one that is out of order. Default 100,000. */
  readonly reach?: number;
};

const defaultReach = 100_000;
/** Samples held at most: 32 MB of numbers. */
const heldSamples = 2_000_000;

const weigh = (point: HistoryPoint): number => ('samples' in point ? point.samples.length : 1);

const advice = {
  csv: (name: string) => `sort the rows by time first: (head -n 1 ${name}; tail -n +2 ${name} | sort) > sorted.csv`,
  ndjson: (name: string) => `sort the lines by time first: jq -cs 'sort_by(.time)[]' ${name} > sorted.ndjson`,
};

async function* counting(bytes: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const part of bytes) {
    count(part.length);
    yield part;
  }
}

/** @throws HistoryError when nothing was left to judge: with what was wrong with most rows. */
async function* notEmpty<Point>(
  batches: AsyncIterable<readonly Point[]>,
  tally: SkipTally,
  name: string,
): AsyncGenerator<readonly Point[]> {
  let isEmpty = true;
  for await (const batch of batches) {
    isEmpty &&= batch.length === 0;
    yield batch;
  }
  if (!isEmpty) return;
  const [worst] = tally.skipped();
  if (!worst) throw new HistoryError(`${name} has a header and no rows`);
  const rows = worst.rows === 1 ? 'the row' : `${worst.rows.toLocaleString('en-US')} rows`;
  throw new HistoryError(
    `${name} has no row that can be judged: ${rows} with no usable ${worst.cause}, the first on line ${worst.firstLine}: ${JSON.stringify(worst.example)}`,
  );
}

/**
 * Opens a history in a CSV (header `time,value[,n]`) or in NDJSON (`{ "time": …, "samples": [ms, …] }`), of any size: it
 * is read as it is judged, in constant memory.
 *
 * @throws HistoryError here, or from the batches, in one sentence.
 */
export const openHistory = async ({ format, from, name, reach }: HistoryFile): Promise<ImportedHistory> => {
  const source: Source = typeof from === 'string' ? await openFile(from, name) : { bytes: from };
  const tally = openTally();
  let read = 0;
  const bytes = counting(source.bytes, (length) => {
    read += length;
  });
  const ahead: Reach<HistoryPoint> = { points: reach ?? defaultReach, weight: heldSamples, weigh };
  const rows = format === 'csv' ? readCsv(bytes, name, tally) : readNdjson(bytes, name, tally);
  return {
    batches: notEmpty(inOrder(rows, tally, ahead, name, advice[format](name)), tally, name),
    skipped: tally.skipped,
    read: () => read,
    ...(source.size === undefined ? {} : { size: source.size }),
  };
};
