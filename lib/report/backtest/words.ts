import { formatDurationMs } from '../../config/duration.ts';
import type { IncidentOutcome, IncidentReport } from '../../judge/backtest/incidents.ts';
import type { SkipCause, Skipped } from '../../judge/backtest/point.ts';
import { type Episode, type Replayed, type RuleSubject, runsSubject } from '../../judge/backtest.ts';
import { formatCount, formatMs, plural } from '../format.ts';
import { type BacktestReport, type RuleSettings, standingOf, totalsOf } from './report.ts';

/** `2026-04-07 13:00` in UTC, to the minute. */
export const formatTime = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

/** What was measured, with three figures or so. */
export const formatValue = (value: number, { unit }: BacktestReport['measure']): string =>
  unit === 'ms' ? formatMs(value) : String(Number(value.toPrecision(value >= 1000 ? 4 : 3)));

/** The last part of a path: what a person calls the file. */
export const shortName = ({ name }: BacktestReport['source']): string => name.split(/[\\/]/).at(-1) || name;

/** A stretch of time in its two largest units: `3h 20m`, `2d 4h`. */
export const formatStretch = (ms: number): string => {
  const units = formatDurationMs(Math.abs(ms) < 1000 ? ms : Math.round(ms / 1000) * 1000).split(' ');
  return units.slice(0, 2).join(' ');
};

export const episodeStretch = ({ atMs, untilMs }: Episode): string =>
  untilMs === null ? 'still open' : formatStretch(untilMs - atMs);

/** `2 pages and 1 ticket`. */
export const totalWords = (replayed: Replayed): string => {
  const { pages, tickets } = totalsOf(replayed);
  return `${plural(pages, 'page')} and ${plural(tickets, 'ticket')}`;
};

export const spanWords = ({ points, fromMs, toMs }: Replayed): string =>
  fromMs === null || toMs === null
    ? 'no points'
    : `${plural(points, 'point')}, ${formatTime(fromMs)} to ${formatTime(toMs)} UTC${toMs > fromMs ? ` (${formatStretch(toMs - fromMs)})` : ''}`;

/** `slo of p(95)<400`; of rules on the runs themselves, their name says it. */
export const ruleName = ({ rule, subject }: RuleSubject): string =>
  rule === 'overdue' || subject === runsSubject ? rule : `${rule} of ${subject}`;

/** Since when a rule could fire. */
export const readinessWords = (settings: RuleSettings, replayed: Replayed): string => {
  const readyMs = standingOf(replayed, settings)?.readyMs ?? null;
  if (readyMs === null) return 'never had enough to go by';
  return readyMs === replayed.fromMs ? '' : `judges from ${formatTime(readyMs)} on`;
};

const causeWords: Readonly<Record<SkipCause, string>> = {
  time: 'no readable time',
  value: 'no usable value (a number of 0 and up)',
  count: 'n is no whole number of 1 and up',
  columns: 'too few columns',
  json: 'no JSON object',
  samples: 'no usable samples (numbers of 0 and up, or null)',
  'too long': 'too long to be a row',
  duplicate: 'a time that was there before (the first counts)',
};

export const skippedWords = ({ cause, rows, firstLine, example }: Skipped): string =>
  `${plural(rows, 'row')}: ${causeWords[cause]}; the first on line ${formatCount(firstLine)}: ${JSON.stringify(example)}`;

export const outcomeWords = ({ result, findings }: IncidentOutcome): string => {
  const [first] = findings;
  if (result === 'outside') return 'outside the history';
  if (result === 'missed' || !first) return 'missed';
  const by = `by a ${first.severity} of ${first.rule}`;
  return result === 'found'
    ? `found after ${formatStretch(first.delayMs)} ${by}`
    : `already open for ${formatStretch(-first.delayMs)}, ${by}`;
};

/** `2 of 3 incidents found, half of them within 2h; 1 missed; 4 false alerts`. */
export const incidentWords = (report: IncidentReport): string => {
  const { found, missed, alreadyOpen, outside, falseAlerts, medianDelayMs } = report;
  const judged = found + missed + alreadyOpen;
  const delay = medianDelayMs === null ? '' : `, half of them within ${formatStretch(medianDelayMs)}`;
  return [
    `${found} of ${plural(judged, 'incident')} found${delay}`,
    `${missed} missed`,
    ...(alreadyOpen > 0 ? [`${alreadyOpen} while an alert was open already`] : []),
    plural(falseAlerts, 'false alert'),
    ...(outside > 0 ? [`${outside} outside the history`] : []),
  ].join('; ');
};

export const diffWords = ({ change }: BacktestReport): string => {
  if (!change) return '';
  const { gained, lost, moved, same } = change.diff;
  return `${gained.length} gained, ${lost.length} lost, ${moved.length} moved, ${same} the same`;
};
