import { parseThreshold } from '../../config/thresholds.ts';
import type { Pass, Run, ThresholdResult } from '../../result/result.ts';
import { formatMs, plural } from '../format.ts';
import { html, type Markup } from './markup.ts';
import { anchorAt, logScale, percent, type Scale, tickLabel } from './scale.ts';

type Sample = { readonly ms: number; readonly state: 'good' | 'failed' | 'tainted' };
type Line = { readonly ms: number; readonly label: string; readonly kind: 'percentile' | 'threshold' };

const BINS = 50;
const DOT = 7;
/** Taller stacks of dots, or more of them, read better as bars. */
const MAX_STACK = 10;
const BARS = 90;
const LABEL = 16;
const AXIS = 22;

/**
 * The latencies of the samples on a log axis, with their percentiles and the thresholds: a dot for each sample, bars when
 * there are many. Without samples, the range from the summary. Null when there is nothing to spread.
 */
export function distribution(run: Run, passes: readonly Pass[]): Markup | null {
  const samples = passes.flatMap((pass) => (pass.latencyMs === null ? [] : [sampleOf(pass, pass.latencyMs)]));
  const limits = [...percentileLines(run), ...thresholdLines(run.slo)];
  const known = [
    ...samples.map((one) => one.ms),
    ...limits.map((one) => one.ms),
    ...(run.latencyMs.min === null ? [] : [run.latencyMs.min]),
  ];
  if (run.samples < 2 || known.length === 0) return null;
  const scale = logScale(known);
  const lines = inRows(limits, scale);
  const top = lines.length * LABEL + 6;
  const plot = samples.length === 0 ? range(run, scale, top) : columns(samples, scale, top);
  const bottom = top + plot.height;
  return html`<svg class="distribution" height="${bottom + AXIS}" role="img"><title>${describe(run, samples)}</title>
${axis(scale, bottom)}${plot.marks}${lines.map((line, index) => rule(line, index, scale, bottom))}${lines.map((line, index) => label(line, index, scale))}</svg>
${legend(run, samples)}`;
}

function sampleOf(pass: Pass, ms: number): Sample {
  const checks = [...pass.checks, ...pass.steps.flatMap((step) => step.checks)];
  const failed = !pass.complete || checks.some((check) => check.result === 'fail');
  return { ms, state: failed ? 'failed' : pass.tainted ? 'tainted' : 'good' };
}

function percentileLines(run: Run): readonly Line[] {
  return (['p50', 'p95', 'p99'] as const).flatMap((name) => {
    const ms = run.latencyMs[name];
    return ms === null ? [] : [{ ms, label: `${name} ${formatMs(ms)}`, kind: 'percentile' as const }];
  });
}

/** The probe's own latency thresholds; their limit is in their text, `p(95)<400`. */
function thresholdLines(thresholds: readonly ThresholdResult[]): readonly Line[] {
  return thresholds
    .filter((one) => one.unit === 'ms' && one.step === undefined)
    .flatMap((one) => {
      const read = parseThreshold(one.threshold);
      return read.ok ? [{ ms: read.value.value, label: one.threshold, kind: 'threshold' as const }] : [];
    });
}

type Plot = { readonly marks: readonly Markup[]; readonly height: number };

function columns(samples: readonly Sample[], scale: Scale, top: number): Plot {
  const bins = new Map<number, Sample[]>();
  for (const sample of [...samples].sort((a, b) => a.ms - b.ms)) {
    const bin = Math.min(BINS - 1, Math.floor((scale.at(sample.ms) / 100) * BINS));
    bins.set(bin, [...(bins.get(bin) ?? []), sample]);
  }
  const tallest = Math.max(...[...bins.values()].map((bin) => bin.length));
  if (samples.length > BARS || tallest > MAX_STACK) return histogram(bins, tallest, top);
  const height = Math.max(4, tallest) * DOT + 8;
  const marks = [...bins].flatMap(([bin, inBin]) =>
    inBin.map((sample, index) =>
      dot(sample, percent(((bin + 0.5) / BINS) * 100), top + height - DOT / 2 - 3 - index * DOT),
    ),
  );
  return { marks, height };
}

/** A failed sample is a cross and a tainted one a ring, so that colour is not all that tells them apart. */
function dot(sample: Sample, x: string, y: number): Markup {
  const title = html`<title>${formatMs(sample.ms)}${sample.state === 'good' ? '' : `, ${sample.state}`}</title>`;
  if (sample.state !== 'failed')
    return html`<circle class="dot-${sample.state}" cx="${x}" cy="${y}" r="3">${title}</circle>`;
  return html`<svg x="${x}" y="${y}" class="anchor"><path class="dot-failed" d="M-2.6-2.6l5.2 5.2M2.6-2.6l-5.2 5.2">${title}</path></svg>`;
}

