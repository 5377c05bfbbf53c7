import { lossCheck } from '../../../drill/ledger-findings.ts';
import type { DrillReport } from '../../../drill/report.ts';
import { formatCount, plural } from '../../format.ts';
import { outcomeIcon } from '../../html/icons.ts';
import { html, type Markup } from '../../html/markup.ts';
import { shortLine } from '../../plain.ts';
import { lostWrites } from './moments.ts';

type Fate = keyof DrillReport['ledger'];

/** Jepsen's words, and what they mean. */
const fates: readonly (readonly [Fate, string])[] = [
  ['attempted', 'sent to the target'],
  ['acknowledged', 'the target said yes'],
  ['lost', 'acknowledged, and gone'],
  ['corrupt', 'there, with other content'],
  ['duplicated', 'there more than once'],
  ['unexpected', 'there, though never accepted'],
  ['stale', 'away for a while, then back'],
  ['recovered', 'no answer, and there: no fault'],
];

/** Known without reading anything back. */
const sent: ReadonlySet<Fate> = new Set(['attempted', 'acknowledged']);

/** Those that must be none; what was only away for a while is nobody's proof. */
const toneOf = (fate: Fate, count: number): 'fail' | 'inconclusive' | undefined => {
  if (count === 0) return undefined;
  if (fate === 'lost' || fate === 'corrupt' || fate === 'duplicated' || fate === 'unexpected') return 'fail';
  return fate === 'stale' ? 'inconclusive' : undefined;
};

const cell = (fate: Fate, words: string, count: number, known: boolean): Markup => {
  const tone = toneOf(fate, count);
  const icon = tone === undefined ? null : outcomeIcon(tone);
  return html`<div class="${tone === undefined ? '' : `is-${tone}`}"><dt>${fate}</dt><dd><span class="mark${tone === undefined ? ' is-plain' : ''}">${icon}${known ? formatCount(count) : '–'}</span><small>${words}</small></dd></div>`;
};

/** An id of the ledger is as long as its run's; what a target sent may be longer. */
const mostOfId = 200;
/** Of ids at once; the rest is folded away, and of a very long list the report itself has the end. */
const [mostShown, mostFolded] = [10, 1_000];

const listOf = (ids: readonly string[]): Markup =>
  html`<ul class="dr-ids">${ids.map((id) => html`<li><code>${shortLine(id, mostOfId)}</code></li>`)}</ul>`;

export const idList = (ids: readonly string[]): Markup => {
  const folded = ids.slice(mostShown, mostShown + mostFolded);
  if (folded.length === 0) return listOf(ids);
  const left = ids.length - mostShown - folded.length;
  const end = left === 0 ? null : html`<p class="caption">and ${formatCount(left)} more, which the JSON names</p>`;
  return html`${listOf(ids.slice(0, mostShown))}<details class="dr-more"><summary>${formatCount(ids.length - mostShown)} more</summary>${listOf(folded)}${end}</details>`;
};

/** Whether the readings say anything of losses: a service that never came back has lost nothing that anybody saw. */
export const lossKnown = ({ findings, ledger }: DrillReport): boolean =>
  ledger.lost > 0 || findings.some(({ check, result }) => check === lossCheck && result === 'pass');

const lostIds = (report: DrillReport): Markup | null => {
  const { ledger } = report;
  if (ledger.lost === 0) return null;
  const ids = lostWrites(report).map(({ id }) => id);
  const more = ledger.lost - ids.length;
  return html`<h3>Lost: acknowledged, and gone</h3>${idList(ids)}${more > 0 ? html`<p class="caption">${ids.length === 0 ? plural(more, 'id') : `and ${formatCount(more)} more`}, not named here</p>` : null}`;
};

/** Every write of the drill in numbers, and the lost ones by name. */
export const ledgerSection = (report: DrillReport): Markup | null => {
  const { ledger } = report;
  if (ledger.attempted === 0) return null;
  const known = lossKnown(report);
  return html`<section class="card" aria-labelledby="ledger"><h2 id="ledger">The ledger</h2><dl class="dr-fates">${fates.map(([fate, words]) => cell(fate, words, ledger[fate], known || sent.has(fate)))}</dl>${known ? null : html`<p class="caption">What became of them nobody could read.</p>`}${lostIds(report)}</section>`;
};
