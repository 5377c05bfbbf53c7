import { el, outcomePill, reconcile } from './dom.js';
import { evidenceOf } from './evidence.js';
import { hrefOf } from './route.js';
import { timeAt } from './times.js';

/** @typedef {import('../view/state.ts').RunLine & { times?: number, first?: string }} Line one run, or the latest of several alike */
/** @typedef {(runId: string) => Promise<import('../view/run.ts').RunView | null>} ReadRun */

/**
 * Runs that were not good, newest first; each opens to its evidence, which is asked for only then.
 *
 * @param {Element} list
 * @param {readonly Line[]} lines
 * @param {number} now
 * @param {ReadRun} readRun
 */
export function updateFailures(list, lines, now, readRun) {
  reconcile(list, lines, {
    // Several alike stay one line, open or not, whichever of them is the latest.
    key: (line) => (line.times === undefined ? line.runId : `${line.probe} ${line.outcome}`),
    create: () => createFailure(now, readRun),
    update: (item, line) => {
      item.dataset.run = line.runId;
      item
        .querySelector('.told')
        ?.replaceChildren(
          outcomePill(line.outcome),
          el('b', { class: 'name' }, line.probe),
          el('span', { class: 'at' }, timeAt(line.slot, now)),
          el('span', { class: 'because' }, line.reason, ...oftenWords(line, now)),
        );
    },
  });
}

/**
 * @param {Line} line
 * @param {number} now
 */
function oftenWords({ times = 1, first = '' }, now) {
  return times < 2 ? [] : [el('small', {}, `${times} times, the first at `, timeAt(first, now))];
}

/**
 * @param {number} now
 * @param {ReadRun} readRun
 */
function createFailure(now, readRun) {
  const body = el('div', { class: 'opened' });
  const details = el('details', {}, el('summary', {}, el('span', { class: 'told' })), body);
  const item = el('li', {}, details);
  details.addEventListener('toggle', async () => {
    // What is being read stays as it is, whatever comes in; closed and opened again, it is the latest.
    if (!details.open) return;
    const runId = item.dataset.run ?? '';
    const run = await readRun(runId).catch(() => undefined);
    if (run === undefined)
      body.replaceChildren(el('p', { class: 'caption' }, 'the watch did not answer; open it again'));
    else if (run === null) body.replaceChildren(el('p', { class: 'caption' }, 'this run is no longer kept'));
    else body.replaceChildren(...opened(run, now));
  });
  return item;
}

/**
 * @param {import('../view/run.ts').RunView} run
 * @param {number} now
 */
function opened(run, now) {
  const others = run.reasons.slice(1).map((reason) => el('li', {}, reason));
  return [
    el(
      'p',
      { class: 'more' },
      el('span', {}, 'Run of ', timeAt(run.slot, now)),
      el('a', { href: hrefOf({ probe: run.probe, run: run.runId }) }, 'Show it in its probe'),
      el('a', { href: `/report/${encodeURIComponent(run.runId)}`, target: '_blank' }, 'Whole report'),
    ),
    ...(others.length === 0 ? [] : [el('ul', { class: 'others' }, ...others)]),
    evidenceOf(run.evidence),
  ];
}
