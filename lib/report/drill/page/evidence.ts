import type { DrillReport } from '../../../drill/report.ts';
import { formatInstant } from '../../format.ts';
import { html, type Markup } from '../../html/markup.ts';
import { shortLine } from '../../plain.ts';
import { idList } from './ledger.ts';

const mostOfText = 600;

const row = (name: string, value: Markup | string): Markup => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
const coded = (text: string): Markup => html`<code>${shortLine(text, mostOfText)}</code>`;

/** What the drill could not show, and what it left behind: a reader must not take silence for proof. */
export const limitsSection = ({ notExercised, leftovers }: DrillReport): Markup | null => {
  if (notExercised.length === 0 && leftovers.length === 0) return null;
  const limits =
    notExercised.length === 0
      ? null
      : html`<section class="card" aria-labelledby="limits"><h2 id="limits">Not exercised</h2><p class="caption dr-lead">Of these the verdict says nothing.</p><ul class="dr-list">${notExercised.map((one) => html`<li>${shortLine(one, mostOfText)}</li>`)}</ul></section>`;
  const left =
    leftovers.length === 0
      ? null
      : html`<section class="card" aria-labelledby="left"><h2 id="left">Left behind</h2><p class="caption dr-lead">Written by the drill, and not removed: remove it by hand.</p>${idList(leftovers)}</section>`;
  return html`${limits}${left}`;
};

/** Where the report comes from, and what it is chained to. */
export const evidenceSection = (report: DrillReport): Markup => {
  const { requester, reason, trigger, run, target, tool, configHash, fence, previous, hash, startedAt, endedAt } =
    report;
  return html`<section class="card" aria-labelledby="evidence"><h2 id="evidence">Evidence</h2><dl class="notes dr-notes">
${row('Asked by', `${shortLine(requester, mostOfText)}${trigger === 'schedule' ? ', by its schedule' : ''}`)}${row('Reason', shortLine(reason, mostOfText))}${row('Run', coded(run))}${row('Target', shortLine(target, mostOfText))}
${row('From', formatInstant(startedAt))}${row('To', formatInstant(endedAt))}${row('Version', shortLine(tool, mostOfText))}${row('Config', coded(configHash))}${fence === null ? null : row('Fence', String(fence))}
${row('Before it', previous === null ? 'no report: this is the first of the drill' : coded(previous))}${row('This one', coded(hash))}</dl>
<p class="caption">Hashes are SHA-256 over a report’s canonical JSON, which holds the hash of the one before it: a report that was changed or taken out breaks the chain.</p></section>`;
};
