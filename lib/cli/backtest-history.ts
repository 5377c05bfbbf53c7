import { resolve } from 'node:path';
import { paceOf, pacePoints } from '../judge/backtest/pace.ts';
import type { HistoryPoint, Skipped } from '../judge/backtest/point.ts';
import { openReplay, type Replay } from '../judge/backtest.ts';
import { openHistory, parseTime } from '../local/history.ts';
import type { BacktestReport, RuleSettings } from '../report/backtest/report.ts';
import { compareLatencies, percentile } from '../result/percentiles.ts';
import type { BacktestOptions } from './backtest.ts';
import { applyChanges, importedRules, type RuleOptions, readRules, requireObjective } from './backtest-rules.ts';
import { CommandError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Rules that can be replayed, and what they are in words. */
export type ReplayRules = { readonly settings: readonly RuleSettings[]; readonly open: () => Replay };

/** A history that was found, with the rules that it is to be replayed under. */
export type BacktestHistory = {
  readonly source: BacktestReport['source'];
  /** Points by time. */
  readonly batches: AsyncIterable<readonly HistoryPoint[]>;
  readonly rules: ReplayRules;
  readonly changedRules?: ReplayRules;
  /** What the picture shows of a point; `null`: nothing. */
  readonly measure: (point: HistoryPoint) => number | null;
  readonly measured: BacktestReport['measure'];
  readonly skipped: () => readonly Skipped[];
  /** Bytes read so far, of `size` where that is known. */
  readonly read: () => number;
  readonly size?: number;
  readonly close: () => Promise<void>;
};

/** Times from (inclusive) and to (exclusive), epoch ms. */
export type Range = { readonly fromMs: number; readonly toMs: number };

const timeOf = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const ms = parseTime(text);
  if (ms !== undefined) return ms;
  throw new CommandError(`--${option} ${JSON.stringify(text)} is no time: write such as 2026-01-31T13:00:00Z`);
};

/** @throws CommandError */
export const rangeOf = ({ from, to }: Pick<BacktestOptions, 'from' | 'to'>): Range => {
  const range = {
    fromMs: timeOf('from', from) ?? Number.NEGATIVE_INFINITY,
    toMs: timeOf('to', to) ?? Number.POSITIVE_INFINITY,
  };
  if (range.fromMs >= range.toMs) throw new CommandError(`--from ${from} is not before --to ${to}`);
  return range;
};

type Batches = AsyncIterable<readonly HistoryPoint[]>;

async function* within(batches: Batches, { fromMs, toMs }: Range): AsyncGenerator<readonly HistoryPoint[]> {
  const isWhole = fromMs === Number.NEGATIVE_INFINITY && toMs === Number.POSITIVE_INFINITY;
  for await (const batch of batches) {
    yield isWhole ? batch : batch.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  }
}

type Peeked = { readonly first: readonly HistoryPoint[]; readonly batches: Batches };

/** The first points of a history, and the history from its beginning. */
const peek = async (batches: Batches, count: number): Promise<Peeked> => {
  const iterator = batches[Symbol.asyncIterator]();
  const held: (readonly HistoryPoint[])[] = [];
  let first: readonly HistoryPoint[] = [];
  while (first.length < count) {
    const next = await iterator.next();
    if (next.done) break;
    held.push(next.value);
    first = [...first, ...next.value.slice(0, count - first.length)];
  }
  async function* all(): AsyncGenerator<readonly HistoryPoint[]> {
    yield* held.splice(0);
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { first, batches: all() };
};

/** A value as it is; of a run its p95. */
const measure = (point: HistoryPoint): number | null => {
  if ('value' in point) return point.value;
  return 'samples' in point ? percentile(point.samples.toSorted(compareLatencies), 95) : null;
};

type FileSource = { readonly format: 'csv' | 'ndjson'; readonly file: string };

const fileOf = ({ csv, ndjson }: BacktestOptions): FileSource =>
  csv === undefined ? { format: 'ndjson', file: ndjson ?? '' } : { format: 'csv', file: csv };

/** Options that only a stored probe has. */
const refuseConfig = (config: string | undefined): void => {
  if (config !== undefined) {
    throw new CommandError('--change config=… is for stored probes: an imported history has no config');
  }
};

/** A history in a file, or on stdin for `-`. Needs no config. @throws CommandError, HistoryError */
export const openImported = async (options: BacktestOptions, terminal: Terminal): Promise<BacktestHistory> => {
  const { format, file } = fileOf(options);
  const rules = readRules(options);
  const { raw, config } = applyChanges(options, options.change);
  const changed = options.change.length > 0 ? readRules(raw) : undefined;
  refuseConfig(config);
  for (const each of [rules, ...(changed ? [changed] : [])]) requireObjective(each);
  const range = rangeOf(options);
  const name = file === '-' ? 'stdin' : file;
  const from = file === '-' ? process.stdin : resolve(terminal.cwd, file);
  const history = await openHistory({ format, from, name });
  const { first, batches } = await peek(within(history.batches, range), pacePoints);
  const subject = format === 'csv' ? 'value' : 'latency';
  const replayable = (each: RuleOptions): ReplayRules => {
    const { detectors, settings } = importedRules(each, paceOf(first), subject);
    return { settings, open: () => openReplay(detectors) };
  };
  return {
    source: { kind: format, name },
    batches,
    rules: replayable(rules),
    ...(changed ? { changedRules: replayable(changed) } : {}),
    measure,
    measured: format === 'csv' ? { name: 'value', unit: null } : { name: 'p95', unit: 'ms' },
    skipped: history.skipped,
    read: history.read,
    ...(history.size === undefined ? {} : { size: history.size }),
    close: async () => {},
  };
};
