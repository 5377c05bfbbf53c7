import type { BaselineAct } from '../../result/store.ts';
import { formatCount, formatInstant, formatMs, formatRatio, plural } from '../format.ts';
import { plainLine } from '../plain.ts';
import { palette, type Style } from '../text/palette.ts';
import { hang, type Line, padEnd, padStart, renderLine, span, textWidth } from '../text/spans.ts';
import type { BaselineView, ConfirmedChange, SeriesView } from './view.ts';

export type BaselineTextOptions = {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
};

const styles: Readonly<Record<BaselineView['state'], Style>> = {
  active: 'good',
  provisional: 'warn',
  none: 'faint',
  off: 'faint',
};

const indent = '    ';

const latency = (ms: number | null): string => (ms === null ? '–' : formatMs(ms));
const ratio = (value: number | null | undefined): string => (typeof value === 'number' ? formatRatio(value) : '–');

const heads = ['series', 'state', 'p50', 'p95', 'p99', 'blocks', 'samples', 'accepted', 'drift', ''] as const;

const cellsOf = (one: SeriesView): readonly string[] => [
  plainLine(one.series),
  one.state,
  latency(one.p50),
  latency(one.p95),
  latency(one.p99),
  formatCount(one.blocks),
  formatCount(one.samples),
  latency(one.anchorP95),
  ratio(one.drift),
  [...(one.pinned ? ['pinned'] : []), ...(one.season ? ['season'] : [])].join(', '),
];

/** Names stand to the left, figures to the right. */
const isText = (column: number): boolean => column < 2 || column === heads.length - 1;

const tableLines = (series: readonly SeriesView[]): readonly Line[] => {
  if (series.length === 0) return [];
  const rows = [heads, ...series.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => textWidth(row[column] ?? ''))));
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isText(column) ? padEnd(cell, widths[column] ?? 0) : padStart(cell, widths[column] ?? 0)))
      .join('  ');
  return rows.map((row, index) => [span(indent), span(lineOf(row), index === 0 ? 'faint' : undefined)]);
};

const labelled = (label: string, body: Line, width: number): readonly Line[] =>
  hang([span(`${indent}${padEnd(label, 11)}  `, 'faint')], body, width);

const changeLines = (
  label: string,
  { series }: BaselineView,
  of: (one: SeriesView) => ConfirmedChange | null,
  advice: string,
  style: Style,
  width: number,
): readonly Line[] =>
  series.flatMap((one) => {
    const change = of(one);
    if (!change) return [];
    const text = `${plainLine(one.series)} since ${formatInstant(change.since)}${advice}`;
    return labelled(label, [span(text, style)], width);
  });

const noteLines = (view: BaselineView, width: number): readonly Line[] => {
  const accept = `plimsoll baseline accept ${view.probe} --why …`;
  const held = view.series.filter(({ held: blocks }) => blocks > 0);
  return [
    ...(view.latest
      ? labelled('latest run', [span(plainLine(`${view.latest.series}: ${view.latest.reason}`))], width)
      : []),
    ...changeLines(
      'regression',
      view,
      ({ regression }) => regression,
      `; if that is right from now on: ${accept}`,
      'bad',
      width,
    ),
    ...changeLines(
      'improvement',
      view,
      ({ improvement }) => improvement,
      `; to hold it to that: ${accept}`,
      'good',
      width,
    ),
    ...held.flatMap(({ series, held: blocks }) =>
      labelled(
        'held back',
        [span(`${plural(blocks, 'block')} of ${plainLine(series)}, which may be another level`, 'faint')],
        width,
      ),
    ),
    ...(view.lastAct ? labelled('last change', [span(describeAct(view.lastAct))], width) : []),
  ];
};

const headLine = (view: BaselineView): Line => {
  const since = view.startedAt === null ? '' : `  since ${formatInstant(view.startedAt)}`;
  const nothing =
    view.state !== 'off' && view.series.length === 0 ? '  nothing learnt yet: it takes scheduled runs' : '';
  return [
    span(plainLine(view.probe), 'strong'),
    span('  '),
    span(view.state, styles[view.state]),
    span(`${since}${nothing}`, 'faint'),
  ];
};

const whatOf = ({ act, series, ratio: taken }: BaselineAct): string =>
  [act, ...(series === undefined ? [] : [series]), ...(taken === undefined ? [] : [formatRatio(taken)])].join(' ');

/** `2026-11-02 13:00:00 UTC  accepted total ×1.31 by ann: the new index is slower, and that is fine`. */
export const describeAct = (act: BaselineAct): string => {
  const why = act.why === '' ? '' : `: ${act.why}`;
  return plainLine(`${formatInstant(act.at)}  ${whatOf(act)} by ${act.who}${why}`);
};

/** Baselines for a terminal, with a line feed at the end. */
export const renderBaselines = (views: readonly BaselineView[], { colour, width }: BaselineTextOptions): string => {
  const lines = views.flatMap((view): readonly Line[] => [
    headLine(view),
    ...tableLines(view.series),
    ...noteLines(view, width),
    [],
  ]);
  return `${lines
    .slice(0, -1)
    .map((line) => renderLine(line, palette(colour)))
    .join('\n')}\n`;
};

/** What was done to baselines, newest first, with a line feed at the end. */
export const renderHistories = (
  histories: readonly { readonly probe: string; readonly history: readonly BaselineAct[] }[],
  { colour, width }: BaselineTextOptions,
): string => {
  const lines = histories.flatMap(({ probe, history }): readonly Line[] => [
    [span(plainLine(probe), 'strong'), ...(history.length === 0 ? [span('  nothing yet', 'faint')] : [])],
    ...history.toReversed().flatMap((act) => hang([span(indent)], [span(describeAct(act))], width)),
    [],
  ]);
  return `${lines
    .slice(0, -1)
    .map((line) => renderLine(line, palette(colour)))
    .join('\n')}\n`;
};
