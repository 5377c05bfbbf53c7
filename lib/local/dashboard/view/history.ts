import { parseThreshold } from '../../../config/thresholds.ts';
import { formatInstant, formatLatency, formatMs, formatSamples } from '../../../report/format.ts';
import type { LatencyMs, Run, ThresholdResult } from '../../../result/result.ts';
import type { ProbeView } from '../source.ts';
import { type ProbeRow, probeRow, type RunLine, runLine } from './state.ts';

export type HistoryRun = RunLine & {
  readonly p50: string;
  readonly samples: string;
  readonly took: string;
  readonly onDemand: boolean;
};

/** Columns of the chart by time: as long as each other. `null` is a gap. */
export type Columns = {
  /** Epoch seconds, ascending. */
  readonly at: readonly number[];
  readonly p50: readonly LatencyMs[];
  readonly p95: readonly LatencyMs[];
  /** Index into `runs`; `null` where a run is missing. */
  readonly run: readonly (number | null)[];
};

export type HistoryView = {
  readonly probe: ProbeRow;
  /** Oldest first. */
  readonly runs: readonly HistoryRun[];
  readonly columns: Columns;
  /** The probe's own latency thresholds: `p(95)<400` at 400. */
  readonly limits: readonly { readonly label: string; readonly ms: number }[];
  /** What the chart shows, for who cannot see it. */
  readonly summary: string;
};

/** An interval of this many usual ones has lost a run. */
const LOST = 1.75;

/** One probe over time; `history` as the source gives it, newest first. */
export function historyView(probe: ProbeView, history: readonly Run[]): HistoryView {
  const runs = history.toSorted((a, b) => Date.parse(a.slot) - Date.parse(b.slot));
  return {
    probe: probeRow(probe),
    runs: runs.map(historyRun),
    columns: columnsOf(runs),
    limits: limitsOf(runs.findLast((run) => run.slo.some(isLatencyLimit))),
    summary: summaryOf(probe.id, runs),
  };
}

function historyRun(run: Run): HistoryRun {
  const done = run.status === 'done';
  return {
    ...runLine(run),
    p50: done ? formatLatency(run.latencyMs.p50, run.samples) : '–',
    samples: done ? formatSamples(run.samples, run.planned) : '–',
    took: done ? formatMs(run.durationMs) : '–',
    onDemand: run.trigger === 'demand',
  };
}

/** A line drawn over a hole in time would say that all was well in it, so a column without a run breaks it. */
function columnsOf(runs: readonly Run[]): Columns {
  const at = runs.map((run) => Date.parse(run.slot) / 1000);
  const usual = median(at.slice(1).map((time, index) => time - (at[index] ?? time)));
  const rows = runs.flatMap((run, index) => {
    const time = at[index] ?? 0;
    const measured = run.status === 'done' && run.samples > 0;
    const row = { at: time, p50: measured ? run.latencyMs.p50 : null, p95: measured ? run.latencyMs.p95 : null };
    const before = at[index - 1];
    const isHole = before !== undefined && usual > 0 && time - before > usual * LOST;
    const hole = isHole ? [{ at: before + usual, p50: null, p95: null, run: null }] : [];
    return [...hole, { ...row, run: index }];
  });
  return {
    at: rows.map((row) => row.at),
    p50: rows.map((row) => row.p50),
    p95: rows.map((row) => row.p95),
    run: rows.map((row) => row.run),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

function limitsOf(run: Run | undefined): HistoryView['limits'] {
  return (run?.slo ?? []).filter(isLatencyLimit).flatMap((one) => {
    const read = parseThreshold(one.threshold);
    return read.ok ? [{ label: one.threshold, ms: read.value.value }] : [];
  });
}

function isLatencyLimit({ unit, step }: ThresholdResult): boolean {
  return unit === 'ms' && step === undefined;
}

function summaryOf(probe: string, runs: readonly Run[]): string {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return `${probe} has not run yet`;
  const bad = runs.filter((run) => run.verdict === 'fail').length;
  const highest = runs.reduce((ms, run) => Math.max(ms, run.latencyMs.p95 ?? 0), 0);
  return `Latency of ${probe} over ${runs.length} runs from ${formatInstant(first.slot)} to ${formatInstant(last.slot)}: the latest p95 is ${formatLatency(last.latencyMs.p95, last.samples)}, the highest ${formatMs(highest)}; ${bad} failed`;
}
