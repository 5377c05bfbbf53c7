import { identitiesOf } from '../../../drill/identity.ts';
import type { DrillReport } from '../../../drill/report.ts';
import { formatCount, plural } from '../../format.ts';
import { html, type Markup } from '../../html/markup.ts';
import { percent } from '../../html/scale.ts';
import { shortLine } from '../../plain.ts';
import { outageWords } from '../words.ts';
import { axisRow, bar, gridLines, type Lane, since } from './lane.ts';
import { lossKnown } from './ledger.ts';
import { hasSeenLive, liveLane } from './live.ts';
import { aroundRestart, type Cell, cellsOf, lostWrites, type Stretch } from './moments.ts';

const height = 28;
const middle = height / 2;

const restartLane = (report: DrillReport, stretch: Stretch): Lane => {
  const asked = report.askedAt ?? undefined;
  const accepted = report.receipt?.acceptedAt;
  const dot = (atMs: number | undefined, look: string, title: string): Markup | null =>
    atMs === undefined
      ? null
      : html`<circle class="${look}" cx="${percent(stretch.at(atMs))}" cy="${middle}" r="5"><title>${title}</title></circle>`;
  return {
    name: 'Restart',
    plot: html`${dot(accepted, 'dr-accepted', 'accepted')}${dot(asked, 'dr-asked', 'asked for')}`,
    words: accepted === undefined ? 'not accepted' : `accepted ${since(stretch, accepted)}`,
  };
};

const cellTitle = ({ turns, good, problem }: Cell): string =>
  `${plural(turns, 'turn')}: ${good ? 'good' : `bad, ${shortLine(problem ?? 'no reason', 200)}`}`;

/** A bad turn is lower, too: colour is never all that tells them apart. */
const samplerLane = ({ ticks }: DrillReport, stretch: Stretch, cells: readonly Cell[]): Lane => {
  const good = ticks.filter((tick) => tick.good).length;
  const close = cells.length > 60 ? ' is-close' : '';
  return {
    name: 'Sampler',
    plot: html`${cells.map((cell) => {
      const look = `${cell.good ? 'dr-good' : 'dr-bad'} dr-cell${close}`;
      return bar(stretch, [cell.fromMs, cell.toMs], cell.good ? [5, 18] : [16, 7], look, cellTitle(cell));
    })}`,
    words: `${formatCount(good)} of ${plural(ticks.length, 'turn')} good`,
  };
};

const identityLane = ({ identity }: DrillReport, stretch: Stretch, cells: readonly Cell[]): Lane => {
  const before = new Set(identitiesOf(identity.before));
  const lookOf = (boot: string): string => (before.has(boot) ? 'dr-old' : 'dr-new');
  const told = cells.flatMap(({ boot, ...cell }) => (boot === undefined ? [] : [{ ...cell, boot }]));
  const firstNew = told.find(({ boot }) => !before.has(boot));
  return {
    name: 'Who answers',
    plot: html`${told.map(({ fromMs, toMs, boot }) => bar(stretch, [fromMs, toMs], before.has(boot) ? [10, 8] : [7, 14], lookOf(boot), shortLine(boot, 100)))}`,
    words: firstNew === undefined ? 'nobody new' : `new ${since(stretch, firstNew.fromMs)}`,
  };
};

/** Where the objective ends, when that is in the picture. */
const limitAt = ({ measured: { outage }, objectives }: DrillReport, { toMs }: Stretch): number | undefined => {
  if (outage.kind !== 'seen') return undefined;
  const limit = outage.interruptedAt.earliest + objectives.rtoMs;
  return limit < toMs ? limit : undefined;
};

const limitLine = (report: DrillReport, stretch: Stretch): Markup | null => {
  const limit = limitAt(report, stretch);
  if (limit === undefined) return null;
  const at = percent(stretch.at(limit));
  return html`<line class="limit" x1="${at}" x2="${at}" y1="2" y2="${height - 2}"><title>RTO</title></line>`;
};

const awayLane = (report: DrillReport, stretch: Stretch): Lane => {
  const { outage } = report.measured;
  const name = 'Away';
  if (outage.kind !== 'seen')
    return { name, plot: html``, words: outage.kind === 'unseen' ? 'not seen' : 'not sampled' };
  const { interruptedAt, recoveredAt, durationMs } = outage;
  const end = recoveredAt ?? stretch.toMs;
  const sureTo = Math.min(end, interruptedAt.latest + durationMs.lowerMs);
  const [most, sure] = [
    'at most, from the last good turn to the first good one',
    'for sure, from the first bad turn to the last',
  ];
  return {
    name,
    plot: html`${bar(stretch, [interruptedAt.earliest, end], [11, 6], 'dr-unsure', most)}${bar(stretch, [interruptedAt.latest, sureTo], [7, 14], 'dr-away', sure)}${limitLine(report, stretch)}`,
    words: outageWords(outage),
  };
};

