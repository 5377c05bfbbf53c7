import { el, icon } from './dom.js';
import { hrefOf } from './route.js';
import { createStrip, updateStrip } from './strip.js';
import { timeAt, timeSince } from './times.js';

/** @typedef {import('../view/state.ts').ProbeRow} ProbeRow */

/**
 * @param {ProbeRow} probe
 * @returns {HTMLElement}
 */
export function createRow(probe) {
  return el(
    'li',
    {},
    el('div', { class: 'who' }),
    el('div', { class: 'past' }, createStrip(probe.id), el('p', { class: 'because' })),
    el('p', { class: 'p95' }),
    el('div', { class: 'when' }),
  );
}

/**
 * @param {HTMLElement} row
 * @param {ProbeRow} probe
 * @param {number} now
 */
export function updateRow(row, probe, now) {
  row.className = `probe is-${probe.state}`;
  const link = row.querySelector('.who a') ?? el('a', { href: hrefOf({ probe: probe.id }) }, probe.id);
  row.querySelector('.who')?.replaceChildren(el('h3', {}, link), stateWords(probe, now), ...describe(probe));
  const strip = row.querySelector('.strip');
  if (strip !== null) updateStrip(strip, probe.runs, now);
  row.querySelector('.because')?.replaceChildren(...because(probe, now));
  const p95 = probe.p95 === '–' ? [] : [el('span', { class: 'label' }, 'p95 '), el('b', {}, probe.p95)];
  row.querySelector('.p95')?.replaceChildren(...p95);
  row.querySelector('.when')?.replaceChildren(...when(probe, now));
}

/**
 * The state, since when, and what has brought it.
 *
 * @param {ProbeRow} probe
 * @param {number} now
 */
export function stateWords(probe, now) {
  const since = probe.since === null ? [] : [el('span', { class: 'since' }, 'for ', timeSince(probe.since, now))];
  const because = probe.because === '' ? [] : [el('span', { class: 'since' }, probe.because)];
  return el('p', { class: 'state' }, statePill(probe.state), ...since, ...because);
}

/** @param {string} state */
export function statePill(state) {
  return el('span', { class: `pill is-${state}` }, icon(`state-${state}`), state);
}

/** @param {ProbeRow} probe */
function describe({ description }) {
  return description === '' ? [] : [el('p', { class: 'description' }, description)];
}

/**
 * Why the last run was not good; or what it waits for.
 *
 * @param {ProbeRow} probe
 * @param {number} now
 */
function because(probe, now) {
  const last = probe.runs.at(-1);
  if (last === undefined) {
    if (probe.running) return ['the first run is under way'];
    if (probe.nextSlot === null) return ['no run yet; it runs on demand only'];
    return ['waiting for the first scheduled run, due at ', timeAt(probe.nextSlot, now)];
  }
  if (last.outcome === 'pass') return [];
  return [el('b', { class: `is-${last.outcome}` }, last.outcome), last.reason === '' ? '' : `: ${last.reason}`];
}

/**
 * @param {ProbeRow} probe
 * @param {number} now
 */
function when(probe, now) {
  const next = probe.nextSlot === null ? el('p', {}, 'on demand') : el('p', {}, 'next ', timeAt(probe.nextSlot, now));
  const running = el('p', { class: 'running' }, el('span', { class: 'lamp', 'aria-hidden': 'true' }), 'running');
  return [probe.running ? running : next, el('p', { class: 'schedule' }, probe.schedule)];
}
