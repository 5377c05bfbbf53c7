import { createHash } from 'node:crypto';
import type { Pass, Run, RunDocument } from '../../result/result.ts';
import { formatInstant, formatLatency, formatSamples } from '../format.ts';
import { OUTCOME_WORDS, outcomeOf, sumUp, tally } from '../outcome.ts';
import { loadLine, outcomeIcon, pill } from './icons.ts';
import { figureHeads, html, type Markup, table, trusted } from './markup.ts';
import { runSection } from './run.ts';
import { STYLE } from './style.ts';
import { variablesTable } from './tables.ts';

const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22 fill=%22none%22 stroke=%22%233b82c4%22 stroke-width=%223%22%3E%3Ccircle cx=%2216%22 cy=%2216%22 r=%2210%22/%3E%3Cpath d=%22M1 16h30%22/%3E%3C/svg%3E';

/** The style sheet by its hash, images from data, and nothing else: what a target planted in a text can load nothing. */
function policy(): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

export function page(document: RunDocument, passesByRunId: ReadonlyMap<string, readonly Pass[]>): string {
  const sections = document.runs.map((run, index) =>
    runSection(run, passesByRunId.get(run.runId) ?? [], anchor(index)),
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${document.service}: ${document.verdict ?? 'no verdict'} (Plimsoll)</title><link rel="icon" href="${trusted(ICON)}">
<style>${trusted(STYLE)}</style></head><body><main>
${masthead(document)}${overview(document.runs)}${sections}${variablesTable(document.variables)}
</main><footer><p>${document.tool}, ${formatInstant(document.startedAt)}. One file, no scripts, nothing loaded from elsewhere.</p></footer></body></html>
`.markup;
}

function anchor(index: number): string {
  return `run-${index + 1}`;
}

function masthead(document: RunDocument): Markup {
  const counts = tally(document.runs).map(
    ({ outcome, count }) =>
      html`<li class="is-${outcome}">${outcomeIcon(outcome)}<span><b>${count}</b> ${OUTCOME_WORDS[outcome]}</span></li>`,
  );
  const verdict = document.verdict === null ? html`<span class="pill">no verdict</span>` : pill(document.verdict);
  return html`<header class="masthead"><p class="brand">${loadLine()}Plimsoll</p>
<div class="title"><h1>${document.service}</h1><span class="verdict">${verdict}</span></div>
<p class="meta"><span>${document.environment}</span><span>${formatInstant(document.startedAt)}</span></p>
<ul class="counts" aria-label="${sumUp(document.runs)}">${counts}</ul></header>`;
}

function overview(runs: readonly Run[]): Markup | null {
  if (runs.length < 2) return null;
  const heads = ['Verdict', 'Probe', ...figureHeads(['Samples', 'p50', 'p95', 'Max']), 'Because'];
  const rows = runs.map((run, index) => {
    const figures = (['p50', 'p95', 'max'] as const).map(
      (name) =>
        html`<td class="n is-${name}">${run.status === 'done' ? formatLatency(run.latencyMs[name], run.samples) : '–'}</td>`,
    );
    const samples = run.status === 'done' ? formatSamples(run.samples, run.planned) : '–';
    return html`<tr><td>${pill(outcomeOf(run))}</td><th scope="row"><a href="#${anchor(index)}">${run.probe}</a></th>
<td class="n">${samples}</td>${figures}<td class="because">${run.reasons[0] ?? ''}</td></tr>`;
  });
  return html`<nav class="card overview" aria-label="Runs">${table('All runs', heads, rows)}</nav>`;
}
