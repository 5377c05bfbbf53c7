import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { diffEpisodes } from '../judge/backtest/diff.ts';
import { type Incident, judgeIncidents } from '../judge/backtest/incidents.ts';
import { openTrace, type Trace } from '../judge/backtest/trace.ts';
import type { Replay, Replayed } from '../judge/backtest.ts';
import { HistoryError, readIncidents } from '../local/history.ts';
import { renderBacktestJson } from '../report/backtest/json.ts';
import { type BacktestReport, type ChangeReport, totalsOf } from '../report/backtest/report.ts';
import { renderBacktestText } from '../report/backtest/text.ts';
import { version } from '../version.ts';
import { type BacktestHistory, openImported } from './backtest-history.ts';
import { startReading } from './backtest-progress.ts';
import { applyChanges, type RawRules, readRules } from './backtest-rules.ts';
import { openStored } from './backtest-stored.ts';
import { systemClock } from './clock.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { requireFile } from './reports.ts';
import type { Terminal } from './terminal.ts';

export type BacktestOptions = RawRules & {
  readonly config: string;
  readonly data: string;
  readonly csv?: string;
  readonly ndjson?: string;
  readonly incidents?: string;
  /** `max-regression=30%`: the same rules with this changed, for a diff. */
  readonly change: readonly string[];
  /** ISO or epoch times. */
  readonly from?: string;
  readonly to?: string;
  /** More pages than that end with 1. */
  readonly maxPages?: number;
  readonly json: boolean;
  readonly html?: string;
};

/** Everything that can be known to be wrong before the first point is read. */
const openSource = async (
  id: string | undefined,
  options: BacktestOptions,
  terminal: Terminal,
): Promise<BacktestHistory> => {
  const named = [id, options.csv, options.ndjson].filter((each) => each !== undefined);
  if (options.csv !== undefined || options.ndjson !== undefined) {
    if (named.length > 1) throw new CommandError('name one history: a probe, --csv or --ndjson');
    return openImported(options, terminal);
  }
  return openStored(id, options, terminal);
};

type Replays = { readonly replay: Replay; readonly changed?: Replay; readonly trace: Trace };

const replayAll = async (history: BacktestHistory, replays: Replays, terminal: Terminal): Promise<void> => {
  const progress = startReading(history.size, systemClock.monotonic, terminal);
  let points = 0;
  try {
    for await (const batch of history.batches) {
      terminal.signal.throwIfAborted();
      replays.replay.take(batch);
      replays.changed?.take(batch);
      for (const point of batch) {
        const value = history.measure(point);
        if (value !== null) replays.trace.add(point.atMs, value);
      }
      points += batch.length;
      progress.tell(points, history.read());
    }
  } finally {
    progress.close();
  }
};

const changeOf = (history: BacktestHistory, words: string, before: Replayed, replayed: Replayed): ChangeReport => ({
  words,
  settings: history.changedRules?.settings ?? [],
  replayed,
  diff: diffEpisodes(before.episodes, replayed.episodes),
});

const nothingIn = ({ from, to }: BacktestOptions, name: string): CommandError => {
  const since = from === undefined ? '' : ` from ${from} on`;
  const until = to === undefined ? '' : ` before ${to}`;
  return new CommandError(`${name} has no point${since}${until}`);
};

const incidentsOf = (incidents: readonly Incident[], { episodes, rules, fromMs, toMs }: Replayed) =>
  judgeIncidents(incidents, episodes, rules, { fromMs: fromMs ?? 0, toMs: toMs ?? 0 });

const backtest = async (
  id: string | undefined,
  options: BacktestOptions,
  terminal: Terminal,
): Promise<BacktestReport> => {
  readRules(options);
  readRules(applyChanges(options, options.change).raw);
  if (options.html !== undefined) await requireFile(resolve(terminal.cwd, options.html), options.html);
  const { incidents: file } = options;
  const incidents = file === undefined ? undefined : await readIncidents(resolve(terminal.cwd, file), file);
  const history = await openSource(id, options, terminal);
  try {
    const { rules, changedRules } = history;
    const changed = changedRules?.open();
    const replays = { replay: rules.open(), ...(changed ? { changed } : {}), trace: openTrace() };
    await replayAll(history, replays, terminal);
    const replayed = replays.replay.end();
    if (replayed.points === 0) throw nothingIn(options, history.source.name);
    return {
      tool: `plimsoll ${version}`,
      source: history.source,
      measure: history.measured,
      settings: rules.settings,
      replayed,
      trace: replays.trace.buckets(),
      skipped: history.skipped(),
      ...(incidents ? { incidents: incidentsOf(incidents, replayed) } : {}),
      ...(changed ? { change: changeOf(history, options.change.join(', '), replayed, changed.end()) } : {}),
    };
  } finally {
    await history.close();
  }
};

const writeHtml = async (file: string, report: BacktestReport, { cwd }: Terminal): Promise<void> => {
  // Loaded for those who ask.
  const { renderBacktestHtml } = await import('../report/backtest/html.ts');
  try {
    await writeFile(resolve(cwd, file), renderBacktestHtml(report));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandError(`${file} could not be written (${code})`, exitCodes.inconclusive);
  }
};

/** `plimsoll backtest [id]`: what rules would have told over a history. 1 only beyond `--max-pages`. */
export const backtestCommand = async (
  id: string | undefined,
  options: BacktestOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  try {
    const report = await backtest(id, options, terminal);
    const { outColour: colour, columns: width } = terminal;
    terminal.out(options.json ? renderBacktestJson(report) : renderBacktestText(report, { colour, width }));
    if (options.html !== undefined) await writeHtml(options.html, report, terminal);
    const { pages } = totalsOf(report.replayed);
    if (options.maxPages === undefined || pages <= options.maxPages) return exitCodes.good;
    terminal.err(`plimsoll: ${pages} pages are more than the ${options.maxPages} of --max-pages\n`);
    return exitCodes.bad;
  } catch (error) {
    throw error instanceof HistoryError ? new CommandError(error.message) : error;
  }
};
