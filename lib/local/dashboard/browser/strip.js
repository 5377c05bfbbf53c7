import { el, reconcile } from './dom.js';
import { hrefOf } from './route.js';
import { clockTime } from './times.js';

/** @typedef {import('../view/state.ts').RunLine} RunLine */

/**
 * The last runs as ticks about the load line: a good one stands on it, a slow one across it, a bad one hangs below.
 * The whole strip is one stop of the Tab key; the arrow keys walk its runs.
 *
 * @param {string} probe
 */
export function createStrip(probe) {
  const strip = el('div', { class: 'strip', role: 'group', 'aria-label': `Last runs of ${probe}` });
  strip.addEventListener('keydown', walk);
  return strip;
}

/**
 * @param {Element} strip
 * @param {readonly RunLine[]} runs oldest first
 * @param {number} now
 */
export function updateStrip(strip, runs, now) {
  reconcile(strip, runs, {
    key: (run) => run.runId,
    create: (run) => el('a', { href: hrefOf({ probe: run.probe, run: run.runId }), tabindex: '-1' }),
    update: (tick, run) => {
      const words = `${run.outcome}, ${clockTime(run.slot, now)}${run.p95 === '–' ? '' : `, p95 ${run.p95}`}`;
      tick.className = `tick is-${run.outcome}`;
      tick.title = run.reason === '' ? words : `${words}: ${run.reason}`;
      tick.setAttribute('aria-label', tick.title);
    },
  });
  const ticks = [...strip.children];
  if (ticks.some((tick) => tick.getAttribute('tabindex') === '0')) return;
  ticks.at(-1)?.setAttribute('tabindex', '0');
}

/** @param {KeyboardEvent} event */
function walk(event) {
  const from = document.activeElement;
  const ticks =
    from?.parentElement === event.currentTarget && from !== null ? [...(from.parentElement?.children ?? [])] : [];
  const at = from === null ? -1 : ticks.indexOf(from);
  const last = ticks.length - 1;
  /** @type {Readonly<Record<string, number>>} */
  const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last };
  const to = moves[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  const tick = ticks[Math.min(last, Math.max(0, to))];
  if (!(tick instanceof HTMLElement)) return;
  from?.setAttribute('tabindex', '-1');
  tick.setAttribute('tabindex', '0');
  tick.focus();
}
