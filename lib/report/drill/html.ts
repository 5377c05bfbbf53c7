import type { DrillReport } from '../../drill/report.ts';
import { formatInstant, formatMs } from '../format.ts';
import { loadLine, outcomeIcon } from '../html/icons.ts';
import { html, type Markup } from '../html/markup.ts';
import { shell } from '../html/shell.ts';
import { shortLine } from '../plain.ts';
import { evidenceSection, limitsSection } from './page/evidence.ts';
import { findingsSection } from './page/findings.ts';
import { restartPicture } from './page/lanes.ts';
import { ledgerSection } from './page/ledger.ts';
import { headline, meaningOf } from './page/meaning.ts';
import { measures } from './page/measures.ts';
import { timeOf } from './page/moments.ts';
import { proofSection } from './page/proof.ts';
import { statesPicture } from './page/states.ts';
import { DRILL_STYLE } from './page/style.ts';
import { outcomeOfVerdict } from './words.ts';

/** Of a name or a reason that somebody gave. */
const mostOfText = 600;

const reasonsList = ({ reasons, verdict }: DrillReport): Markup | null =>
  reasons.length === 0
    ? null
    : html`<div class="reasons is-${outcomeOfVerdict(verdict)}"><ul>${reasons.map((reason) => html`<li>${shortLine(reason, mostOfText)}</li>`)}</ul></div>`;

/** The answer first, in words for somebody who was woken by it. */
const masthead = (report: DrillReport): Markup => {
  const { service, environment, drill, verdict, target, startedAt, endedAt, requester, trigger } = report;
  const outcome = outcomeOfVerdict(verdict);
  const { says, next } = meaningOf(report);
  const [from, to] = [timeOf(startedAt), timeOf(endedAt)];
  const lasted = from === undefined || to === undefined ? [] : [`took ${formatMs(to - from)}`];
  const who = trigger === 'schedule' ? 'by its schedule' : `by ${shortLine(requester, 100)}`;
  const facts = [`drill of ${target}`, environment, formatInstant(startedAt), ...lasted, who];
  return html`<header class="masthead"><p class="brand">${loadLine()}Plimsoll drill</p>
<div class="title"><h1>${shortLine(service, 100)}: ${shortLine(drill, 100)}</h1><span class="verdict"><span class="pill is-${outcome}">${outcomeIcon(outcome)}${verdict}</span></span></div>
<p class="meta">${facts.map((fact) => html`<span>${shortLine(fact, 120)}</span>`)}</p>
<p class="dr-answer">${headline(report)}.</p><p class="dr-says">${says}</p><p class="dr-next">${next}</p>${reasonsList(report)}</header>`;
};

const timeline = (report: DrillReport): Markup | null => {
  const pictures = [restartPicture(report), statesPicture(report)].filter((picture) => picture !== null);
  return pictures.length === 0
    ? null
    : html`<section class="card" aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>${pictures}</section>`;
};

/**
 * A drill's report as one self-contained page, light and dark, without a script: the verdict and what it means, the times
 * against their objectives, what went on when, each check with what shows it, and what was not exercised.
 */
export const renderDrillHtml = (report: DrillReport): string =>
  shell({
    title: `${shortLine(report.service, 100)} drill ${shortLine(report.drill, 100)}: ${report.verdict}`,
    main: html`${masthead(report)}${measures(report)}${timeline(report)}${ledgerSection(report)}${findingsSection(report)}${proofSection(report)}${limitsSection(report)}${evidenceSection(report)}`,
    footer: `${shortLine(report.tool, 100)}, ${formatInstant(report.endedAt)}`,
    style: DRILL_STYLE,
  });
