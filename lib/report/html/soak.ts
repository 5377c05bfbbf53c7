import type { Run, SoakOutcome, StepSummary } from '../../result/result.ts';
import { formatCount, formatFigure, formatLatency, PERCENTILES } from '../format.ts';
import { shortLine } from '../plain.ts';
import { type SoakRow, soakRows, soakWords, untoldWords } from '../sequence/words.ts';
import { figureHeads, html, type Markup, table } from './markup.ts';

const REASON = 600;

/** What else steps measured, beside their latencies. */
export function figuresTable(run: Run): Markup | null {
  const rows = run.steps.flatMap((step) =>
    (step.figures ?? []).map(
      (figure) =>
        html`<tr><th scope="row">${figure.name}</th><td>${step.name}</td><td class="n">${formatFigure(figure)}</td></tr>`,
    ),
  );
  if (rows.length === 0) return null;
  const caption = run.samples > 1 ? html`<p class="caption">medians over the samples</p>` : null;
  return html`<h3>Figures</h3>${table(`Figures of ${run.probe}`, ['Figure', 'Step', ...figureHeads(['Measured'])], rows)}${caption}`;
}

/** Each soak of a run: what it did, the latencies of its inner steps, how late it began, and its first failures. */
export function soakSections(run: Run): readonly Markup[] {
  return run.steps.flatMap((step) => (step.soak === undefined ? [] : [soakSection(step, step.soak)]));
}

function soakSection({ name }: StepSummary, soak: SoakOutcome): Markup {
  const { ran, never, late } = soakRows(soak);
  const heads = ['Inner step', ...figureHeads(['Samples', 'Unanswered', ...PERCENTILES])];
  const left =
    never === null ? [] : [html`<tr><th scope="row" colspan="${heads.length}"><small>${never}</small></th></tr>`];
  const rows = [...ran.map(soakRow), ...left, ...late.map(soakRow)];
  return html`<h3>Soak: ${name}</h3><p class="soak">${soakWords(soak)}</p>${table(`Inner steps of ${name}`, heads, rows)}${failures(name, soak)}`;
}

function soakRow({ name, samples, unanswered, latencyMs }: SoakRow): Markup {
  const figures = PERCENTILES.map((one) => html`<td class="n">${formatLatency(latencyMs[one], samples)}</td>`);
  return html`<tr><th scope="row">${name}</th><td class="n">${formatCount(samples)}</td><td class="n">${formatCount(unanswered)}</td>${figures}</tr>`;
}

function failures(name: string, soak: SoakOutcome): Markup | null {
  if (soak.failures.length === 0) return null;
  const untold = untoldWords(soak);
  const rows = soak.failures.map(
    ({ iteration, step, reason }) =>
      html`<tr><th scope="row">${formatCount(iteration)}</th><td>${step}</td><td class="because">${shortLine(reason, REASON)}</td></tr>`,
  );
  const told = table(`Failed iterations of ${name}`, ['Iteration', 'Step', 'Because'], rows);
  return html`<h4 class="soak-failures">Failed iterations</h4>${told}${untold === null ? null : html`<p class="caption">${untold}</p>`}`;
}
