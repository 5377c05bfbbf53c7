import { el } from './dom.js';

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const SHORT = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/**
 * `13:05:20`, with the day when it is not today's: `7 Apr 13:05:20`.
 *
 * @param {string} iso
 * @param {number} now epoch ms
 */
export function clockTime(iso, now) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const sameDay = date.toDateString() === new Date(now).toDateString();
  return sameDay ? CLOCK.format(date) : `${DAY.format(date)} ${CLOCK.format(date)}`;
}

/**
 * `2026-04-07 13:05:20 UTC`.
 *
 * @param {string} iso
 */
export function utcTime(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/**
 * The time of day in the viewer's zone, and UTC under the pointer.
 *
 * @param {string} iso
 * @param {number} now
 */
export function timeAt(iso, now) {
  return el('time', { datetime: iso, title: utcTime(iso) }, clockTime(iso, now));
}

/**
 * How long it has been: `12 min`. It is kept up to date by `refreshAges`.
 *
 * @param {string} iso
 * @param {number} now
 */
export function timeSince(iso, now) {
  return el('time', { datetime: iso, title: `since ${utcTime(iso)}`, 'data-age': true }, age(iso, now));
}

/**
 * @param {ParentNode} root
 * @param {number} now
 */
export function refreshAges(root, now) {
  for (const element of root.querySelectorAll('time[data-age]')) {
    const text = age(element.getAttribute('datetime') ?? '', now);
    if (element.textContent !== text) element.textContent = text;
  }
}

/**
 * @param {string} iso
 * @param {number} now
 */
function age(iso, now) {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (Number.isNaN(seconds)) return iso;
  // Ages under a minute go by tens: what changes each second draws the eye to what is well.
  if (seconds < 10) return 'a moment';
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return twoParts(Math.floor(seconds / 60), 60, 'h', 'min');
  return twoParts(Math.floor(seconds / 3600), 24, 'd', 'h');
}

/**
 * @param {number} count of the smaller unit
 * @param {number} whole how many make one of the larger
 * @param {string} large
 * @param {string} small
 */
function twoParts(count, whole, large, small) {
  const rest = count % whole;
  return `${Math.floor(count / whole)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/**
 * Labels of a time axis: the time of day, and the day under the first of each.
 *
 * @param {readonly number[]} splits epoch seconds
 * @param {number} step seconds between them
 */
export function axisTimes(splits, step) {
  const format = step < 60 ? CLOCK : SHORT;
  return splits.map((split, index) => {
    const date = new Date(split * 1000);
    const before = splits[index - 1];
    const newDay = before === undefined || new Date(before * 1000).toDateString() !== date.toDateString();
    if (step >= 86_400) return DAY.format(date);
    return newDay ? `${format.format(date)}\n${DAY.format(date)}` : format.format(date);
  });
}
