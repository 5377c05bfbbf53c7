import type { IncidentOutcome } from '../../judge/backtest/incidents.ts';
import type { TraceBucket } from '../../judge/backtest/trace.ts';
import type { Episode } from '../../judge/backtest.ts';
import { plural } from '../format.ts';
import { html, type Markup } from '../html/markup.ts';
import { anchorAt, percent, tickLabel } from '../html/scale.ts';
import { type TimeAxis, timeAxis, type ValueAxis, valueAxis } from './axis.ts';
import type { BacktestReport } from './report.ts';
import { episodeStretch, formatTime, formatValue, outcomeWords, ruleName, totalWords } from './words.ts';

/** Of the picture, in px; its width is that of the page. */
const plotHeight = 260;
const laneHeight = 30;
const axisHeight = 22;
/** Columns of the drawing that is stretched over the width. */
const columns = 2000;

type Frame = { readonly time: TimeAxis; readonly value: ValueAxis; readonly fromMs: number; readonly toMs: number };

const x = (frame: Frame, atMs: number): string => percent(frame.time.at(atMs) * 100);
const y = (frame: Frame, value: number): number => plotHeight * (1 - frame.value.at(value));
const point = (frame: Frame, atMs: number, value: number): string =>
  `${(frame.time.at(atMs) * columns).toFixed(1)} ${y(frame, value).toFixed(1)}`;

/** Stretches without a hole: where nothing was measured, nothing is drawn. */
const unbroken = (buckets: readonly TraceBucket[]): readonly (readonly TraceBucket[])[] => {
  const steps = buckets.slice(1).map(({ atMs }, index) => atMs - (buckets[index]?.atMs ?? atMs));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const stretches: TraceBucket[][] = [];
  for (const bucket of buckets) {
    const last = stretches.at(-1)?.at(-1);
    if (last && bucket.atMs - last.atMs <= 6 * usual) stretches.at(-1)?.push(bucket);
    else stretches.push([bucket]);
  }
  return stretches;
};

const meanOf = ({ sum, count }: TraceBucket): number => sum / count;

const lineThrough = (frame: Frame, buckets: readonly TraceBucket[]): string => {
  const [first] = buckets;
  const points = buckets.map((bucket) => point(frame, bucket.atMs, meanOf(bucket)));
  // A lone point is a line of no length, which its round ends make a dot.
  return buckets.length === 1 && first ? `M${points[0]}h.01` : `M${points.join('L')}`;
};

const areaAround = (frame: Frame, buckets: readonly TraceBucket[]): string =>
  `M${[
    ...buckets.map((bucket) => point(frame, bucket.atMs, bucket.max)),
    ...buckets.toReversed().map((bucket) => point(frame, bucket.atMs, bucket.min)),
  ].join('L')}Z`;

const series = (frame: Frame, { trace, replayed }: BacktestReport): Markup => {
  const stretches = unbroken(trace);
  const area = stretches.map((each) => areaAround(frame, each)).join('');
  const mean = stretches.map((each) => lineThrough(frame, each)).join('');
  // A baseline holds until it changes, so it has no holes.
  const level = replayed.baseline.length === 0 ? '' : lineThrough(frame, replayed.baseline);
  return html`<svg x="0" y="0" width="100%" height="${plotHeight}" viewBox="0 0 ${columns} ${plotHeight}" preserveAspectRatio="none" aria-hidden="true">
<path class="bt-area" d="${area}"/><path class="bt-mean" d="${mean}"/>${level === '' ? null : html`<path class="bt-base" d="${level}"/>`}</svg>`;
};

/** Beyond the top of the axis: a tick on the upper edge, with its figure. */
const cutOff = (frame: Frame, { trace, measure }: BacktestReport): readonly Markup[] =>
  trace
    .filter(({ max }) => max > frame.value.top)
    .slice(0, 400)
    .map(
      ({ atMs, max }) =>
        html`<svg x="${x(frame, atMs)}" y="0" class="anchor"><path class="bt-cut" d="M-3.5 5L0 0l3.5 5z"><title>${formatTime(atMs)}: ${formatValue(max, measure)}</title></path></svg>`,
    );

