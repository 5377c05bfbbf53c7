import { drawLimits, drawMarks, latencyRange, latencySplits } from './chart-marks.js';
import { el, icon } from './dom.js';
import { hrefOf } from './route.js';
import { axisTimes, clockTime } from './times.js';
import uPlot from './uplot.js';

/** @typedef {import('../view/history.ts').HistoryView} HistoryView */

/** Bad runs have a mark under the lines, with the icon of their outcome. */
const MARKED = ['fail', 'degraded', 'inconclusive', 'missed', 'late', 'skipped', 'deferred'];

/** @param {string} name of a colour of the style sheet */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * Latency over time: p50 and p95, the thresholds as lines, bad runs as marks, and gaps where runs are missing.
 *
 * @param {HTMLElement} section
 * @param {string} probe
 */
export function createChart(section, probe) {
  const log = el('input', { type: 'checkbox', id: 'log' });
  const host = el('div', { class: 'chart', role: 'img' });
  const legend = el('ul', { class: 'legend' });
  const empty = el('p', { class: 'calm' }, 'The chart begins with the first run.');
  section.append(
    el(
      'div',
      { class: 'toolbar' },
      el('h2', {}, 'Latency over time'),
      el('label', { class: 'toggle' }, log, 'log scale'),
    ),
    empty,
    host,
    legend,
  );
  /** @type {uPlot | null} */
  let plot = null;
  /** @type {HistoryView | null} */
  let view = null;

  const draw = () => {
    plot?.destroy();
    plot = null;
    empty.hidden = view !== null && view.runs.length > 0;
    host.hidden = !empty.hidden;
    if (view === null || view.runs.length === 0) return;
    host.setAttribute('aria-label', view.summary);
    plot = new uPlot(
      optionsOf(() => view, host.clientWidth, log.checked),
      dataOf(view),
      host,
    );
    plot.over.addEventListener('click', () => choose(plot, view, probe));
  };
  const sized = new ResizeObserver(() => plot?.setSize(sizeOf(host.clientWidth)));
  sized.observe(host);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', draw);
  log.addEventListener('change', draw);

  return {
    /** @param {HistoryView} next */
    update(next) {
      // Thresholds are on the axis, so that other ones need another axis.
      const isSame = plot !== null && JSON.stringify(view?.limits) === JSON.stringify(next.limits);
      view = next;
      legend.replaceChildren(...legendOf(next));
      if (isSame) {
        host.setAttribute('aria-label', next.summary);
        refill(plot, next);
      } else draw();
    },
    destroy() {
      sized.disconnect();
      scheme.removeEventListener('change', draw);
      plot?.destroy();
    },
  };
}

/**
 * New data into the chart as it is: zoomed in, it stays there.
 *
 * @param {uPlot | null} plot
 * @param {HistoryView} view
 */
function refill(plot, view) {
  if (plot === null) return;
  const times = plot.data[0];
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  const isZoomed = (min ?? 0) > (times[0] ?? 0) || (max ?? 0) < (times.at(-1) ?? 0);
  plot.setData(dataOf(view), !isZoomed);
  if (isZoomed) plot.redraw();
}

/** @param {HistoryView} view @returns {uPlot.AlignedData} */
function dataOf({ columns: { at, p50, p95 } }) {
  return [[...at], [...p50], [...p95], at.map(() => null)];
}

/** @param {number} width */
function sizeOf(width) {
  return { width, height: width < 500 ? 220 : 280 };
}

/**
 * @param {() => HistoryView | null} current
 * @param {number} width
 * @param {boolean} isLog
 * @returns {uPlot.Options}
 */
