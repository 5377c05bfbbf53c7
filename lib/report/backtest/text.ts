import type { IncidentOutcome, IncidentReport } from '../../judge/backtest/incidents.ts';
import type { Episode } from '../../judge/backtest.ts';
import { plural } from '../format.ts';
import { plainLine } from '../plain.ts';
import { palette, type Style } from '../text/palette.ts';
import { hang, type Line, lineWidth, padEnd, renderLine, span, textWidth, wrap } from '../text/spans.ts';
import { type BacktestReport, type ChangeReport, totalsOf } from './report.ts';
import { type StripCell, type StripRow, stripOf } from './strip.ts';
import {
  diffWords,
  episodeStretch,
  formatTime,
  formatValue,
  incidentWords,
  outcomeWords,
  readinessWords,
  ruleName,
  skippedWords,
  spanWords,
  totalWords,
} from './words.ts';

export type BacktestTextOptions = { readonly colour: boolean /** Columns. */; readonly width: number };

const blank: Line = [];

const marks = { page: { mark: '▲', style: 'bad' }, ticket: { mark: '△', style: 'warn' } } as const satisfies Record<
  Episode['severity'],
  { mark: string; style: Style }
>;

const levels = '▁▂▃▄▅▆▇█';

const cellSpan = ({ level, begins, open }: StripCell) => {
  const bar = level === null ? ' ' : (levels[Math.min(7, Math.floor(level * 8))] ?? ' ');
  if (begins) return span(marks[begins].mark, marks[begins].style);
  return open ? span(bar, marks[open].style) : span(bar);
};

const tailOf = ({ pages, tickets }: StripRow): string =>
  [pages > 0 ? plural(pages, 'page') : '', tickets > 0 ? plural(tickets, 'ticket') : ''].filter(Boolean).join(', ');

const stripLines = ({ trace, replayed, measure }: BacktestReport, width: number): readonly Line[] => {
  const { fromMs, toMs, episodes } = replayed;
  if (fromMs === null || toMs === null) return [];
  const cells = Math.min(56, Math.max(12, width - 34));
  const strip = stripOf(trace, episodes, fromMs, toMs, cells);
  const labels = Math.max(...strip.rows.map(({ label }) => label.length));
  const [lowest, highest] = [strip.lowest, strip.highest].map((value) => formatValue(value, measure));
  const legend = `${plainLine(measure.name)} ▁ ${lowest} to █ ${highest};  ▲ a page begins, △ a ticket`;
  return [
    ...strip.rows.map((row) => [
      span(`${padEnd(row.label, labels)}  `, 'faint'),
      ...row.cells.map(cellSpan),
      span(`  ${tailOf(row)}`),
    ]),
    ...hang([span(`${' '.repeat(labels)}  `)], [span(legend, 'faint')], width),
    blank,
  ];
};

const headline = ({ source, replayed }: BacktestReport, width: number): readonly Line[] =>
  wrap([span(plainLine(source.name), 'strong'), span(`: ${spanWords(replayed)}`)], width);

const ruleLines = ({ settings, replayed }: BacktestReport, width: number): readonly Line[] =>
  settings.flatMap((one) => {
    const readiness = readinessWords(one, replayed);
    const words = `${plainLine(ruleName(one))}: ${plainLine(one.words)}, as a ${one.severity}`;
    return hang([span('  ')], [span(readiness === '' ? words : `${words}; ${readiness}`, 'faint')], width);
  });

const total = ({ replayed }: BacktestReport): Line => {
  const { pages, tickets } = totalsOf(replayed);
  const weeks = replayed.perWeek.length;
  const rate = weeks > 1 ? `, ${((pages + tickets) / weeks).toFixed(1)} a week` : '';
  return [span(totalWords(replayed), pages > 0 ? 'bad' : tickets > 0 ? 'warn' : 'good'), span(rate, 'faint')];
};

/** As many as one reads; the others are in the JSON and in the picture. */
const mostListed = 50;

const episodeLine = (episode: Episode, durations: number): Line => [
  span(`${marks[episode.severity].mark} `, marks[episode.severity].style),
  span(`${formatTime(episode.atMs)}  `),
  span(`${padEnd(episodeStretch(episode), durations)}  `),
  span(`${padEnd(episode.rule, 10)}  `, 'strong'),
];

