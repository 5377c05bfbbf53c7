import { lossCheck } from '../../../drill/ledger-findings.ts';
import type { Area, Finding } from '../../../drill/record.ts';
import type { DrillReport } from '../../../drill/report.ts';
import { plural } from '../../format.ts';
import { outcomeIcon } from '../../html/icons.ts';
import { html, type Markup } from '../../html/markup.ts';
import { shortLine } from '../../plain.ts';
import { idList } from './ledger.ts';

/** The gravest first, as the verdict takes them. */
const areas: readonly Area[] = [
  'ledger',
  'streams',
  'order',
  'projections',
  'liveness',
  'rpo',
  'rto',
  'identity',
  'steady',
  'cleanup',
  'baseline',
];

const mostOfText = 600;

const rank = ({ area, check }: Finding): number => (check === lossCheck ? -1 : areas.indexOf(area));

const byGravity = (findings: readonly Finding[], result: Finding['result']): readonly Finding[] =>
  findings.filter((one) => one.result === result).toSorted((a, b) => rank(a) - rank(b));

const told = ({ area, check, result, actual, witnesses }: Finding): Markup =>
  html`<li class="dr-finding is-${result}">${outcomeIcon(result)}<div><h3>${shortLine(check, mostOfText)}</h3><p><span class="dr-area">${area}</span>${result === 'fail' ? 'Found' : 'Not shown'}: ${shortLine(actual, mostOfText)}</p>${witnesses.length === 0 ? null : idList(witnesses)}</div></li>`;

const held = ([area, findings]: readonly [Area, readonly Finding[]]): Markup =>
  html`<div><dt>${area}</dt><dd><ul>${findings.map(({ check, actual }) => html`<li>${outcomeIcon('pass')}<span>${shortLine(check, mostOfText)}<small>${shortLine(actual, mostOfText)}</small></span></li>`)}</ul></dd></div>`;

const tally = (failed: number, open: number, passed: number): string => {
  if (failed + open === 0) return passed === 1 ? 'The check holds' : `All ${passed} checks hold`;
  const loud = [
    ...(failed > 0 ? [`${plural(failed, 'check')} failed`] : []),
    ...(open > 0 ? [`${open} not shown`] : []),
  ];
  return [...loud, ...(passed > 0 ? [`${passed} ${passed === 1 ? 'holds' : 'hold'}`] : [])].join(', ');
};

/** Every check with what was found: those that failed first, with what shows it. */
export const findingsSection = ({ findings }: DrillReport): Markup | null => {
  if (findings.length === 0) return null;
  const [failed, open, passed] = (['fail', 'inconclusive', 'pass'] as const).map((result) =>
    byGravity(findings, result),
  );
  const loud = [...(failed ?? []), ...(open ?? [])];
  const groups = [...Map.groupBy(passed ?? [], ({ area }) => area)];
  const list = loud.length === 0 ? null : html`<ol class="dr-findings">${loud.map(told)}</ol>`;
  const rest = groups.length === 0 ? null : html`<dl class="dr-held">${groups.map(held)}</dl>`;
  return html`<section class="card" aria-labelledby="checks"><h2 id="checks">${tally(failed?.length ?? 0, open?.length ?? 0, passed?.length ?? 0)}</h2>${list}${rest}</section>`;
};