function histogram(bins: ReadonlyMap<number, readonly Sample[]>, tallest: number, top: number): Plot {
  const height = 96;
  const marks = [...bins].map(([bin, inBin]) => {
    const tall = Math.max(2, (inBin.length / tallest) * (height - 6));
    const failed = inBin.filter((one) => one.state === 'failed').length;
    const x = percent((bin / BINS) * 100 + 0.15);
    const y = top + height - tall;
    const words = `${plural(inBin.length, 'sample')}, ${formatMs(inBin[0]?.ms ?? 0)} to ${formatMs(inBin.at(-1)?.ms ?? 0)}${failed > 0 ? `, ${failed} failed` : ''}`;
    return html`<rect class="${failed > 0 ? 'bar-failed' : 'bar'}" x="${x}" y="${y.toFixed(1)}" width="${percent(100 / BINS - 0.3)}" height="${tall.toFixed(1)}"><title>${words}</title></rect>`;
  });
  return { marks, height };
}

/** From the summary alone: the range, and the middle of it. */
function range(run: Run, scale: Scale, top: number): Plot {
  const { min, p50, p90, max } = run.latencyMs;
  const box = (from: number | null, to: number | null, kind: string, half: number): Markup | null =>
    from === null || to === null
      ? null
      : html`<rect class="${kind}" x="${percent(scale.at(from))}" y="${top + 20 - half}" width="${percent(scale.at(to) - scale.at(from))}" height="${half * 2}"/>`;
  const marks = [box(min, max, 'range', 2), box(p50, p90, 'bar', 7)].filter((one) => one !== null);
  return { marks, height: 40 };
}

function axis(scale: Scale, bottom: number): Markup {
  const ticks = scale.ticks.map((tick) => {
    const at = scale.at(tick);
    const x = percent(at);
    return html`<line class="tick" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 4}"/><text x="${x}" y="${bottom + 17}" text-anchor="${anchorAt(at)}">${tickLabel(tick)}</text>`;
  });
  return html`<line class="baseline" x1="0" x2="100%" y1="${bottom}" y2="${bottom}"/>${ticks}`;
}

/** From here on a label stands left of its line. */
const TURN = 55;

/** A row for each label, in an order in which no line runs down through a label of its own side. */
function inRows(lines: readonly Line[], scale: Scale): readonly Line[] {
  const turned = lines.filter((line) => scale.at(line.ms) > TURN).sort((a, b) => b.ms - a.ms);
  const others = lines.filter((line) => scale.at(line.ms) <= TURN).sort((a, b) => a.ms - b.ms);
  return [...turned, ...others];
}

function rule(line: Line, index: number, scale: Scale, bottom: number): Markup {
  const at = percent(scale.at(line.ms));
  return html`<line class="${line.kind}" x1="${at}" x2="${at}" y1="${index * LABEL + 2}" y2="${bottom}"/>`;
}

function label(line: Line, index: number, scale: Scale): Markup {
  const at = scale.at(line.ms);
  const turned = at > TURN;
  return html`<text class="${line.kind}-label" x="${percent(at)}" y="${index * LABEL + 11}" dx="${turned ? -5 : 5}" text-anchor="${turned ? 'end' : 'start'}">${line.label}</text>`;
}

function describe(run: Run, samples: readonly Sample[]): string {
  const { min, p50, p95, p99, max } = run.latencyMs;
  const counted = samples.length === 0 ? 'from the summary' : plural(samples.length, 'sample');
  return `Latency of ${run.probe}, ${counted}: from ${formatMs(min)} to ${formatMs(max)}, p50 ${formatMs(p50)}, p95 ${formatMs(p95)}, p99 ${formatMs(p99)}`;
}

function legend(run: Run, samples: readonly Sample[]): Markup {
  const unanswered = run.series.find((series) => series.name === 'total')?.unanswered ?? 0;
  const count = (state: Sample['state']): number => samples.filter((one) => one.state === state).length;
  const notes = [
    samples.length === 0 ? ['drawn from the summary: the samples are not at hand'] : [],
    count('failed') > 0 ? [`${count('failed')} with a failed check or step (×)`] : [],
    count('tainted') > 0 ? [`${count('tainted')} tainted (ring): this tool was slow itself`] : [],
    unanswered > 0 ? [`${unanswered} never answered, beyond the right edge`] : [],
  ].flat();
  return html`<p class="caption">log axis${notes.map((note) => `; ${note}`)}</p>`;
}
