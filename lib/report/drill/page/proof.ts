import { identityOf } from '../../../drill/identity.ts';
import type { EpochMs, Sighting } from '../../../drill/record.ts';
import type { DrillReport } from '../../../drill/report.ts';
import { formatInstant } from '../../format.ts';
import { outcomeIcon } from '../../html/icons.ts';
import { figureHeads, html, type Markup, table } from '../../html/markup.ts';
import { shortLine } from '../../plain.ts';

const mostOfText = 200;
/** A target whose identity flaps has one for every look. */
const mostIdentities = 10;

/** What is no moment stays the number that it is. */
export const instant = (at: EpochMs): string =>
  Math.abs(at) <= 8.64e15 ? formatInstant(new Date(at).toISOString()) : String(at);

const outcomes = { PROVEN: 'pass', PARTIAL: 'inconclusive', NOT_PROVEN: 'inconclusive' } as const;
const provenWords = {
  PROVEN: 'proven: nobody of before is there after it',
  PARTIAL: 'in part: somebody of before is still there',
  NOT_PROVEN: 'not proven',
} as const;

const rowsOf = (when: string, sightings: readonly Sighting[]): readonly Markup[] => {
  const groups = [...Map.groupBy(sightings, (sighting) => identityOf(sighting) ?? 'did not say')];
  const rows = groups.slice(0, mostIdentities).map(([identity, seen]) => {
    const { startedAt, epoch } = seen[0] ?? {};
    return html`<tr><td class="dr-when">${when}</td><th scope="row"><code>${shortLine(identity, mostOfText)}</code></th><td>${startedAt === undefined ? '–' : instant(startedAt)}</td><td>${epoch === undefined ? '–' : html`<code>${shortLine(epoch, mostOfText)}</code>`}</td><td class="n">${seen.length}</td></tr>`;
  });
  const more = groups.length - rows.length;
  return more > 0
    ? [...rows, html`<tr><td class="dr-when">${when}</td><td colspan="4">and ${more} more</td></tr>`]
    : rows;
};

const receiptRows = ({ receipt, askedAt }: DrillReport): Markup => {
  if (receipt === null)
    return html`<div><dt>Restart</dt><dd>${askedAt === null ? 'none was asked for' : 'none was accepted'}</dd></div>`;
  const { adapter, acceptedAt, platformIds, details } = receipt;
  const known = Object.keys(details).length === 0 ? null : JSON.stringify(details);
  const ids = platformIds.map((id) => shortLine(id, mostOfText)).join(', ');
  return html`<div><dt>Restart</dt><dd>by ${shortLine(adapter, mostOfText)}, accepted ${instant(acceptedAt)}</dd></div>${ids === '' ? null : html`<div><dt>Platform</dt><dd>${ids}</dd></div>`}${known === null ? null : html`<div><dt>Details</dt><dd><code>${shortLine(known, 600)}</code></dd></div>`}`;
};

const saidOfIt = ({ identity: { reasons } }: DrillReport): readonly Markup[] =>
  reasons.map((reason) => html`<div><dt>Because</dt><dd>${shortLine(reason, 600)}</dd></div>`);

/** Who answered before and after, and what that proves. */
export const proofSection = (report: DrillReport): Markup => {
  const { identity, receipt } = report;
  const rows = [...rowsOf('before', identity.before), ...rowsOf('after', identity.after)];
  const heads = ['When', 'Identity', 'Started', 'History', ...figureHeads(['Looks'])];
  const outcome = outcomes[identity.proven];
  const proven =
    receipt === null
      ? null
      : html`<div><dt>Proof</dt><dd><span class="mark is-${outcome}">${outcomeIcon(outcome)}${provenWords[identity.proven]}</span></dd></div>`;
  return html`<section class="card" aria-labelledby="proof"><h2 id="proof">Was it restarted?</h2><dl class="notes dr-notes">${proven}${saidOfIt(report)}${receiptRows(report)}</dl>${rows.length === 0 ? null : html`<div class="dr-identities">${table('Identities', heads, rows)}</div>`}</section>`;
};