const grid = ({ value }: Frame): readonly Markup[] =>
  value.ticks.map((tick) => {
    const at = (plotHeight * (1 - value.at(tick))).toFixed(1);
    return html`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}"/>`;
  });

const gridLabels = ({ value }: Frame, { measure }: BacktestReport): readonly Markup[] =>
  value.ticks.map((tick) => {
    const at = plotHeight * (1 - value.at(tick));
    const label = measure.unit === 'ms' ? tickLabel(tick) : String(tick);
    return at < 10 ? html`` : html`<text x="0" y="${(at - 3).toFixed(1)}">${label}</text>`;
  });

const limits = (frame: Frame, { settings }: BacktestReport): readonly Markup[] =>
  settings.flatMap(({ limit, subject }) => {
    if (limit === undefined || limit > frame.value.top) return [];
    const at = y(frame, limit).toFixed(1);
    return [
      html`<line class="threshold" x1="0" x2="100%" y1="${at}" y2="${at}"/><text class="threshold-label" x="100%" y="${(Number(at) - 4).toFixed(1)}" text-anchor="end">${subject}</text>`,
    ];
  });

const spanOf = (
  frame: Frame,
  startMs: number,
  endMs: number | null,
): { readonly x: string; readonly width: string } => {
  const from = frame.time.at(startMs);
  const to = frame.time.at(endMs ?? frame.toMs);
  return { x: percent(from * 100), width: percent((to - from) * 100) };
};

const wash = (frame: Frame, { atMs, untilMs, severity }: Episode): Markup => {
  const { x: left, width } = spanOf(frame, atMs, untilMs);
  return html`<rect class="bt-wash is-${severity}" x="${left}" y="0" width="${width}" height="${plotHeight}"/><line class="bt-begin is-${severity}" x1="${left}" x2="${left}" y1="0" y2="${plotHeight}"/>`;
};

/** About the share of the width that a character takes on a wide page. */
const characterShare = 0.0062;

/** Numbers of those incidents whose names have room on one line. */
const withRoom = (frame: Frame, incidents: readonly IncidentOutcome[]): ReadonlySet<number> => {
  const room = new Set<number>();
  let free = 0;
  for (const [index, { startMs, name }] of incidents.entries()) {
    const at = frame.time.at(startMs);
    const next = incidents[index + 1];
    const wide = (name?.length ?? 0) * characterShare + 0.03;
    if (at < free || at + wide > (next ? frame.time.at(next.startMs) : 1)) continue;
    room.add(index);
    free = at + wide;
  }
  return room;
};

type Lane = { readonly label: string; readonly marks: readonly Markup[]; readonly names?: readonly Markup[] };

const incidentLane = (frame: Frame, incidents: readonly IncidentOutcome[]): Lane => {
  const room = withRoom(frame, incidents);
  const isNarrow = incidents.length > 40;
  return {
    label: 'Incidents',
    marks: incidents.map((incident) => {
      const { x: left, width } = spanOf(frame, incident.startMs, incident.endMs);
      const title = `${incident.name ?? 'incident'}, ${formatTime(incident.startMs)} to ${formatTime(incident.endMs)}: ${outcomeWords(incident)}`;
      return html`<rect class="bt-mark is-incident${incident.result === 'missed' ? ' is-missed' : ''}" x="${left}" y="17" width="${width}" height="9" rx="1.5"><title>${title}</title></rect>`;
    }),
    names: isNarrow
      ? []
      : incidents.map((incident, index) => {
          const name =
            room.has(index) && incident.name !== undefined
              ? html`<tspan class="bt-long"> ${incident.name}</tspan>`
              : null;
          return html`<text x="${x(frame, incident.startMs)}" y="12" class="bt-name">${index + 1}${name}</text>`;
        }),
  };
};

const ruleLanes = (frame: Frame, { settings, replayed }: BacktestReport): readonly Lane[] =>
  settings.map((one) => ({
    label: ruleName(one),
    marks: replayed.episodes
      .filter(({ rule, subject }) => rule === one.rule && subject === one.subject)
      .map((episode) => {
        const { x: left, width } = spanOf(frame, episode.atMs, episode.untilMs);
        const title = `${episode.severity}, ${formatTime(episode.atMs)}, ${episodeStretch(episode)}: ${episode.reason}`;
        return html`<rect class="bt-mark is-${episode.severity}" x="${left}" y="17" width="${width}" height="9" rx="1.5"><title>${title}</title></rect>`;
      }),
  }));