/** More marks beside each other are one. */
const mostMarks = 160;

/** Each lost write where it was acknowledged; those too near to be told apart share a mark. */
const lossMarks = (report: DrillReport, stretch: Stretch): readonly Markup[] => {
  const place = (atMs: number): number => Math.round((stretch.at(atMs) / 100) * mostMarks);
  return [...Map.groupBy(lostWrites(report), ({ endedAt }) => place(endedAt)).values()].map((some) => {
    const [from, to] = [some[0]?.endedAt ?? stretch.fromMs, some.at(-1)?.endedAt ?? stretch.fromMs];
    const title = some.length === 1 ? shortLine(some[0]?.id ?? '', 100) : `${plural(some.length, 'write')}`;
    return bar(stretch, [from, to], [5, 18], 'dr-lost', `${title}, acknowledged ${since(stretch, from)}`);
  });
};

const lossLane = (report: DrillReport, stretch: Stretch): Lane => {
  const { lost, acknowledged } = report.ledger;
  const name = 'Lost writes';
  if (lost === 0)
    return { name, plot: html``, words: lossKnown(report) ? `none of ${formatCount(acknowledged)}` : 'not shown' };
  return {
    name,
    plot: html`${lossMarks(report, stretch)}`,
    words: `${formatCount(lost)} of ${formatCount(acknowledged)}`,
    tone: 'fail',
  };
};

const laneRow = (stretch: Stretch, { name, plot, words, tone }: Lane, asked: number | undefined): Markup => {
  const at = asked === undefined ? '' : percent(stretch.at(asked));
  const line = at === '' ? null : html`<line class="dr-rule" x1="${at}" x2="${at}" y1="0" y2="${height}"/>`;
  return html`<li class="wf-row dr-row${tone === undefined ? '' : ` is-${tone}`}"><span class="wf-name">${name}</span>
<svg class="wf-plot" height="${height}" role="img"><title>${name}: ${words}</title>${gridLines(stretch, height)}<line class="track" x1="0" x2="100%" y1="${middle}" y2="${middle}"/>${line}${plot}</svg><span class="wf-latency">${words}</span></li>`;
};

export const key = (look: string, words: string): Markup =>
  html`<li><svg width="12" height="12" aria-hidden="true"><g class="${look}"><rect width="12" height="12" rx="2"/></g></svg>${words}</li>`;

const pointKey = (look: string, words: string): Markup =>
  html`<li><svg width="12" height="12" aria-hidden="true"><circle class="${look}" cx="6" cy="6" r="4.5"/></svg>${words}</li>`;

const limitKey = html`<li><svg width="12" height="12" aria-hidden="true"><line class="limit" x1="6" x2="6" y1="0" y2="12"/></svg>RTO</li>`;

const legend = (report: DrillReport, cells: readonly Cell[], stretch: Stretch): Markup => {
  const { ledger, ticks: turns, observed } = report;
  const joint = cells.length < turns.length ? 'turns alike are joined' : 'one cell is one turn';
  return html`<ul class="legend">${pointKey('dr-asked', 'asked for')}${pointKey('dr-accepted', 'accepted')}${key('dr-good', `good turn (${joint})`)}${key('dr-bad', 'bad turn')}${key('dr-old', 'who was there before')}${key('dr-new', 'somebody new')}${key('dr-away', 'away for sure')}${key('dr-unsure', 'away at most')}${limitAt(report, stretch) === undefined ? null : limitKey}${observed ? key('dr-joined', 'live client connected') : null}${hasSeenLive(report) ? key('dr-told', 'it was told of a write') : null}${ledger.lost > 0 ? key('dr-lost', 'lost write, when it was acknowledged') : null}</ul>`;
};

/** The restart from outside: what was asked, who answered, what was gone; `null` when the sampler never turned. */
export const restartPicture = (report: DrillReport): Markup | null => {
  const stretch = aroundRestart(report);
  if (!stretch) return null;
  const cells = cellsOf(report.ticks);
  const asked = report.askedAt ?? undefined;
  const lanes = [
    restartLane(report, stretch),
    samplerLane(report, stretch, cells),
    identityLane(report, stretch, cells),
    awayLane(report, stretch),
    ...[liveLane(report, stretch)].flatMap((lane) => lane ?? []),
    lossLane(report, stretch),
  ];
  return html`<figure class="dr-lanes"><figcaption><h3>Around the restart</h3><span>${asked === undefined ? 'from the first turn of the sampler' : 'from the moment it was asked for'}</span></figcaption>
${axisRow(stretch)}<ol>${lanes.map((lane) => laneRow(stretch, lane, asked))}</ol>${legend(report, cells, stretch)}</figure>`;
};
