/** @typedef {import('uplot')} Plot */
/** @typedef {import('../view/history.ts').HistoryView} HistoryView */

/** A threshold further above the data than this would press all of it to the floor. */
const REACH = 3;
/** Room under the lines for the marks, as a share of the axis. */
const FLOOR = 0.09;

/**
 * The latency axis: from under 0, where the marks are, to over what was measured and the thresholds near it.
 *
 * @param {number | null} low
 * @param {number | null} high
 * @param {readonly number[]} limits
 * @param {boolean} isLog
 * @returns {[number, number]}
 */
export function latencyRange(low, high, limits, isLog) {
  const top = high ?? Math.max(1, ...limits);
  const near = limits.filter((limit) => isLog || limit <= top * REACH);
  const most = Math.max(top, ...near) * 1.1;
  if (!isLog) return [-most * FLOOR, most];
  const least = Math.max(0.001, Math.min(low ?? most / 10, ...near) / 1.3);
  return [least / (most / least) ** FLOOR, most];
}

/**
 * @param {number} low
 * @param {number} high
 * @param {boolean} isLog
 */
export function latencySplits(low, high, isLog) {
  return isLog ? logSplits(low, high) : evenSplits(high);
}

/** @param {number} high */
function evenSplits(high) {
  const rough = high / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, index) => index * step);
}

/**
 * @param {number} low
 * @param {number} high
 */
function logSplits(low, high) {
  const factors = high / low > 100 ? [1] : high / low > 20 ? [1, 3] : [1, 2, 5];
  /** @type {number[]} */
  const splits = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    splits.push(...factors.map((factor) => factor * 10 ** power).filter((split) => split >= low && split <= high));
  }
  return splits;
}

/**
 * @param {Plot} plot
 * @param {HistoryView['limits']} limits
 * @param {(name: string) => string} colour
 */
export function drawLimits(plot, limits, colour) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `600 ${11 * ratio}px system-ui, sans-serif`;
  ctx.fillStyle = colour('--accent');
  ctx.strokeStyle = colour('--accent');
  ctx.lineWidth = 1.5 * ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'alphabetic';
  let above = 0;
  for (const { label, ms } of limits) {
    const y = plot.valToPos(ms, 'y', true);
    const right = bbox.left + bbox.width - 6 * ratio;
    if (y < bbox.top) {
      // Too far above to be drawn: it is named at the top, where it would be.
      ctx.fillText(`↑ ${label}`, right, bbox.top + (13 + 14 * above) * ratio);
      above += 1;
      continue;
    }
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(label, right, y - 5 * ratio);
  }
  ctx.restore();
}

/** Each outcome's colour and shape; the shapes are those of its icon. */
const MARKS = {
  fail: { colour: '--fail', path: 'M-3.5-3.5l7 7M3.5-3.5l-7 7' },
  degraded: { colour: '--degraded', path: 'M0-4v4.6M0 3.2v.8' },
  inconclusive: { colour: '--inconclusive', path: 'M3 0a3 3 0 1 1-6 0a3 3 0 1 1 6 0' },
  missed: { colour: '--idle', path: 'M-3 0h6' },
  late: { colour: '--idle', path: 'M-3 0h6' },
  skipped: { colour: '--idle', path: 'M-3 0h6' },
  deferred: { colour: '--idle', path: 'M-3 0h6' },
};

/**
 * Runs that were not good, in a row under the lines; a failed one has a line through the whole chart besides.
 *
 * @param {Plot} plot
 * @param {HistoryView | null} view
 * @param {(name: string) => string} colour
 */
export function drawMarks(plot, view, colour) {
  if (view === null) return;
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const y = bbox.top + bbox.height - 9 * ratio;
  ctx.save();
  ctx.lineWidth = 1.8;
  ctx.lineCap = 'round';
  view.columns.run.forEach((run, index) => {
    const outcome = run === null ? undefined : view.runs[run]?.outcome;
    if (outcome === undefined || outcome === 'pass') return;
    const mark = MARKS[outcome];
    const x = plot.valToPos(view.columns.at[index] ?? 0, 'x', true);
    // Zoomed in, the others are beside the chart.
    if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) return;
    ctx.strokeStyle = colour(mark.colour);
    if (outcome === 'fail') {
      ctx.globalAlpha = 0.25;
      ctx.fillStyle = ctx.strokeStyle;
      ctx.fillRect(x - ratio / 2, bbox.top, ratio, bbox.height);
      ctx.globalAlpha = 1;
    }
    ctx.setTransform(ratio, 0, 0, ratio, x, y);
    ctx.stroke(new Path2D(mark.path));
    ctx.setTransform(1, 0, 0, 1, 0, 0);
  });
  ctx.restore();
}
