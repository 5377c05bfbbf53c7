import { el, icon, reconcile, setText } from './dom.js';
import { updateFailures } from './failures.js';
import { createRow, updateRow } from './probe-row.js';
import { currentRoute, hrefOf } from './route.js';

/** @typedef {import('../view/state.ts').StateView} StateView */

/** Fewer than this fit on a screen: nothing to search. */
const MANY = 8;
/** @type {readonly import('../view/state.ts').ShownState[]} */
const STATES = ['breached', 'pending', 'recovering', 'waiting', 'ok'];

/**
 * All probes, and the last failures among them.
 *
 * @param {{ onRoute: () => void, readRun: import('./failures.js').ReadRun }} page
 * @returns {{ element: HTMLElement, update: (view: StateView, now: number) => void, focus: (probe: string) => void }}
 */
export function createOverview({ onRoute, readRun }) {
  const search = el('input', {
    type: 'search',
    placeholder: 'Find a probe',
    'aria-label': 'Find a probe',
    autocomplete: 'off',
  });
  const chips = el('ul', { class: 'chips', 'aria-label': 'States' });
  const found = el('p', { class: 'found', role: 'status' });
  const rows = el('ul', { class: 'probes' });
  const pager = el('nav', { class: 'pager', 'aria-label': 'Pages' });
  const failures = el('ul', { class: 'failures' });
  const noFailures = el('p', { class: 'calm' });
  const element = el(
    'div',
    { class: 'overview-page' },
    el(
      'section',
      { class: 'card probes-card', 'aria-labelledby': 'probes' },
      el('div', { class: 'toolbar' }, el('h2', { id: 'probes' }, 'Probes'), chips, search),
      found,
      rows,
      pager,
    ),
    el(
      'section',
      { class: 'card', 'aria-labelledby': 'failures' },
      el('h2', { id: 'failures' }, 'Last failures'),
      noFailures,
      failures,
    ),
  );
  search.value = currentRoute().text;
  search.addEventListener('input', () => {
    history.replaceState(null, '', hrefOf({ ...currentRoute(), text: search.value, page: 1 }));
    onRoute();
  });
  return {
    element,
    focus(probe) {
      const row = [...rows.children].find((one) => one instanceof HTMLElement && one.dataset.key === probe);
      row?.querySelector('a')?.focus();
    },
    update(view, now) {
      const route = currentRoute();
      if (document.activeElement !== search) search.value = route.text;
      search.hidden = view.total <= MANY && route.text === '';
      updateChips(chips, view, route);
      setText(found, foundWords(view, route));
      reconcile(rows, view.probes, {
        key: (probe) => probe.id,
        create: createRow,
        update: (row, probe) => updateRow(row, probe, now),
      });
      updatePager(pager, view, route);
      setText(noFailures, view.failures.length > 0 ? '' : 'None so far.');
      updateFailures(failures, view.failures, now, readRun);
    },
  };
}

/**
 * @param {StateView} view
 * @param {import('./route.js').Route} route
 */
function foundWords(view, route) {
  if (view.total === 0) return 'Nothing is watched: add probes to the config, and they appear here.';
  if (route.text === '' && route.state === '') return '';
  return view.matching === 0 ? 'No probe matches.' : `${view.matching} of ${view.total} probes match.`;
}

/**
 * The counts, which are filters too.
 *
 * @param {Element} chips
 * @param {StateView} view
 * @param {import('./route.js').Route} route
 */
function updateChips(chips, view, route) {
  const shown = STATES.filter((state) => view.counts[state] > 0 || route.state === state);
  const items = shown.map((state) => ({
    state,
    count: view.counts[state],
    pressed: route.state === state,
    text: route.text,
  }));
  reconcile(chips, items, {
    key: (item) => item.state,
    create: (item) =>
      el('li', {}, el('a', { class: `chip is-${item.state}` }, icon(`state-${item.state}`), el('b'), ` ${item.state}`)),
    update: (chip, item) => {
      const link = chip.querySelector('a');
      const count = chip.querySelector('b');
      if (count !== null) setText(count, String(item.count));
      link?.setAttribute('href', hrefOf({ text: item.text, state: item.pressed ? '' : item.state }));
      link?.setAttribute(
        'aria-label',
        `${item.count} ${item.state}${item.pressed ? ', shown alone: show all' : ': show these alone'}`,
      );
      link?.setAttribute('aria-current', String(item.pressed));
    },
  });
}

/**
 * @param {Element} pager
 * @param {StateView} view
 * @param {import('./route.js').Route} route
 */
function updatePager(pager, { page, pages }, route) {
  const items = pages < 2 ? [] : [{ page, pages, text: route.text, state: route.state }];
  reconcile(pager, items, {
    key: () => 'pager',
    create: () => el('p'),
    update: (line, { page: at, pages: last, ...filter }) => {
      const step = (/** @type {number} */ to, /** @type {string} */ words) =>
        to < 1 || to > last ? el('span', {}, words) : el('a', { href: hrefOf({ ...filter, page: to }) }, words);
      line.replaceChildren(step(at - 1, '← Previous'), el('b', {}, `Page ${at} of ${last}`), step(at + 1, 'Next →'));
    },
  });
}
