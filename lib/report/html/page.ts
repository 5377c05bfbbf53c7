import type { Pass, Run, RunDocument } from '../../result/result.ts';
import { formatInstant, formatLatency, formatSamples } from '../format.ts';
import { OUTCOME_WORDS, outcomeOf, sumUp, tally } from '../outcome.ts';
import { loadLine, outcomeIcon, pill } from './icons.ts';
import { figureHeads, html, type Markup, table } from './markup.ts';
import { runSection } from './run.ts';
import { shell } from './shell.ts';
import { variablesTable } from './tables.ts';

export function page(document: RunDocument, passesByRunId: ReadonlyMap<string, readonly Pass[]>): string {
  const sections = document.runs.map((run, index) =>
    runSection(run, passesByRunId.get(run.runId) ?? [], anchor(index)),
  );
  return shell({
    title: `${document.service}: ${document.verdict ?? 'no verdict'}`,
    main: html`${masthead(document)}${overview(document.runs)}${sections}${variablesTable(document.variables)}`,
    footer: `${document.tool}, ${formatInstant(document.startedAt)}`,
  });
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
