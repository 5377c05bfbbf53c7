import { type GateInput, type GateReport, type GateScenario, objectiveName } from '../../judge/gate.ts';
import { formatInstant, formatLatency, formatSamples } from '../format.ts';
import { loadLine, outcomeIcon, pill } from '../html/icons.ts';
import { figureHeads, html, link, type Markup, table } from '../html/markup.ts';
import { shell } from '../html/shell.ts';
import { objectivesTable } from '../html/tables.ts';
import {
  advisoryWords,
  baselineWords,
  causeWords,
  inputWords,
  objectiveWords,
  proofWords,
  reasonsOf,
  runbookOf,
  suspectOf,
  tallyWords,
  termsWords,
} from './words.ts';

const anchor = (index: number): string => `scenario-${index + 1}`;

/** A deferral whose day has passed looks as loud as a fail, and is called what it is. */
const toneOf = ({ result, deferral }: GateScenario): string => (deferral?.overdueMs === undefined ? result : 'fail');

const badge = (scenario: GateScenario): Markup =>
  scenario.deferral?.overdueMs === undefined
    ? pill(scenario.result)
    : html`<span class="pill is-fail">${outcomeIcon('deferred')}deferred, overdue</span>`;

const masthead = (report: GateReport): Markup => {
  const advisory = report.advisory ? html`<p class="caption">${advisoryWords}</p>` : null;
  return html`<header class="masthead"><p class="brand">${loadLine()}Plimsoll</p>
<div class="title"><h1>${report.service} gate</h1><span class="verdict">${pill(report.result)}</span></div>
<p class="meta"><span>${report.environment}</span><span>${formatInstant(report.checkedAt)}</span><span>${termsWords(report)}</span></p>
<p>${causeWords(report)}</p><p class="caption">${tallyWords(report)}</p>${advisory}<p class="caption"><code>${report.command}</code></p></header>`;
};

const overviewRow = (scenario: GateScenario, index: number): Markup => {
  const { run } = scenario;
  const figures = (['p50', 'p95', 'p99'] as const).map(
    (name) => html`<td class="n">${run === null ? '–' : formatLatency(run.latencyMs[name], run.samples)}</td>`,
  );
  return html`<tr><td>${badge(scenario)}</td><th scope="row"><a href="#${anchor(index)}">${scenario.probe}</a></th>
<td class="n">${run === null ? '–' : formatSamples(run.samples, run.planned)}</td>${figures}<td class="because">${reasonsOf(scenario)[0] ?? scenario.notes[0] ?? ''}</td></tr>`;
};

const overview = ({ scenarios }: GateReport): Markup => {
  const heads = ['Result', 'Scenario', ...figureHeads(['Samples', 'p50', 'p95', 'p99']), 'Because'];
  return html`<nav class="card overview" aria-label="Scenarios">${table('All scenarios', heads, scenarios.map(overviewRow))}</nav>`;
};

const inputRow = (input: GateInput): Markup => {
  const { value, limit } = inputWords(input);
  const result = input.result === null ? html`<span class="pill">not given</span>` : pill(input.result);
  return html`<tr><td>${result}</td><th scope="row"><code>${input.name}</code></th><td class="n">${input.value === null ? '–' : value}</td><td>${limit}</td><td>${input.required ? 'yes' : 'no'}</td></tr>`;
};

const inputsSection = ({ inputs }: GateReport): Markup | null =>
  inputs.length === 0
    ? null
    : html`<section class="card" aria-labelledby="inputs"><h2 id="inputs">Inputs</h2>${table('Inputs', ['Result', 'Input', ...figureHeads(['Value']), 'Limit', 'Required'], inputs.map(inputRow))}</section>`;

const list = (texts: readonly string[], tone: string, more: Markup | null = null): Markup | null =>
  texts.length === 0
    ? null
    : html`<div class="reasons is-${tone}"><ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>${more}</div>`;

const leads = (scenario: GateScenario): Markup => {
  const suspects = suspectOf(scenario).map((suspect) => html`<p class="runbook">Suspect: ${suspect}</p>`);
  const runbooks = runbookOf(scenario).map((runbook) => html`<p class="runbook">Runbook: ${link(runbook)}</p>`);
  return html`${suspects}${runbooks}`;
};

/** Where statistics decide, what the run itself observed is not the last word: each threshold with what the gate made of it. */
const judgedList = ({ objectives }: GateScenario, { confident }: GateReport): Markup | null =>
  confident && objectives.length > 0
    ? html`<h3>As statistics support them</h3><dl class="notes">${objectives.map((one) => html`<div><dt>${one.judged ?? 'not judged'}</dt><dd>${objectiveName(one)}: ${objectiveWords(one)}</dd></div>`)}</dl>`
    : null;

const section = (scenario: GateScenario, report: GateReport, index: number): Markup => {
  const { probe, run, ageMs, notes, command } = scenario;
  const proof = run === null || ageMs === null ? [] : [proofWords(run, ageMs)];
  const rows = [
    ...proof.map((words) => ['Run', words]),
    ...baselineWords(scenario).map((words) => ['Baseline', words]),
  ];
  const objectives = run === null ? null : html`${objectivesTable(run)}${judgedList(scenario, report)}`;
  return html`<section class="card run" aria-labelledby="${anchor(index)}">
<header class="run-head"><h2 id="${anchor(index)}">${probe}</h2>${badge(scenario)}</header>
${list(reasonsOf(scenario), toneOf(scenario), leads(scenario))}${list(notes, 'degraded')}${objectives}
<h3>${proof.length === 0 ? 'To repeat it' : 'Proof'}</h3><dl class="notes">${rows.map(([name = '', words = '']) => html`<div><dt>${name}</dt><dd>${words}</dd></div>`)}<div><dt>Repeat</dt><dd><code>${command}</code></dd></div></dl></section>`;
};

/** A gate's report as one self-contained page, without a script. */
export const renderGateHtml = (report: GateReport): string =>
  shell({
    title: `${report.service} gate: ${report.result}`,
    main: html`${masthead(report)}${overview(report)}${inputsSection(report)}${report.scenarios.map((scenario, index) => section(scenario, report, index))}`,
    footer: `${report.tool}, ${formatInstant(report.checkedAt)}`,
  });
