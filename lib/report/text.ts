import type { Run, RunDocument, VariableReport } from '../result/result.ts';
import { shownValue } from './facts.ts';
import { formatInstant } from './format.ts';
import { sumUp } from './outcome.ts';
import { plainLine } from './plain.ts';
import { becauseLines, detailLines } from './text/details.ts';
import { type Grid, headline, measureGrid, nameWidth, stepLine } from './text/headline.ts';
import { OUTCOME_MARKS, palette } from './text/palette.ts';
import { hang, type Line, padEnd, renderLine, span, textWidth } from './text/spans.ts';

export { type Progress, type ProgressOptions, renderProgressBar, renderProgressLine } from './text/progress.ts';

export type TextOptions = {
  /** Adds ANSI colours; the words say the same without them. */
  readonly colour: boolean;
  /** Columns; made for 60 and up. */
  readonly width: number;
  /** Every check, phase and the tool's own state too. Default false. */
  readonly verbose?: boolean;
};

/** The report of a terminal, with a line feed at its end. */
export function renderText(document: RunDocument, options: TextOptions): string {
  const paint = palette(options.colour);
  const width = Math.max(40, options.width);
  const grid = measureGrid(document.runs, width);
  const lines: readonly Line[] = [
    ...titleLines(document, width),
    [],
    ...variableLines(document.variables, width),
    ...document.runs.flatMap((run) => [...runLines(run, grid, options.verbose ?? false), []]),
    ...hang([], summaryLine(document), width),
  ];
  return `${lines.map((line) => renderLine(line, paint)).join('\n')}\n`;
}

function titleLines(document: RunDocument, width: number): readonly Line[] {
  const rest = [
    plainLine(document.environment),
    formatInstant(plainLine(document.startedAt)),
    plainLine(document.tool),
  ];
  return hang([], [span(plainLine(document.service), 'strong'), span(`  ${rest.join('  ')}`, 'faint')], width);
}

function variableLines(variables: readonly VariableReport[], width: number): readonly Line[] {
  if (variables.length === 0) return [];
  const name = Math.max(...variables.map((one) => textWidth(plainLine(one.name))));
  const lines = variables.flatMap((one) =>
    hang(
      [span(`${padEnd(plainLine(one.name), name)}  `, 'faint')],
      [
        span(plainLine(shownValue(one)), one.set || !one.required ? undefined : 'bad'),
        span(one.source === null ? '' : `  from ${plainLine(one.source)}`, 'faint'),
      ],
      width,
    ),
  );
  return [...lines, []];
}

function runLines(run: Run, grid: Grid, verbose: boolean): readonly Line[] {
  const names = nameWidth(run.steps);
  const steps = run.status === 'done' && run.steps.length > 1 ? run.steps : [];
  return [
    ...headline(run, grid),
    ...becauseLines(run, grid.width),
    ...steps.flatMap((step) => stepLine(step, grid, names)),
    ...detailLines(run, grid.width, verbose),
  ];
}

function summaryLine(document: RunDocument): Line {
  const sum = sumUp(document.runs);
  if (document.verdict === null) return [span('– no verdict', 'strong'), span(`  ${sum}`)];
  const { mark, style } = OUTCOME_MARKS[document.verdict];
  return [span(`${mark} ${document.verdict}`, style), span(`  ${sum}`)];
}
