import type { Run, StepSummary, ThresholdResult, VariableReport } from '../../result/result.ts';
import { checkOutcome, PHASE_WORDS, PHASES, shownValue, thresholdsOf } from '../facts.ts';
import { formatActual, formatFraction, formatLatency, formatMs, formatShareInterval } from '../format.ts';
import { mark, outcomeIcon } from './icons.ts';
import { figureHeads, html, type Markup, table } from './markup.ts';
import { percent } from './scale.ts';

export function objectivesTable(run: Run): Markup | null {
  const thresholds = thresholdsOf(run);
  if (thresholds.length === 0) return null;
  const heads = [
    'Threshold',
    'Of',
    'Result',
    ...figureHeads(['Actual', 'Bad', 'Budget', '95 % interval']),
    'Bad share against the budget',
  ];
  return html`<h3>Objectives</h3>${table(`Objectives of ${run.probe}`, heads, thresholds.map(objectiveRow))}`;
}

function objectiveRow(one: ThresholdResult): Markup {
  const counted = one.bad === undefined || one.total === undefined ? '–' : `${one.bad} of ${one.total}`;
  return html`<tr><th scope="row"><code>${one.threshold}</code></th><td>${one.step ?? 'the probe'}</td>
<td>${mark(one.passed, one.passed ? 'holds' : 'broken')}${certainty(one)}</td><td class="n">${formatActual(one)}</td><td class="n">${counted}</td>
<td class="n">${one.budget === undefined ? '–' : formatFraction(one.budget)}</td>
<td class="n">${one.interval === undefined ? '–' : formatShareInterval(one.interval)}</td><td>${budgetBar(one)}</td></tr>`;
}

function certainty({ confident }: ThresholdResult): Markup | null {
  if (confident === undefined) return null;
  const words = confident === 'inconclusive' ? 'this run alone proves neither' : `this run alone proves: ${confident}`;
  return html`<small>${words}</small>`;
}

/** The share of bad events as a dot, its interval as a band, the budget as a line. */
function budgetBar({ bad, total, budget, interval }: ThresholdResult): Markup | string {
  if (bad === undefined || total === undefined || total === 0 || budget === undefined) return '–';
  const share = bad / total;
  const [low, high] = interval ?? [share, share];
  const top = Math.min(1, Math.max(high, share, budget * 2) * 1.06);
  // The dot has a width, so neither end of the line is the end of the picture.
  const at = (fraction: number): number => 2 + (fraction / top) * 96;
  const title = `${bad} of ${total} bad, ${formatFraction(share)}; 95 % interval ${formatShareInterval([low, high])}; budget ${formatFraction(budget)}`;
  const limit = percent(at(budget));
  return html`<svg class="budget" height="22" role="img"><title>${title}</title><line class="track" x1="0" x2="100%" y1="11" y2="11"/>
<rect class="band" x="${percent(at(low))}" y="7" width="${percent(at(high) - at(low))}" height="8" rx="2"/>
<line class="limit" x1="${limit}" x2="${limit}" y1="1" y2="21"/><circle class="${share > budget ? 'over' : 'within'}" cx="${percent(at(share))}" cy="11" r="4"/></svg>`;
}

export function stepsTable(run: Run): Markup | null {
  if (run.steps.length === 0) return null;
  const present = PHASES.filter((phase) => run.steps.some((step) => step.phasesMs[phase] !== undefined));
  const figures = ['Samples', 'p50', 'p95', 'Max', ...present.map((phase) => PHASE_WORDS[phase])];
  const heads = ['Step', ...figureHeads(figures)];
  const rows = run.steps.map((step) => stepRow(step, present));
  return html`<h3>Steps</h3>${table(`Steps of ${run.probe}`, heads, rows)}${present.length === 0 ? null : html`<p class="caption">phases are medians over the samples</p>`}`;
}

function stepRow(step: StepSummary, present: readonly (typeof PHASES)[number][]): Markup {
  const icon = step.status === 'done' ? null : outcomeIcon(step.status === 'failed' ? 'fail' : 'skipped');
  const name = html`<th scope="row"><span class="mark is-${step.status === 'failed' ? 'fail' : 'plain'}">${icon}${step.name}</span>${step.reason === undefined ? null : html`<small>${step.reason}</small>`}</th>`;
  const figures = (['p50', 'p95', 'max'] as const).map(
    (key) => html`<td class="n">${formatLatency(step.latencyMs[key], step.samples)}</td>`,
  );
  const phases = present.map((phase) => {
    const ms = step.phasesMs[phase];
    return html`<td class="n">${ms === undefined ? '–' : formatMs(ms)}</td>`;
  });
  return html`<tr>${name}<td class="n">${step.samples}</td>${figures}${phases}</tr>`;
}

export function checksTable(run: Run): Markup | null {
  if (run.checks.length === 0) return null;
  const rows = run.checks.map((check) => {
    const outcome = checkOutcome(check);
    const word = outcome === 'pass' ? 'holds' : outcome === 'fail' ? 'broken' : 'inconclusive';
    const unsaid = check.inconclusive === 0 ? null : html`<small>${check.inconclusive} inconclusive</small>`;
    return html`<tr><th scope="row">${check.name}</th><td>${check.step ?? 'the whole pass'}</td>
<td><span class="mark is-${outcome}">${outcomeIcon(outcome)}${word}</span></td><td class="n">${check.passed} of ${check.total}${unsaid}</td><td class="actual"><code>${check.actual}</code></td></tr>`;
  });
  return html`<h3>Checks</h3>${table(`Checks of ${run.probe}`, ['Check', 'Step', 'Result', ...figureHeads(['Passed']), 'Actual'], rows)}`;
}

export function connectionsTable(run: Run): Markup | null {
  if (run.connections.length === 0) return null;
  const rows = run.connections.map((one) => {
    const phases = (['dns', 'connect', 'tls', 'upgrade'] as const).map((phase) => {
      const ms = one.phasesMs[phase];
      return html`<td class="n">${ms === undefined ? '–' : formatMs(ms)}</td>`;
    });
    const failure = one.failure === undefined ? null : html`<small class="is-fail">${one.failure.message}</small>`;
    return html`<tr><th scope="row">${one.origin}${failure}</th>${phases}<td class="n">${formatMs(one.totalMs)}</td></tr>`;
  });
  return html`<h3>Fresh connections</h3>${table(`Fresh connections of ${run.probe}`, ['Origin', ...figureHeads(['dns', 'connect', 'tls', 'upgrade', 'Total'])], rows)}
<p class="caption">opened apart from the samples, and in none of their latencies</p>`;
}

export function variablesTable(variables: readonly VariableReport[]): Markup | null {
  if (variables.length === 0) return null;
  const rows = variables.map(
    (one) =>
      html`<tr><th scope="row"><code>${one.name}</code></th><td>${shownValue(one)}</td><td>${one.source ?? '–'}</td><td>${one.required ? 'yes' : 'no'}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="variables"><h2 id="variables">Variables</h2>${table('Variables', ['Name', 'Value', 'Set by', 'Required'], rows)}</section>`;
}
