import type { IncidentReport } from '../../judge/backtest/incidents.ts';
import type { Episode } from '../../judge/backtest.ts';
import { formatCount, plural } from '../format.ts';
import { loadLine, outcomeIcon } from '../html/icons.ts';
import { figureHeads, html, type Markup, table } from '../html/markup.ts';
import { shell } from '../html/shell.ts';
import { historyChart } from './chart.ts';
import { type BacktestReport, type ChangeReport, totalsOf } from './report.ts';
import { BACKTEST_STYLE } from './style.ts';
import { weeksChart } from './weeks.ts';
import {
  diffWords,
  episodeStretch,
  formatStretch,
  formatTime,
  incidentWords,
  outcomeWords,
  readinessWords,
  ruleName,
  shortName,
  skippedWords,
  spanWords,
  totalWords,
} from './words.ts';

const severityPill = (severity: Episode['severity']): Markup =>
  html`<span class="pill is-${severity}">${outcomeIcon(severity === 'page' ? 'fail' : 'degraded')}${severity}</span>`;

const masthead = (report: BacktestReport): Markup => {
  const { replayed, source, incidents } = report;
  const { pages, tickets } = totalsOf(replayed);
  const count = (kind: string, number: number, noun: string) =>
    html`<li class="is-${number > 0 ? kind : 'pass'}">${outcomeIcon(number > 0 ? (kind === 'page' ? 'fail' : 'degraded') : 'pass')}<span><b>${formatCount(number)}</b> ${noun}${number === 1 ? '' : 's'}</span></li>`;
  const found = incidents
    ? html`<li class="is-${incidents.missed > 0 ? 'degraded' : 'pass'}">${outcomeIcon(incidents.missed > 0 ? 'degraded' : 'pass')}<span>${incidentWords(incidents)}</span></li>`
    : null;
  const rules = report.settings.map((one) => {
    const readiness = readinessWords(one, replayed);
    return html`<li><b>${ruleName(one)}</b><span>${one.words}, as a ${one.severity}${readiness === '' ? '' : `; ${readiness}`}</span></li>`;
  });
  return html`<header class="masthead"><p class="brand">${loadLine()}Plimsoll backtest</p><div class="title"><h1>${shortName(source)}</h1></div>
<p class="meta">${shortName(source) === source.name ? null : html`<span>${source.name}</span>`}<span>${spanWords(replayed)}</span></p><ul class="counts">${count('page', pages, 'page')}${count('ticket', tickets, 'ticket')}${found}</ul><ul class="rules">${rules}</ul></header>`;
};

const picture = (report: BacktestReport): Markup => {
  const weeks = weeksChart(report.replayed);
  const perWeek =
    weeks === null
      ? null
      : html`<figure><figcaption><h3>Per week</h3><span>pages at the foot, tickets above</span></figcaption>${weeks}</figure>`;
  return html`<section class="card" aria-labelledby="history"><h2 id="history">What the rules saw</h2><figure>${historyChart(report)}</figure>${perWeek}</section>`;
};

/** As many as a page bears. */
const mostListed = 1000;

/** On a narrow screen each row becomes a few lines: its reason is what one came for. */
const stacked = (rows: Markup): Markup => html`<div class="stacked">${rows}</div>`;

const alertRow = (episode: Episode): Markup =>
  html`<tr><td>${severityPill(episode.severity)}</td><th scope="row" class="when">${formatTime(episode.atMs)}</th><td class="n">${episodeStretch(episode)}</td><td>${episode.rule}<small>${episode.subject}</small></td><td class="why">${episode.reason}</td></tr>`;

const alerts = ({ replayed }: BacktestReport): Markup => {
  const { episodes } = replayed;
  const more = episodes.length - mostListed + replayed.unlisted;
  const body =
    episodes.length === 0
      ? html`<p>These rules would have told nobody of anything.</p>`
      : stacked(
          table(
            'Alerts',
            ['Severity', 'From (UTC)', ...figureHeads(['For']), 'Rule', 'Because'],
            episodes.slice(0, mostListed).map(alertRow),
          ),
        );
  const rest = more > 0 ? html`<p class="caption">and ${plural(more, 'more')}: --json lists them</p>` : null;
  return html`<section class="card" aria-labelledby="alerts"><h2 id="alerts">${totalWords(replayed)}</h2>${body}${rest}</section>`;
};