function optionsOf(current, width, isLog) {
  const [ink, line] = [colour('--muted'), colour('--line')];
  const font = '12px system-ui, sans-serif';
  /** @type {uPlot.Axis} */
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 5 } };
  /** @type {(label: string, stroke: string, value: (run: HistoryView['runs'][number]) => string, more: object) => uPlot.Series} */
  const series = (label, stroke, value, more) => ({
    label,
    stroke,
    width: 2,
    points: { size: 5, fill: stroke, filter: lonely },
    value: (_plot, _value, _series, index) => {
      const run = runAt(current(), index);
      return run === undefined ? '–' : value(run);
    },
    ...more,
  });
  const limits = (current()?.limits ?? []).map((limit) => limit.ms);
  return {
    ...sizeOf(width),
    // Half a label of the time axis.
    padding: [12, 28, null, null],
    cursor: { y: false, drag: { x: true, y: false }, points: { size: 8 } },
    scales: {
      // A lone run has no span of its own; uPlot would give it years.
      x: { time: true, range: (_plot, low, high) => (low === high ? [low - 300, high + 300] : [low, high]) },
      y: { distr: isLog ? 3 : 1, range: (_plot, low, high) => latencyRange(low, high, limits, isLog) },
    },
    axes: [
      { ...axis, size: 46, space: 70, values: (_plot, splits, _axis, _space, step) => axisTimes(splits, step) },
      {
        ...axis,
        size: 68,
        splits: (_plot, _axis, low, high) => latencySplits(low, high, isLog),
        filter: (_plot, splits) => splits,
        values: (_plot, splits) => splits.map(tickLabel),
      },
    ],
    series: [
      {
        label: 'run',
        value: (_plot, at) =>
          at === null ? '–' : clockTime(new Date(at * 1000).toISOString(), performance.timeOrigin + performance.now()),
      },
      series('p50', colour('--muted'), (run) => run.p50, { width: 1.5, dash: [5, 3] }),
      series('p95', colour('--firstByte'), (run) => run.p95, {}),
      series('verdict', 'transparent', (run) => run.outcome, { paths: () => null, points: { show: false } }),
    ],
    hooks: {
      // Without a pointer over the chart, its figures are those of the latest run.
      setLegend: [(plot) => (plot.cursor.idx === null || plot.cursor.idx === undefined ? restLegend(plot) : undefined)],
      ready: [restLegend],
      setData: [restLegend],
      draw: [(plot) => drawLimits(plot, current()?.limits ?? [], colour), (plot) => drawMarks(plot, current(), colour)],
    },
  };
}

/** @param {uPlot} plot */
function restLegend(plot) {
  plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}

/**
 * Few points are all shown; of many, those without a neighbour, which no line would show.
 *
 * @param {uPlot} plot
 * @param {number} index of the series
 */
function lonely(plot, index) {
  const data = [...(plot.data[index] ?? [])];
  const known = data.flatMap((value, at) => (value === null || value === undefined ? [] : [at]));
  if (known.length <= 40) return known;
  return known.filter((at) => (data[at - 1] ?? null) === null && (data[at + 1] ?? null) === null);
}

/**
 * @param {HistoryView | null} view
 * @param {number | null | undefined} index of a column
 */
function runAt(view, index) {
  const run = index === null || index === undefined ? null : view?.columns.run[index];
  return run === null || run === undefined ? undefined : view?.runs[run];
}

/**
 * A click on the chart shows the run under the pointer.
 *
 * @param {uPlot | null} plot
 * @param {HistoryView | null} view
 * @param {string} probe
 */
function choose(plot, view, probe) {
  const run = runAt(view, plot?.cursor.idx);
  if (run === undefined) return;
  history.pushState(null, '', hrefOf({ probe, run: run.runId }));
  dispatchEvent(new PopStateEvent('popstate'));
}

/** @param {number} ms */
function tickLabel(ms) {
  return ms >= 1000 ? `${Number((ms / 1000).toPrecision(4))} s` : `${Number(ms.toPrecision(4))} ms`;
}

/** @param {HistoryView} view */
function legendOf({ runs }) {
  return MARKED.flatMap((outcome) => {
    const count = runs.filter((run) => run.outcome === outcome).length;
    return count === 0 ? [] : [el('li', { class: `is-${outcome}` }, icon(`outcome-${outcome}`), `${count} ${outcome}`)];
  });
}
