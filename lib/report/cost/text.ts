import type { CostEstimate, CostLine, CostUse } from '../../cost/estimate.ts';
import { formatUsd } from '../../cost/money.ts';
import { formatCount, plural } from '../format.ts';
import { plainLine } from '../plain.ts';
import { palette } from '../text/palette.ts';
import { hang, type Line, padEnd, padStart, renderLine, span, whole } from '../text/spans.ts';

export type CostReport = CostEstimate & {
  readonly service: string;
  readonly budget?: { readonly monthlyUsd: number; readonly holds: boolean };
};

type CostTextOptions = {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
  /** Shows each figure that the estimate takes for granted; else a line says how to see them. */
  readonly verbose: boolean;
};

/** `8,760`, `4.35`, `0.0022`: three digits, and whole numbers whole. */
const formatQuantity = (quantity: number): string => {
  if (quantity >= 99.95) return formatCount(Math.round(quantity));
  return String(Number(quantity.toPrecision(3)));
};

const withUnit = (quantity: number, unit: string): string => {
  const figure = formatQuantity(quantity);
  return `${figure} ${figure === '1' ? unit.replace(/s$/, '') : unit}`;
};

const usesWords = (uses: readonly CostUse[]): string =>
  uses
    .toSorted((left, right) => right.usd - left.usd)
    .map(({ quantity, unit }) => withUnit(quantity, unit))
    .join(', ');

type Grid = { readonly width: number; readonly name: number; readonly usd: number };

const row = (name: string, usd: string, words: string, { width, ...grid }: Grid): readonly Line[] =>
  hang(
    [whole(`  ${padEnd(name, grid.name)}  ${padStart(usd, grid.usd)}  `)],
    // A dash keeps the column where there is nothing to say.
    [span(words === '' ? '–' : words, 'faint')],
    width,
  );

const section = (title: string, usd: number, lines: readonly CostLine[], grid: Grid): readonly Line[] => [
  [whole(padEnd(title, grid.name + 4), 'strong'), whole(padStart(formatUsd(usd), grid.usd), 'strong')],
  ...lines.flatMap((line) => row(line.what, formatUsd(line.usd), usesWords(line.uses), grid)),
  [],
];

const perRun = (usd: number | null): string => (usd === null ? '–' : formatUsd(usd));

/** One service beside the other: a month, and a run more of it. */
const comparison = ({ totalUsd, fixedUsd, perRunUsd, runs, synthetics }: CostEstimate): readonly Line[] => {
  const canaryUsd = runs === 0 ? null : synthetics.totalUsd / runs;
  const rows = [
    ['', 'a month', 'fixed', 'a run'],
    ['Plimsoll', formatUsd(totalUsd), formatUsd(fixedUsd), perRun(perRunUsd)],
    ['CloudWatch Synthetics', formatUsd(synthetics.totalUsd), formatUsd(0), perRun(canaryUsd)],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((each) => each[column]?.length ?? 0)));
  return rows.map((cells, index) => {
    const padded = cells.map((cell, column) => (column === 0 ? padEnd : padStart)(cell, widths[column] ?? 0));
    return [whole(padded.join('  '), index === 0 ? 'faint' : undefined)];
  });
};

const freeTierWords = ({ freeTier: { applied, totalUsd } }: CostEstimate): string =>
  applied
    ? 'what every account has free of charge is taken off: another stack may have used it up'
    : `what every account has free of charge is not taken off: with it a month costs ${formatUsd(totalUsd)} (--free-tier)`;

const budgetLines = ({ budget }: CostReport, width: number): readonly Line[] => {
  if (budget === undefined) return [];
  const words = `the budget is ${formatUsd(budget.monthlyUsd)} a month: ${budget.holds ? 'it holds' : 'it does not hold'}`;
  return hang([], [span(words, budget.holds ? 'good' : 'bad')], width);
};

const assumptionLines = ({ assumptions }: CostEstimate, width: number, verbose: boolean): readonly Line[] => {
  if (!verbose) {
    const words = `${plural(assumptions.length, 'figure')} are taken for granted, each with its reason: --verbose shows them`;
    return hang([], [span(words, 'faint')], width);
  }
  const name = Math.max(...assumptions.map((each) => each.name.length));
  const figures = assumptions.map(({ value, unit }) => withUnit(value, unit));
  const figure = Math.max(...figures.map(({ length }) => length));
  const rows = assumptions.flatMap((each, index) =>
    hang(
      [whole(`  ${padEnd(each.name, name)}  ${padEnd(figures[index] ?? '', figure)}  `)],
      [span(each.why, 'faint')],
      width,
    ),
  );
  return [[], [span('taken for granted', 'strong')], ...rows];
};

/** The bill of a month for a terminal, with a line feed at its end. */
export const renderCostText = (report: CostReport, { colour, width: columns, verbose }: CostTextOptions): string => {
  const width = Math.max(60, columns);
  const { fixed, marginal, synthetics, runs } = report;
  const all = [...fixed, ...marginal, ...synthetics.lines];
  const totals = [report.fixedUsd, report.marginalUsd, synthetics.totalUsd];
  const grid: Grid = {
    width,
    name: Math.max(...all.map(({ what }) => what.length), 24),
    usd: Math.max(...[...all.map(({ usd }) => usd), ...totals].map((usd) => formatUsd(usd).length)),
  };
  const title = `  a month in AWS, ${report.region}, prices of ${report.date}`;
  const lines: readonly Line[] = [
    ...hang([], [span(plainLine(report.service), 'strong'), span(title, 'faint')], width),
    [],
    ...section('fixed', report.fixedUsd, fixed, grid),
    ...section(`${formatQuantity(runs)} runs`, report.marginalUsd, marginal, grid),
    ...section('CloudWatch Synthetics', synthetics.totalUsd, synthetics.lines, grid),
    ...comparison(report),
    [],
    ...budgetLines(report, width),
    ...hang([], [span(freeTierWords(report), 'faint')], width),
    ...hang(
      [],
      [span('in one region, once runs have been kept for as long as they are; without taxes', 'faint')],
      width,
    ),
    ...assumptionLines(report, width, verbose),
  ];
  const paint = palette(colour);
  return `${lines.map((line) => renderLine(line, paint)).join('\n')}\n`;
};
