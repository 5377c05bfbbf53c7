import type { Run } from '../../result/result.ts';
import { formatLatency, formatMs } from '../format.ts';
import { outcomeOf } from '../outcome.ts';
import { plainLine } from '../plain.ts';
import { OUTCOME_MARKS, palette } from './palette.ts';
import { cut, type Line, renderLine, span, textWidth } from './spans.ts';

export type ProgressOptions = {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
};

/** How far a set of runs is. */
export type Progress = {
  readonly done: number;
  readonly total: number;
};

/** One line as a run ends, for stderr, without a line feed: `[2/7] ✗ fail api-write  p95 24.1 ms  in 1.20 s  reason`. */
export function renderProgressLine(run: Run, progress: Progress, options: ProgressOptions): string {
  const outcome = outcomeOf(run);
  const { mark, style } = OUTCOME_MARKS[outcome];
  const total = String(progress.total);
  const figures =
    run.status === 'done'
      ? `  p95 ${formatLatency(run.latencyMs.p95, run.samples)}  in ${formatMs(run.durationMs)}`
      : '';
  const line: Line = [
    span(`[${String(progress.done).padStart(total.length)}/${total}] `, 'faint'),
    span(`${mark} ${outcome} `, style),
    span(plainLine(run.probe), 'strong'),
    span(figures, 'faint'),
    span(outcome === 'pass' || run.reasons.length === 0 ? '' : `  ${plainLine(run.reasons[0] ?? '')}`),
  ];
  return renderLine(fit(line, options.width), palette(options.colour));
}

/** A bar for a terminal, without a line feed: `█████░░░░░ 3/6  api-read, ws-replay`. */
export function renderProgressBar(progress: Progress, running: readonly string[], options: ProgressOptions): string {
  const columns = Math.min(24, Math.max(8, Math.floor(options.width / 4)));
  const share = progress.total === 0 ? 1 : Math.min(1, progress.done / progress.total);
  const full = Math.round(share * columns);
  const line: Line = [
    span('█'.repeat(full), 'good'),
    span('░'.repeat(columns - full), 'faint'),
    span(` ${progress.done}/${progress.total}`),
    span(running.length === 0 ? '' : `  ${running.map(plainLine).join(', ')}`, 'faint'),
  ];
  return renderLine(fit(line, options.width), palette(options.colour));
}

/** The line in `width` columns: the spans that no longer fit are cut. */
function fit(line: Line, width: number): Line {
  let left = width;
  return line.map((one) => {
    const text = left <= 0 ? '' : cut(one.text, left);
    left -= textWidth(one.text);
    return { ...one, text };
  });
}
