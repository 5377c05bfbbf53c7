import type { ValuePoint } from '../../judge/backtest/point.ts';
import { HistoryError } from './error.ts';
import { delimiterOf, splitFields } from './fields.ts';
import { readLines } from './lines.ts';
import type { Placed } from './order.ts';
import type { SkipTally } from './tally.ts';
import { parseTime } from './time.ts';

/** Header names that are taken, the most telling first; in any case, and with `_`, `-`, `.` or a blank between words. */
const synonyms = {
  time: ['time', 'timestamp', 'ts', 'date', 'datetime', 'at', 'slot', 'started_at', 'epoch', 'time_ms', 'timestamp_ms'],
  value: [
    'value',
    'p95',
    'p95_ms',
    'latency',
    'latency_ms',
    'duration',
    'duration_ms',
    'value_ms',
    'ms',
    'mean',
    'avg',
  ],
  n: ['n', 'samples', 'count', 'sample_count'],
} as const;

/** Which column says what, from 0. */
type Columns = {
  readonly time: number;
  readonly value: number;
  readonly n: number;
  readonly delimiter: string;
  /** The header's own words for the value. */
  readonly valueName: string;
};

/** Longer than any row: a line of a megabyte is no row of a history. */
const maxRowBytes = 1_000_000;

const textOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

const columnOf = (names: readonly string[], known: readonly string[]): number => {
  const plain = names.map((name) => name.toLowerCase().replace(/[\s.-]+/g, '_'));
  for (const name of known) {
    const index = plain.indexOf(name);
    if (index >= 0) return index;
  }
  return -1;
};

/** @throws HistoryError when the first line names no time or no value. */
const readHeader = (line: string | null, name: string): Columns => {
  if (line === null)
    throw new HistoryError(`the first line of ${name} is over ${maxRowBytes} bytes long: this is no CSV`);
  const text = textOf(line);
  const delimiter = delimiterOf(text);
  const names = splitFields(text, delimiter);
  const columns = {
    time: columnOf(names, synonyms.time),
    value: columnOf(names, synonyms.value),
    n: columnOf(names, synonyms.n),
  };
  const missing = (['time', 'value'] as const).filter((column) => columns[column] < 0);
  if (missing.length > 0) {
    const seen = text === '' ? 'is empty' : `is ${JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)}`;
    throw new HistoryError(
      `the first line of ${name} ${seen} and names no column ${missing.join(' and no column ')}: begin with a header such as time,value or time,value,n`,
    );
  }
  return { ...columns, delimiter, valueName: names[columns.value] ?? 'value' };
};

/** A plain decimal, blanks around it allowed. `Number` alone would take an empty field for 0 and `0x10` for 16. */
const numberOf = (field: string): number => {
  const value = Number(field);
  if (value !== 0 && !/[xXoObB]/.test(field.slice(0, 3))) return value;
  return /^\s*[+-]?\d*\.?\d/.test(field) && !/[xXoObB]/.test(field) ? value : Number.NaN;
};

/** The field of a row without quotes, found without cutting up the others. */
const fieldAt = (row: string, delimiter: string, column: number): string | undefined => {
  let from = 0;
  for (let passed = 0; passed < column; passed += 1) {
    const next = row.indexOf(delimiter, from);
    if (next < 0) return undefined;
    from = next + 1;
  }
  const end = row.indexOf(delimiter, from);
  return end < 0 ? row.slice(from) : row.slice(from, end);
};

type Fields = { readonly time: string | undefined; readonly value: string | undefined; readonly n: string | undefined };

const fieldsOf = (row: string, { time, value, n, delimiter }: Columns): Fields => {
  if (row.includes('"')) {
    const fields = splitFields(row, delimiter);
    return { time: fields[time], value: fields[value], n: fields[n] };
  }
  return {
    time: fieldAt(row, delimiter, time),
    value: fieldAt(row, delimiter, value),
    n: n < 0 ? undefined : fieldAt(row, delimiter, n),
  };
};

/** The point of one row; `undefined` when it was told to the tally. */
const readRow = (row: string, line: number, columns: Columns, tally: SkipTally): ValuePoint | undefined => {
  const { time, value, n } = fieldsOf(row, columns);
  const skip = (cause: 'columns' | 'time' | 'value' | 'count', example: string) => {
    tally.skip(cause, line, example);
    return undefined;
  };
  if (time === undefined || value === undefined) return skip('columns', row);
  const atMs = parseTime(time);
  if (atMs === undefined) return skip('time', time);
  const measured = numberOf(value);
  if (!(measured >= 0 && measured < Number.POSITIVE_INFINITY)) return skip('value', value);
  if (n === undefined || n.trim() === '') return { atMs, value: measured };
  const samples = numberOf(n);
  return Number.isSafeInteger(samples) && samples > 0 ? { atMs, value: measured, n: samples } : skip('count', n);
};

/** The rows of a CSV as points, as they stand in the file. `name` is how sentences call the file. */
export async function* readCsv(
  bytes: AsyncIterable<Buffer>,
  name: string,
  tally: SkipTally,
): AsyncGenerator<readonly Placed<ValuePoint>[]> {
  let columns: Columns | undefined;
  for await (const { firstLine, lines } of readLines(bytes, name, maxRowBytes)) {
    const points: Placed<ValuePoint>[] = [];
    for (const [index, row] of lines.entries()) {
      const line = firstLine + index;
      if (columns === undefined) columns = readHeader(row, name);
      else if (row === null) tally.skip('too long', line, `over ${maxRowBytes} bytes`);
      else if (row !== '' && row.trim() !== '') {
        const point = readRow(row, line, columns, tally);
        if (point) points.push({ point, line });
      }
    }
    yield points;
  }
  if (columns === undefined) {
    throw new HistoryError(`${name} is empty: a history has a header such as time,value and a row a point`);
  }
}
