import { el, outcomePill } from './dom.js';
import { checkTable, evidenceOf, thresholdTable } from './evidence.js';
import { hrefOf } from './route.js';
import { timeAt } from './times.js';

/** @typedef {import('../view/run.ts').RunView} RunView */

/**
 * One run: why, its figures, its thresholds and checks, and what shows the fault.
 *
 * @param {RunView} run
 * @param {{ isChosen: boolean, now: number }} how `isChosen`: the reader picked it; else it follows the latest
 * @returns {readonly HTMLElement[]}
 */
export function runPanel(run, { isChosen, now }) {
  const title = el('h2', { id: 'run' }, isChosen ? 'Run of ' : 'Latest run, ', timeAt(run.slot, now));
  const follow = isChosen ? [el('a', { href: hrefOf({ probe: run.probe }) }, 'Follow the latest')] : [];
  const report = el('a', { href: `/report/${encodeURIComponent(run.runId)}`, target: '_blank' }, 'Whole report');
  const bad = run.outcome !== 'pass';
  return [
    el(
      'header',
      { class: 'run-head' },
      title,
      outcomePill(run.outcome),
      el('span', { class: 'actions' }, ...follow, report),
    ),
    el('p', { class: 'meta' }, ...run.meta.map((text) => el('span', {}, text))),
    ...reasons(run),
    ...figures(run),
    ...(bad && run.evidence !== null ? [el('h3', {}, 'Evidence'), evidenceOf(run.evidence)] : []),
    ...(run.thresholds.length === 0 ? [] : [el('h3', {}, 'Thresholds'), thresholdTable(run.thresholds)]),
    ...(run.checks.length === 0 ? [] : [el('h3', {}, 'Checks'), checkTable(run.checks)]),
    ...(bad || run.evidence === null ? [] : [folded(run.evidence)]),
  ];
}

/** @param {RunView} run */
function reasons(run) {
  const runbook =
    run.runbook === null || run.outcome === 'pass'
      ? []
      : [el('p', { class: 'runbook' }, 'Runbook: ', runbookLink(run.runbook))];
  if (run.reasons.length === 0) return runbook;
  const list = el('ul', {}, ...run.reasons.map((reason) => el('li', {}, reason)));
  return [el('div', { class: `reasons is-${run.outcome}` }, list, ...runbook)];
}

/** @param {NonNullable<RunView['runbook']>} runbook */
function runbookLink({ text, href }) {
  return href === null ? text : el('a', { href, rel: 'noopener noreferrer', target: '_blank' }, text);
}

/** @param {RunView} run */
function figures({ figures: given }) {
  if (given.length === 0) return [];
  const cells = given.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)));
  return [el('dl', { class: given.length === 1 ? 'figures is-one' : 'figures' }, ...cells)];
}

/** @param {NonNullable<RunView['evidence']>} evidence */
function folded(evidence) {
  return el('details', {}, el('summary', {}, 'What was sent and what came'), evidenceOf(evidence));
}
