import { ruleWords } from '../../judge/alarm-rule.ts';
import type { ProbeState } from '../../judge/memory.ts';
import type { Run } from '../../result/result.ts';
import { formatLatency, formatMs } from '../format.ts';
import { outcomeOf } from '../outcome.ts';
import { plainLine } from '../plain.ts';
import { OUTCOME_MARKS, palette, type Style } from './palette.ts';
import { cut, type Line, padEnd, padStart, renderLine, span } from './spans.ts';

export type WatchLineOptions = {
  readonly colour: boolean;
  /** Columns of the probe's name. */
  readonly nameWidth: number;
};

const longestOutcome = Math.max(...Object.keys(OUTCOME_MARKS).map((outcome) => outcome.length));
const figureWidth = 8;

/** `13:00:05` of an ISO stamp: a watch is read on the day it runs. */
const timeOf = (iso: string): string => iso.slice(11, 19);

const nameOf = (probe: string, { nameWidth }: WatchLineOptions): string =>
  padEnd(cut(plainLine(probe), nameWidth), nameWidth);

const figures = (run: Run): string => {
  if (run.status !== 'done') return '';
  const p95 = padStart(formatLatency(run.latencyMs.p95, run.samples), figureWidth);
  return `  p95 ${p95}  in ${padStart(formatMs(run.durationMs), figureWidth)}`;
};

const because = (run: Run): string => {
  const [first, ...more] = run.reasons;
  if (outcomeOf(run) === 'pass' || first === undefined) return '';
  return `  ${plainLine(first)}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
};

/** `13:00:05  ✗ fail          api-read  p95  24.1 ms  in   1.20 s  list: status equals 200 failed: got 503`. */
export const renderWatchLine = (run: Run, options: WatchLineOptions): string => {
  const outcome = outcomeOf(run);
  const { mark, style } = OUTCOME_MARKS[outcome];
  const line: Line = [
    span(`${timeOf(run.startedAt)}  `, 'faint'),
    span(`${mark} ${padEnd(outcome, longestOutcome)}  `, style),
    span(nameOf(run.probe, options), 'strong'),
    span(figures(run), 'faint'),
    span(because(run)),
  ];
  return renderLine(line, palette(options.colour));
};

const stateStyles: Readonly<Record<ProbeState['state'], Style>> = {
  ok: 'good',
  pending: 'warn',
  breached: 'bad',
  recovering: 'warn',
};

/** `13:00:05  ▲ breached      api-read  was ok: latency of total`; nothing when the state is what it was. */
export const renderStateLine = (
  before: ProbeState | undefined,
  after: ProbeState,
  options: WatchLineOptions,
): string | undefined => {
  const was = before?.state ?? 'ok';
  if (was === after.state) return undefined;
  const line: Line = [
    span(`${timeOf(after.since ?? '')}  `, 'faint'),
    span(
      `${after.state === 'breached' ? '▲' : '·'} ${padEnd(after.state, longestOutcome)}  `,
      stateStyles[after.state],
    ),
    span(nameOf(after.probe, options), 'strong'),
    span(
      `  was ${was}${after.rule === undefined || after.rule === 'runs' ? '' : `: ${ruleWords(after.rule)}`}`,
      'faint',
    ),
  ];
  return renderLine(line, palette(options.colour));
};
