import { createChart } from './chart.js';
import { cell, el, outcomePill, setText, table } from './dom.js';
import { updateFailures } from './failures.js';
import { stateWords } from './probe-row.js';
import { hrefOf } from './route.js';
import { runPanel } from './run-panel.js';
import { createStrip, updateStrip } from './strip.js';
import { timeAt } from './times.js';

/** @typedef {import('../view/history.ts').HistoryView} HistoryView */
/** @typedef {import('../view/state.ts').ProbeRow} ProbeRow */

const FAILURES = 10;
const RUNS = 20;

/**
 * One probe: its latency over time, a run of it whole, its last failures and its last runs.
 *
 * @param {string} probe
 * @param {{ readRun: import('./failures.js').ReadRun, readHistory: (probe: string) => Promise<HistoryView | null> }} reading
 */
export function createDetail(probe, { readRun, readHistory }) {
  const heading = el('h2', { tabindex: '-1', class: 'probe-name' }, probe);
  const facts = el('div', { class: 'facts' });
  const strip = createStrip(probe);
  const latency = el('section', { class: 'card', 'aria-label': 'Latency over time' });
  const run = el('section', { class: 'card run', 'aria-labelledby': 'run', hidden: true });
  const failures = el('ul', { class: 'failures' });
  const noFailures = el('p', { class: 'calm' });
  const runs = el('div', { class: 'runs' });
  const failed = el(
    'section',
    { class: 'card', 'aria-labelledby': 'failures' },
    el('h2', { id: 'failures' }, 'Last failures'),
    noFailures,
    failures,
  );
  const past = el('section', { class: 'card', 'aria-labelledby': 'runs' }, el('h2', { id: 'runs' }, 'Last runs'), runs);
  const lead = el('section', { class: 'card lead', 'aria-label': probe }, heading, facts, strip);
  const back = el('nav', { class: 'crumb', 'aria-label': 'Back' }, el('a', { href: '/' }, '← All probes'));
  const chart = createChart(latency, probe);
  /** What was asked for last, and came: the same is not asked for again. */
  const shown = { history: '', run: '' };

  /**
   * @param {import('./route.js').Route} route
   * @param {number} now
   */
  const updateHistory = async (route, now) => {
    const view = await readHistory(probe);
    if (view === null) return;
    chart.update(view);
    const newest = view.runs.toReversed();
    const bad = newest.filter(
      (one) => one.outcome === 'fail' || one.outcome === 'degraded' || one.outcome === 'inconclusive',
    );
    setText(noFailures, bad.length > 0 ? '' : 'None so far.');
    updateFailures(failures, bad.slice(0, FAILURES), now, readRun);
    runs.replaceChildren(...runTable(newest, route.run, now));
  };

  /**
   * @param {string | undefined} runId
   * @param {boolean} isChosen
   * @param {number} now
   */
  const updateRun = async (runId, isChosen, now) => {
    const view = runId === undefined ? null : await readRun(runId);
    run.hidden = view === null && !isChosen;
    const gone = [
      el('h2', { id: 'run' }, 'This run is not kept'),
      el('p', { class: 'caption' }, el('a', { href: hrefOf({ probe }) }, 'Follow the latest')),
    ];
    run.replaceChildren(...(view === null ? gone : runPanel(view, { isChosen, now })));
    if (isChosen) run.scrollIntoView({ block: 'nearest' });
  };

  return {
    probe,
    heading,
    element: el('div', { class: 'detail' }, back, lead, latency, run, failed, past),
    /**
     * @param {ProbeRow | undefined} row
     * @param {import('./route.js').Route} route
     * @param {number} now
     */
    async update(row, route, now) {
      if (row === undefined) {
        facts.replaceChildren(el('p', { class: 'calm' }, 'There is no such probe in the config.'));
        for (const part of [latency, run, failed, past, strip]) part.hidden = true;
        return;
      }
      for (const part of [latency, failed, past, strip]) part.hidden = false;
      facts.replaceChildren(...factsOf(row, now));
      updateStrip(strip, row.runs, now);
      const chosen = route.run ?? row.runs.findLast((one) => one.p95 !== '–')?.runId ?? row.runs.at(-1)?.runId;
      markChosen(strip, chosen);
      const history = JSON.stringify([row.runs.map((one) => one.runId), route.run]);
      if (shown.history !== history) await updateHistory(route, now);
      shown.history = history;
      const picked = JSON.stringify([chosen, route.run !== null]);
      if (shown.run !== picked) await updateRun(chosen, route.run !== null, now);
      shown.run = picked;
    },
    destroy: () => chart.destroy(),
  };
}

/**
 * @param {ProbeRow} row
 * @param {number} now
 */
function factsOf(row, now) {
  const next = row.nextSlot === null ? 'runs on demand only' : el('span', {}, 'next ', timeAt(row.nextSlot, now));
  const first =
    row.runs.length === 0 && row.nextSlot !== null
      ? [el('p', { class: 'calm' }, 'Waiting for the first scheduled run, due at ', timeAt(row.nextSlot, now), '.')]
      : [];
  const severity = row.severity === 'none' ? 'alerts nobody' : `${row.severity} severity`;
  const facts = [row.kind, row.schedule, row.running ? 'running now' : next, severity].map((fact) =>
    el('span', {}, fact),
  );
  return [
    stateWords(row, now),
    el('p', { class: 'meta' }, ...facts),
    ...(row.description === '' ? [] : [el('p', {}, row.description)]),
    ...first,
  ];
}

/**
 * @param {Element} strip
 * @param {string | undefined} chosen
 */
function markChosen(strip, chosen) {
  for (const tick of strip.children) {
    if (tick instanceof HTMLElement && tick.dataset.key === chosen) tick.setAttribute('aria-current', 'true');
    else tick.removeAttribute('aria-current');
  }
}

/**
 * @param {HistoryView['runs']} newest
 * @param {string | null} chosen
 * @param {number} now
 */
function runTable(newest, chosen, now) {
  if (newest.length === 0) return [el('p', { class: 'calm' }, 'None yet.')];
  const rowOf = (/** @type {HistoryView['runs'][number]} */ one) =>
    el(
      'tr',
      { 'aria-current': one.runId === chosen ? 'true' : false },
      el(
        'th',
        { scope: 'row' },
        el('a', { href: hrefOf({ probe: one.probe, run: one.runId }) }, timeAt(one.slot, now)),
      ),
      el('td', {}, outcomePill(one.outcome)),
      ...[one.p50, one.p95, one.samples, one.took].map((text) => cell(text, 'n')),
      cell(`${one.onDemand ? 'on demand; ' : ''}${one.reason}`.replace(/; $/, ''), 'because'),
    );
  const rows = newest.slice(0, RUNS).map(rowOf);
  const all = table('Last runs', ['Due', 'Verdict', '#p50', '#p95', '#Samples', '#Took', 'Because'], rows);
  if (newest.length <= RUNS) return [all];
  const more = el('button', { type: 'button' }, `Show ${newest.length - RUNS} more`);
  more.addEventListener('click', () => {
    all.querySelector('tbody')?.append(...newest.slice(RUNS).map(rowOf));
    more.remove();
  });
  return [all, more];
}
