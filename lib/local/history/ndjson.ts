import type { SamplesPoint } from '../../judge/backtest/point.ts';
import type { LatencyMs } from '../../result/result.ts';
import { HistoryError } from './error.ts';
import { readLines } from './lines.ts';
import type { Placed } from './order.ts';
import type { SkipTally } from './tally.ts';
import { parseTime } from './time.ts';

/** A run of a million samples or so; what is longer is no run. */
const maxRunBytes = 16_000_000;

const isLatency = (sample: unknown): sample is LatencyMs =>
  sample === null || (typeof sample === 'number' && sample >= 0 && sample < Number.POSITIVE_INFINITY);

const parseLine = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The point of one line; `undefined` when it was told to the tally. */
const readRun = (text: string, line: number, tally: SkipTally): SamplesPoint | undefined => {
  const skip = (cause: 'json' | 'time' | 'samples', example: string) => {
    tally.skip(cause, line, example);
    return undefined;
  };
  const run = parseLine(text);
  if (typeof run !== 'object' || run === null || Array.isArray(run)) return skip('json', text);
  const { time, samples } = run as { readonly time?: unknown; readonly samples?: unknown };
  const atMs = typeof time === 'string' || typeof time === 'number' ? parseTime(String(time)) : undefined;
  if (atMs === undefined) return skip('time', JSON.stringify(time) ?? 'no time');
  const usable = Array.isArray(samples) && samples.length > 0 && samples.every(isLatency);
  return usable ? { atMs, samples } : skip('samples', JSON.stringify(samples)?.slice(0, 40) ?? 'no samples');
};

/** The runs of an NDJSON file as points, as they stand in the file; a sample of `null` never answered. */
export async function* readNdjson(
  bytes: AsyncIterable<Buffer>,
  name: string,
  tally: SkipTally,
): AsyncGenerator<readonly Placed<SamplesPoint>[]> {
  let isEmpty = true;
  for await (const { firstLine, lines } of readLines(bytes, name, maxRunBytes)) {
    const points: Placed<SamplesPoint>[] = [];
    for (const [index, text] of lines.entries()) {
      const line = firstLine + index;
      if (text === null) tally.skip('too long', line, `over ${maxRunBytes} bytes`);
      else if (text.trim() !== '') {
        const point = readRun(text, line, tally);
        if (point) points.push({ point, line });
      } else continue;
      isEmpty = false;
    }
    yield points;
  }
  if (isEmpty) {
    throw new HistoryError(`${name} is empty: a history has a line a run, { "time": …, "samples": [ms, …] }`);
  }
}