const scores = (report: IncidentReport): Markup => {
  const rows = report.rules.map(
    (one) =>
      html`<tr><th scope="row">${one.rule}<small>${one.subject}</small></th><td class="n">${one.found}</td><td class="n">${one.alreadyOpen}</td><td class="n">${one.missed}</td><td class="n">${one.falseAlerts}</td><td class="n">${one.medianDelayMs === null ? '–' : formatStretch(one.medianDelayMs)}</td></tr>`,
  );
  const heads = ['Rule', ...figureHeads(['Found', 'Already open', 'Missed', 'False alerts', 'Median delay'])];
  return html`<h3>By rule</h3>${table('Incidents by rule', heads, rows)}`;
};

const resultIcons = { found: 'pass', 'already open': 'degraded', missed: 'fail', outside: 'skipped' } as const;

const incidentSection = (report: IncidentReport): Markup => {
  const rows = report.incidents.slice(0, mostListed).map((incident, index) => {
    const outcome = resultIcons[incident.result];
    return html`<tr><td class="n">${index + 1}</td><th scope="row">${incident.name ?? 'incident'}</th><td class="when">${formatTime(incident.startMs)}</td><td class="n">${formatStretch(incident.endMs - incident.startMs)}</td>
<td class="why"><span class="mark is-${outcome}">${outcomeIcon(outcome)}${outcomeWords(incident)}</span></td></tr>`;
  });
  const heads = [...figureHeads(['']), 'Incident', 'From (UTC)', ...figureHeads(['Lasted']), 'Result'];
  return html`<section class="card" aria-labelledby="incidents"><h2 id="incidents">${incidentWords(report)}</h2>${stacked(table('Incidents', heads, rows))}${report.rules.length > 1 ? scores(report) : null}</section>`;
};

const changeRow = (sign: string, word: string, episode: Episode, was: string): Markup =>
  html`<tr><td class="signed"><span class="sign">${sign}</span>${word}</td><td>${severityPill(episode.severity)}</td><th scope="row" class="when">${formatTime(episode.atMs)}</th><td class="n">${episodeStretch(episode)}</td><td class="why">${was}${episode.reason}</td></tr>`;

const changeSection = (report: BacktestReport, change: ChangeReport): Markup => {
  const { gained, lost, moved } = change.diff;
  const rows = [
    ...gained.map((episode) => changeRow('+', 'gained', episode, '')),
    ...lost.map((episode) => changeRow('−', 'lost', episode, '')),
    ...moved.map(({ before, after }) =>
      changeRow('~', 'moved', after, `was a ${before.severity} at ${formatTime(before.atMs)}: `),
    ),
  ].slice(0, mostListed);
  const heads = ['Change', 'Severity', 'From (UTC)', ...figureHeads(['For']), 'Because'];
  const body = rows.length === 0 ? html`<p>Nothing changes.</p>` : stacked(table('Changed alerts', heads, rows));
  return html`<section class="card" aria-labelledby="change"><h2 id="change">With ${change.words}</h2><p class="meta lead">${totalWords(change.replayed)}; ${diffWords(report)}</p>${body}</section>`;
};

const skippedSection = ({ skipped }: BacktestReport): Markup | null =>
  skipped.length === 0
    ? null
    : html`<section class="card" aria-labelledby="skipped"><h2 id="skipped">Left out</h2><ul>${skipped.map((one) => html`<li>${skippedWords(one)}</li>`)}</ul></section>`;

/** A backtest as one self-contained page, light and dark, without a script: the picture, and every alert with its reason. */
export const renderBacktestHtml = (report: BacktestReport): string => {
  const { source, tool, replayed, incidents, change } = report;
  return shell({
    title: `${shortName(source)}: ${totalWords(replayed)}`,
    main: html`${masthead(report)}${picture(report)}${alerts(report)}${incidents ? incidentSection(incidents) : null}${change ? changeSection(report, change) : null}${skippedSection(report)}`,
    footer: tool,
    style: BACKTEST_STYLE,
  });
};
