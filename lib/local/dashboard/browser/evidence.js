import { cell, el, icon, table } from './dom.js';

/** @typedef {import('../view/run.ts').RunView} RunView */
/** @typedef {import('../view/run.ts').EvidenceView} EvidenceView */

/** @type {Readonly<Record<import('../view/run.ts').Frame['direction'], string>>} */
const DIRECTIONS = { in: '← in', out: '→ out', life: '· life' };

/**
 * What was sent and what came, about the fault where there is one.
 *
 * @param {EvidenceView | null} evidence
 */
export function evidenceOf(evidence) {
  if (evidence === null) return el('p', { class: 'caption' }, 'nothing was kept that could be shown');
  const { where, fault, messages, frames } = evidence;
  const nothing = messages.length + frames.length === 0;
  return el(
    'div',
    { class: 'evidence' },
    el(
      'p',
      { class: 'fault' },
      el('strong', {}, `${where}${fault === '' ? '' : ':'}`),
      fault === '' ? '' : ` ${fault}`,
    ),
    ...(messages.length === 0 ? [] : [el('div', { class: 'exchange' }, ...messages.map(message))]),
    ...(frames.length === 0 ? [] : [frameTable(frames)]),
    ...(nothing ? [el('p', { class: 'caption' }, 'nothing was received that could be shown')] : []),
  );
}

/** @param {EvidenceView['messages'][number]} message */
function message({ title, line, headers, body }) {
  const list = headers.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)));
  return el(
    'div',
    { class: 'message' },
    el('h4', {}, title),
    el('p', { class: 'line' }, line),
    ...(list.length === 0 ? [] : [el('dl', {}, ...list)]),
    ...(body === '' ? [] : [el('pre', { tabindex: '0', 'aria-label': 'Body' }, body)]),
  );
}

/** @param {EvidenceView['frames']} frames */
function frameTable(frames) {
  const rows = frames.map((frame) => {
    const pointer = frame.broken ? [el('span', { class: 'pointer', title: 'the broken frame' }, '>')] : [];
    return el(
      'tr',
      { class: frame.broken ? 'is-broken' : '' },
      el('th', { scope: 'row', class: 'n' }, ...pointer, String(frame.n)),
      cell(frame.connection),
      cell(DIRECTIONS[frame.direction], 'direction'),
      cell(frame.at, 'n'),
      el('td', { class: 'frame' }, el('code', {}, frame.text)),
    );
  });
  return table('Frames', ['#Frame', 'On', 'Way', '#At', 'Content'], rows);
}

/** @param {RunView['thresholds']} thresholds */
export function thresholdTable(thresholds) {
  const rows = thresholds.map((one) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('code', {}, one.threshold)),
      cell(one.of),
      el('td', {}, mark(one.passed ? 'pass' : 'fail', one.passed ? 'holds' : 'broken')),
      ...[one.actual, one.bad, one.budget, one.interval].map((text) => cell(text, 'n')),
    ),
  );
  return table('Thresholds', ['Threshold', 'Of', 'Result', '#Actual', '#Bad', '#Budget', '#95 % interval'], rows);
}

/** @param {RunView['checks']} checks */
export function checkTable(checks) {
  const words = { pass: 'holds', fail: 'broken', inconclusive: 'inconclusive' };
  const rows = checks.map((one) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, one.name),
      cell(one.step),
      el('td', {}, mark(one.result, words[one.result])),
      cell(one.passed, 'n'),
      el('td', { class: 'actual' }, el('code', {}, one.actual)),
    ),
  );
  return table('Checks', ['Check', 'Step', 'Result', '#Passed', 'Actual'], rows);
}

/**
 * @param {string} outcome
 * @param {string} word
 */
function mark(outcome, word) {
  return el('span', { class: `mark is-${outcome}` }, icon(`outcome-${outcome}`), word);
}
