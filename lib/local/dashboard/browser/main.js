import { createDetail } from './detail.js';
import { el, setText } from './dom.js';
import { listen, oneAtATime } from './live.js';
import { createOverview } from './overview.js';
import { statePill } from './probe-row.js';
import { currentRoute, followLinks, hrefOf } from './route.js';
import { refreshAges } from './times.js';

/** @typedef {import('../view/state.ts').StateView} StateView */

const AGES_MS = 5_000;

/** @param {string} id */
function part(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * What the server answers; `null` where it knows of no such thing.
 *
 * @param {string} path
 * @returns {Promise<any>}
 */
async function read(path) {
  const response = await fetch(path);
  if (response.status === 404 || response.status === 400) return null;
  if (!response.ok) throw new Error((await response.json()).error);
  return response.json();
}

function start() {
  const [main, live, overall, headline] = [part('main'), part('live'), part('overall'), part('headline')];
  const title = document.title;
  /** The watch's wall clock where this page's monotonic one was 0. */
  let zeroMs = 0;
  const now = () => zeroMs + performance.now();

  /** @type {import('./failures.js').ReadRun} */
  const readRun = (runId) => read(`/api/run/${encodeURIComponent(runId)}`);
  /** @param {string} probe */
  const readHistory = (probe) => read(`/api/history?probe=${encodeURIComponent(probe)}`);

  const refresh = oneAtATime(() => show().catch(failed));
  const overview = createOverview({ onRoute: refresh, readRun });
  /** @type {ReturnType<typeof createDetail> | null} */
  let detail = null;

  async function show() {
    const route = currentRoute();
    const { run: _, ...asked } = route;
    /** @type {StateView} */
    const view = await read(`/api/state${hrefOf(asked).slice(1)}`);
    // The reader has gone elsewhere meanwhile; what is shown next is already asked for.
    if (hrefOf(currentRoute()) !== hrefOf(route)) return;
    zeroMs = view.now - performance.now();
    showHeader(view);
    if (route.probe === null) {
      leaveDetail();
      overview.update(view, now());
      return;
    }
    if (detail?.probe !== route.probe) enterDetail(route.probe);
    await detail?.update(view.probes[0], route, now());
  }

  /** @param {StateView} view */
  function showHeader(view) {
    setText(headline, view.headline);
    overall.replaceChildren(...statePill(view.overall).childNodes);
    overall.className = `pill is-${view.overall}`;
    const breached = view.counts.breached === 0 ? '' : `(${view.counts.breached}) `;
    document.title = `${breached}${title}`;
  }

  /** @param {string} probe */
  function enterDetail(probe) {
    detail?.destroy();
    detail = createDetail(probe, { readRun, readHistory });
    main.replaceChildren(detail.element);
    scrollTo(0, 0);
    detail.heading.focus({ preventScroll: true });
  }

  function leaveDetail() {
    if (main.firstElementChild === overview.element) return;
    const left = detail?.probe;
    detail?.destroy();
    detail = null;
    main.replaceChildren(overview.element);
    // Back where the reader came from, once the rows are there.
    if (left !== undefined) requestAnimationFrame(() => overview.focus(left));
  }

  /** @param {unknown} error */
  function failed(error) {
    // A server that is gone is told by the stream, which also asks again; one that answers badly says why.
    if (!(error instanceof TypeError)) setText(headline, error instanceof Error ? error.message : String(error));
  }

  followLinks(refresh);
  listen('/api/events', {
    onChange: () => document.hidden || refresh(),
    onStatus(status) {
      live.className = `live is-${status}`;
      live.replaceChildren(el('span', { class: 'lamp', 'aria-hidden': 'true' }), el('span', {}, status));
    },
  });
  // A page in the background rests; in the foreground again, it catches up.
  document.addEventListener('visibilitychange', () => document.hidden || refresh());
  setInterval(() => document.hidden || refreshAges(document, now()), AGES_MS);
}

start();
