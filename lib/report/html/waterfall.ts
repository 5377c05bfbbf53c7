import type { Pass, Phase, StepOutcome } from '../../result/result.ts';
import { PHASE_WORDS, PHASES, phasesIn, stepFault } from '../facts.ts';
import { formatMs } from '../format.ts';
import { outcomeIcon } from './icons.ts';
import { html, type Markup } from './markup.ts';
import { anchorAt, linearScale, percent, type Scale, tickLabel } from './scale.ts';

type Segment = { readonly phase: Phase | 'other'; readonly fromMs: number; readonly ms: number };

const BAR = 14;
const ROW = 26;

/** The steps of one pass on a common axis, each split into its phases. Positions are percentages: it has no fixed width. */
export function waterfall(pass: Pass): Markup {
  const rows = pass.steps.map((step) => ({ step, segments: step.status === 'skipped' ? [] : segmentsOf(step) }));
  const ends = rows.flatMap(({ segments }) => segments.map((one) => one.fromMs + one.ms));
  const scale = linearScale(Math.max(pass.latencyMs ?? 0, ...ends), 4);
  return html`<div class="waterfall"><div class="wf-row wf-axis" aria-hidden="true">${axis(scale)}</div>
<ol>${rows.map(({ step, segments }) => row(step, segments, scale))}</ol>${legend(rows.flatMap(({ segments }) => segments))}</div>`;
}

/** Phases follow each other from the step's start; what no phase explains is the wait of an `expect` or of polling. */
function segmentsOf(step: StepOutcome): readonly Segment[] {
  const phases = phasesIn(step.phasesMs);
  const explained = phases.reduce((sum, { ms }) => sum + ms, 0);
  const rest = Math.max(0, (step.latencyMs ?? explained) - explained);
  const other = rest > explained * 0.02 || phases.length === 0 ? [{ phase: 'other' as const, ms: rest }] : [];
  // The phases are those of the last request, so polling waits before them.
  const ordered = step.attempts > 1 ? [...other, ...phases] : [...phases, ...other];
  let fromMs = step.startMs;
  return ordered.map(({ phase, ms }) => {
    const segment = { phase, fromMs, ms };
    fromMs += ms;
    return segment;
  });
}

function axis(scale: Scale): Markup {
  const labels = scale.ticks.map((tick) => {
    const at = scale.at(tick);
    return html`<text x="${percent(at)}" y="12" text-anchor="${anchorAt(at)}">${tickLabel(tick)}</text>`;
  });
  return html`<span></span><svg class="wf-plot" height="18">${labels}</svg><span></span>`;
}

function row(step: StepOutcome, segments: readonly Segment[], scale: Scale): Markup {
  const fault = stepFault(step);
  const failed = step.status === 'failed' || fault !== null;
  const note = fault ?? step.reason ?? null;
  const skipped = step.status === 'skipped';
  return html`<li class="wf-row${failed ? ' is-fail' : ''}${skipped ? ' is-skipped' : ''}">
<span class="wf-name">${failed ? outcomeIcon('fail') : skipped ? outcomeIcon('skipped') : null}<span>${step.step}</span></span>
${bars(step, segments, scale)}
<span class="wf-latency">${skipped ? 'skipped' : formatMs(step.latencyMs)}</span>
${note === null ? null : html`<span class="wf-note">${note}</span>`}</li>`;
}

function bars(step: StepOutcome, segments: readonly Segment[], scale: Scale): Markup {
  const top = (ROW - BAR) / 2;
  const lines = scale.ticks.map((tick) => {
    const at = percent(scale.at(tick));
    return html`<line class="grid" x1="${at}" x2="${at}" y1="0" y2="${ROW}"/>`;
  });
  const rects = segments.map(
    ({ phase, fromMs, ms }) =>
      html`<rect class="ph-${phase}" x="${percent(scale.at(fromMs))}" y="${top}" width="${percent(scale.at(fromMs + ms) - scale.at(fromMs))}" height="${BAR}"><title>${segmentWords(phase)} ${formatMs(ms)}</title></rect>`,
  );
  const first = segments[0];
  // A step too short to see still has a place in time.
  const start =
    first === undefined
      ? null
      : html`<rect class="ph-${first.phase}" x="${percent(scale.at(first.fromMs))}" y="${top}" width="1.5" height="${BAR}"/>`;
  return html`<svg class="wf-plot" height="${ROW}" role="img"><title>${barTitle(step, segments)}</title>${lines}${start}${rects}</svg>`;
}

function barTitle(step: StepOutcome, segments: readonly Segment[]): string {
  if (segments.length === 0) return `${step.step}: not run`;
  const parts = segments.map(({ phase, ms }) => `${segmentWords(phase)} ${formatMs(ms)}`);
  return `${step.step}: starts at ${formatMs(step.startMs)}; ${parts.join(', ')}`;
}

function segmentWords(phase: Segment['phase']): string {
  return phase === 'other' ? 'waiting' : PHASE_WORDS[phase];
}

function legend(segments: readonly Segment[]): Markup {
  const present = [...PHASES, 'other' as const].filter((phase) => segments.some((one) => one.phase === phase));
  return html`<ul class="legend">${present.map(
    (phase) =>
      html`<li><svg class="swatch" width="12" height="12" aria-hidden="true"><rect class="ph-${phase}" width="12" height="12" rx="2"/></svg>${segmentWords(phase)}</li>`,
  )}</ul>`;
}
