import type { Run, StepSummary, ThresholdResult } from '../../result/result.ts';
import { formatActual, formatLatency, formatMs, formatSamples } from '../format.ts';
import { outcomeOf } from '../outcome.ts';
import { plainLine } from '../plain.ts';
import { figureSpans } from './measured.ts';
import { OUTCOME_MARKS } from './palette.ts';
import { cut, hang, type Line, lineWidth, padEnd, padStart, type Span, span, textWidth, whole } from './spans.ts';

/** Columns that every headline and step line of a report shares. */
export type Grid = {
  readonly width: number;
  readonly word: number;
  readonly probe: number;
  readonly kind: number;
  readonly samples: number;
  /** Width of a latency with its unit. */
  readonly figure: number;
  /** All figures stand in one line; else they stand under the name. */
  readonly roomy: boolean;
};

const FIGURES = ['p50', 'p95', 'max'] as const;
export const INDENT = 4;

export function measureGrid(runs: readonly Run[], width: number): Grid {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(textWidth));
  const measured = runs.filter((run) => run.status === 'done');
  const summaries = measured.flatMap((run) => [run, ...run.steps]);
  const grid = {
    width,
    word: widest(runs.map(outcomeOf)),
    probe: Math.min(40, widest(runs.map((run) => plainLine(run.probe)))),
    kind: widest(runs.map((run) => run.kind)),
    samples: widest(measured.map((run) => formatSamples(run.samples, run.planned))),
    figure: widest(summaries.flatMap((one) => FIGURES.map((name) => formatLatency(one.latencyMs[name], one.samples)))),
    roomy: true,
  };
  const took = widest(measured.map((run) => `in ${formatMs(run.durationMs)}`));
  return { ...grid, roomy: leftWidth(grid) + FIGURES.length * (grid.figure + 6) + took + 2 <= width };
}

function leftWidth(grid: Grid): number {
  return 2 + grid.word + 2 + grid.probe + 2 + grid.kind + 2 + grid.samples + 2;
}

/** `✓ pass  api-read  http  20 samples  p50 12.3 ms  p95 18.0 ms  max 24.1 ms  in 1.20 s` */
export function headline(run: Run, grid: Grid): readonly Line[] {
  const outcome = outcomeOf(run);
  const { mark, style } = OUTCOME_MARKS[outcome];
  const name: Line = [
    span(`${mark} ${padEnd(outcome, grid.word)}  `, style),
    span(padEnd(cut(plainLine(run.probe), grid.probe), grid.probe), 'strong'),
    span(`  ${padEnd(run.kind, grid.kind)}  `, 'faint'),
  ];
  if (run.status !== 'done') return [name];
  const samples = formatSamples(run.samples, run.planned);
  const took = whole(`in ${formatMs(run.durationMs)}`, 'faint');
  if (grid.roomy) return [[...name, span(`${padEnd(samples, grid.samples)}  `), ...figures(run, grid), took]];
  return [
    name,
    ...hang([span(' '.repeat(INDENT))], [whole(samples), span('  '), ...figures(run, grid), took], grid.width),
  ];
}

/** `    list   p50 8.10 ms  p95 12.0 ms  max 14.0 ms  ✓ p(95)<200 12.0 ms` */
export function stepLine(step: StepSummary, grid: Grid, nameWidth: number): readonly Line[] {
  const room = grid.roomy ? leftWidth(grid) - INDENT - 2 : Math.min(nameWidth, Math.floor(grid.width / 3));
  const name = [
    span(' '.repeat(INDENT)),
    span(`${padEnd(cut(plainLine(step.name), room), room)}  `, step.status === 'failed' ? 'bad' : 'faint'),
  ];
  if (step.status === 'skipped') {
    return hang(
      name,
      [span('skipped', 'faint'), span(step.reason === undefined ? '' : `: ${plainLine(step.reason)}`, 'faint')],
      grid.width,
    );
  }
  const thresholds = step.thresholds.flatMap((one) => [...thresholdSpans(one), span('  ')]);
  return hang(name, [...figures(step, grid), ...figureSpans(step), ...thresholds], grid.width);
}

/** `✗ p(95)<200 312 ms` */
export function thresholdSpans(threshold: ThresholdResult): readonly Span[] {
  const text = `${threshold.passed ? '✓' : '✗'} ${plainLine(threshold.threshold)} ${formatActual(threshold)}`;
  return [whole(text, threshold.passed ? 'good' : threshold.unit === 'ms' ? 'warn' : 'bad')];
}

function figures(of: Pick<StepSummary, 'latencyMs' | 'samples'>, grid: Grid): readonly Span[] {
  return FIGURES.flatMap((name) => {
    const value = formatLatency(of.latencyMs[name], of.samples);
    return [whole(`${name} ${grid.roomy ? padStart(value, grid.figure) : value}`), span('  ')];
  });
}

/** Widest name among the steps, for the column of names. */
export function nameWidth(steps: readonly StepSummary[]): number {
  return Math.max(0, ...steps.map((step) => lineWidth([span(plainLine(step.name))])));
}