const renderLane = (
  { label, marks, names = [] }: Lane,
  index: number,
): Markup => html`<svg y="${plotHeight + axisHeight + 6 + index * laneHeight}" class="anchor" width="100%" height="${laneHeight}">
<line class="grid" x1="0" x2="100%" y1="26.5" y2="26.5"/>${marks}${names.length > 0 ? names : html`<text x="0" y="12">${label}</text>`}</svg>`;

const axis = (frame: Frame): Markup => {
  const ticks = frame.time.ticks.map(({ atMs, label }, index) => {
    const at = frame.time.at(atMs) * 100;
    return html`<g class="${index % 3 === 0 ? 'bt-major' : 'bt-minor'}"><line class="tick" x1="${percent(at)}" x2="${percent(at)}" y1="${plotHeight}" y2="${plotHeight + 4}"/><text x="${percent(at)}" y="${plotHeight + 17}" text-anchor="${anchorAt(at)}">${label}</text></g>`;
  });
  return html`<line class="baseline" x1="0" x2="100%" y1="${plotHeight}" y2="${plotHeight}"/>${ticks}`;
};

const frameOf = ({ trace, replayed, settings }: BacktestReport, fromMs: number, toMs: number): Frame => {
  const lines = [
    ...settings.flatMap(({ limit }) => limit ?? []),
    ...replayed.baseline
      .map(({ max }) => max)
      .toSorted((a, b) => b - a)
      .slice(0, 1),
  ];
  const value = valueAxis(
    trace.map(({ max }) => max),
    trace.map(({ min }) => min),
    lines,
  );
  return { time: timeAxis(fromMs, toMs), value, fromMs, toMs };
};

const legend = (frame: Frame, { trace, replayed, measure, incidents }: BacktestReport): Markup => {
  const isFolded = trace.some(({ count }) => count > 1);
  const beyond = trace.filter(({ max }) => max > frame.value.top);
  const highest = beyond.reduce((most, { max }) => Math.max(most, max), 0);
  const key = (kind: string, words: string) =>
    html`<li><svg class="bt-key" width="14" height="10" aria-hidden="true">${
      kind === 'mean' || kind === 'base'
        ? html`<path class="bt-${kind}" d="M0 5h14"/>`
        : html`<rect class="bt-mark is-${kind}" width="14" height="10" rx="2"/>`
    }</svg>${words}</li>`;
  return html`<ul class="legend">${key('mean', isFolded ? `${measure.name}: mean, with its lowest and highest` : measure.name)}
${replayed.baseline.length > 0 ? key('base', 'baseline') : null}${key('page', 'page')}${key('ticket', 'ticket')}${incidents ? key('incident', 'incident') : null}
${beyond.length > 0 ? html`<li>▲ ${plural(beyond.length, 'peak')} beyond the top, up to ${formatValue(highest, measure)}</li>` : null}</ul>`;
};

/** The history with its baseline, and what the rules made of it: a picture as wide as its place, whatever its length. */
export const historyChart = (report: BacktestReport): Markup => {
  const { fromMs, toMs, episodes } = report.replayed;
  if (fromMs === null || toMs === null) return html``;
  const frame = frameOf(report, fromMs, toMs);
  const incidents = report.incidents?.incidents.filter(({ result }) => result !== 'outside') ?? [];
  const lanes = [...ruleLanes(frame, report), ...(incidents.length > 0 ? [incidentLane(frame, incidents)] : [])];
  const height = plotHeight + axisHeight + 6 + lanes.length * laneHeight;
  const washes = episodes.slice(0, 1000).map((episode) => wash(frame, episode));
  return html`<svg class="history" height="${height}" role="img"><title>${report.measure.name} of ${report.source.name} from ${formatTime(fromMs)} to ${formatTime(toMs)}: ${totalWords(report.replayed)}</title>
${grid(frame)}${washes}${series(frame, report)}${cutOff(frame, report)}${limits(frame, report)}${gridLabels(frame, report)}${axis(frame)}${lanes.map(renderLane)}</svg>
${legend(frame, report)}`;
};
