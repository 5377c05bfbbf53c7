import type { EpochMs, TrailEntry } from '../../../drill/record.ts';
import type { DrillReport } from '../../../drill/report.ts';
import type { DrillState } from '../../../drill/states.ts';
import { formatMs } from '../../format.ts';
import { html, type Markup } from '../../html/markup.ts';
import { shortLine } from '../../plain.ts';
import { axisRow, bar, gridLines } from './lane.ts';
import { key } from './lanes.ts';
import { type Stretch, stretchOf, timeOf } from './moments.ts';

const height = 24;

type Part = 'prepare' | 'restart' | 'verify' | 'tidy' | 'abort';

const partWords: Readonly<Record<Part, string>> = {
  prepare: 'before the restart',
  restart: 'the restart',
  verify: 'verification',
  abort: 'the way out early',
  tidy: 'tidying up',
};

const partOf = (state: DrillState): Part => {
  switch (state) {
    case 'SampleThroughRestart':
    case 'Restart':
    case 'AwaitRecovery':
      return 'restart';
    case 'ProveRestart':
    case 'VerifyLedger':
    case 'VerifyStreams':
    case 'VerifyProjections':
    case 'VerifyLiveness':
    case 'ComputeMetrics':
      return 'verify';
    case 'Cleanup':
    case 'ConfirmSteadyState':
    case 'ReleaseLock':
    case 'PublishReport':
      return 'tidy';
    case 'Abort':
      return 'abort';
    default:
      return 'prepare';
  }
};

type Visit = TrailEntry & { readonly untilMs: EpochMs };

/** A state lasts until the next one; the sampler and the restart run beside each other, so neither ends the other. */
const visitsOf = ({ trail, endedAt, receipt }: DrillReport): readonly Visit[] => {
  const end = timeOf(endedAt) ?? trail.at(-1)?.at ?? 0;
  const beside = (state: DrillState): boolean => state === 'SampleThroughRestart' || state === 'Restart';
  return trail.map((entry, index) => {
    const later = trail.slice(index + 1);
    const next = beside(entry.state) ? later.find(({ state }) => !beside(state)) : later[0];
    const accepted = entry.state === 'Restart' ? receipt?.acceptedAt : undefined;
    return { ...entry, untilMs: Math.max(entry.at, accepted ?? next?.at ?? end) };
  });
};

const stateRow = (state: DrillState, visits: readonly Visit[], stretch: Stretch): Markup => {
  const lasted = visits.reduce((sum, { at, untilMs }) => sum + untilMs - at, 0);
  const began = (visits[0]?.at ?? stretch.zeroMs) - stretch.zeroMs;
  const bars = visits.map(({ at, untilMs }) =>
    bar(stretch, [at, untilMs], [5, height - 10], `dr-${partOf(state)}`, `${state}: ${formatMs(untilMs - at)}`),
  );
  const notes = visits.flatMap(({ note }) => (note === undefined ? [] : [shortLine(note, 300)]));
  const times = visits.length > 1 ? ` ×${visits.length}` : '';
  return html`<li class="wf-row dr-row"><span class="wf-name">${state}${times}</span><svg class="wf-plot" height="${height}" role="img"><title>${state} begins at +${formatMs(began)} and lasts ${formatMs(lasted)}</title>${gridLines(stretch, height)}${bars}</svg>
<span class="wf-latency"><span class="dr-began">+${formatMs(began)}</span>${formatMs(lasted)}</span>${notes.length === 0 ? null : html`<span class="wf-note">${notes.join('; ')}</span>`}</li>`;
};

/** The trail of the machine: when each state was entered, and how long it went on. */
export const statesPicture = (report: DrillReport): Markup | null => {
  const visits = visitsOf(report);
  const first = visits[0];
  if (!first) return null;
  const zeroMs = Math.min(timeOf(report.startedAt) ?? first.at, first.at);
  const stretch = stretchOf(zeroMs, Math.max(...visits.map(({ untilMs }) => untilMs)), zeroMs);
  const byState = [...Map.groupBy(visits, ({ state }) => state)];
  const parts = [...new Set(byState.map(([state]) => partOf(state)))];
  return html`<figure class="dr-lanes dr-states"><figcaption><h3>The whole drill</h3><span>states of the machine, from its start: when, and for how long</span></figcaption>
${axisRow(stretch)}<ol>${byState.map(([state, all]) => stateRow(state, all, stretch))}</ol><ul class="legend">${parts.map((part) => key(`dr-${part}`, partWords[part]))}</ul></figure>`;
};