const episodeLines = (episodes: readonly Episode[], width: number): readonly Line[] => {
  const listed = episodes.slice(0, mostListed);
  if (listed.length === 0) return [];
  const durations = Math.max(8, ...listed.map((episode) => episodeStretch(episode).length));
  const rest = episodes.length - listed.length;
  return [
    [span(`  ${padEnd('from (UTC)', 16)}  ${padEnd('for', durations)}  ${padEnd('rule', 10)}  because`, 'faint')],
    ...listed.flatMap((episode) => hang(episodeLine(episode, durations), [span(plainLine(episode.reason))], width)),
    ...(rest > 0 ? [[span(`  and ${plural(rest, 'more')}: see --json or --html`, 'faint')]] : []),
    blank,
  ];
};

const resultMarks: Readonly<Record<IncidentOutcome['result'], { readonly mark: string; readonly style: Style }>> = {
  found: { mark: '✓', style: 'good' },
  'already open': { mark: '!', style: 'warn' },
  missed: { mark: '✗', style: 'bad' },
  outside: { mark: '–', style: 'faint' },
};

const incidentLines = (report: IncidentReport, width: number): readonly Line[] => {
  const names = report.incidents.map(({ name }) => plainLine(name ?? 'incident'));
  const wide = Math.min(32, Math.max(...names.map(textWidth), 0));
  const lines = report.incidents.slice(0, mostListed).flatMap((incident, index) => {
    const { mark, style } = resultMarks[incident.result];
    const first: Line = [
      span(`${mark} `, style),
      span(`${formatTime(incident.startMs)}  `),
      span(`${padEnd(names[index] ?? '', wide)}  `, 'strong'),
    ];
    return hang(first, [span(outcomeWords(incident), style)], width);
  });
  const rest = report.incidents.length - mostListed;
  return [
    ...wrap([span(incidentWords(report), report.missed > 0 ? 'warn' : 'strong')], width),
    ...lines,
    ...(rest > 0 ? [[span(`  and ${plural(rest, 'more')}: see --json`, 'faint')]] : []),
    blank,
  ];
};

const changeLines = (report: BacktestReport, change: ChangeReport, width: number): readonly Line[] => {
  const told = (sign: string, style: Style, episode: Episode, more = ''): readonly Line[] =>
    hang(
      [span(`${sign} `, style), span(`${episode.severity} `, 'strong'), span(`${formatTime(episode.atMs)}  `)],
      [span(`${more}${plainLine(episode.reason)}`)],
      width,
    );
  const { gained, lost, moved } = change.diff;
  const lines = [
    ...gained.flatMap((episode) => told('+', 'bad', episode)),
    ...lost.flatMap((episode) => told('-', 'good', episode)),
    ...moved.flatMap(({ before, after }) =>
      told('~', 'warn', after, `was a ${before.severity} at ${formatTime(before.atMs)}: `),
    ),
  ];
  const head: Line = [
    span(`with ${plainLine(change.words)}`, 'strong'),
    span(`: ${totalWords(change.replayed)}; ${diffWords(report)}`),
  ];
  const rest = lines.length - 2 * mostListed;
  return [
    ...wrap(head, width),
    ...lines.slice(0, 2 * mostListed),
    ...(rest > 0 ? [[span(`  and ${plural(rest, 'more line')}: see --json`, 'faint')]] : []),
    blank,
  ];
};

const skippedLines = ({ skipped }: BacktestReport, width: number): readonly Line[] =>
  skipped.length === 0
    ? []
    : [
        [span('left out:', 'warn')],
        ...skipped.flatMap((one) => hang([span('  ')], [span(plainLine(skippedWords(one)))], width)),
        blank,
      ];

/** A backtest for a terminal: what was read, a strip of it, and every alert with its reason. */
export const renderBacktestText = (report: BacktestReport, { colour, width }: BacktestTextOptions): string => {
  const { replayed, incidents, change } = report;
  const lines = [
    ...headline(report, width),
    ...ruleLines(report, width),
    blank,
    ...stripLines(report, width),
    total(report),
    blank,
    ...episodeLines(replayed.episodes, width),
    ...(incidents ? incidentLines(incidents, width) : []),
    ...(change ? changeLines(report, change, width) : []),
    ...skippedLines(report, width),
  ];
  const paint = palette(colour);
  const last = lines.findLastIndex((line) => lineWidth(line) > 0);
  return `${lines
    .slice(0, last + 1)
    .map((line) => renderLine(line, paint))
    .join('\n')}\n`;
};
