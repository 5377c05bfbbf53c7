import type { LatencyMs, Pass, Run } from '../../result/result.ts';
import { firstFault, suspectWords } from '../facts.ts';
import {
  formatInstant,
  formatLatency,
  formatMs,
  formatRatio,
  formatRatioInterval,
  formatSamples,
  PERCENTILES,
  plural,
} from '../format.ts';
import { outcomeOf } from '../outcome.ts';
import { distribution } from './distribution.ts';
import { evidence } from './evidence.ts';
import { pill } from './icons.ts';
import { html, link, type Markup } from './markup.ts';
import { sequenceFigure } from './sequence.ts';
import { figuresTable, soakSections } from './soak.ts';
import { checksTable, connectionsTable, objectivesTable, stepsTable } from './tables.ts';
import { waterfall } from './waterfall.ts';

/** One run of the page. `id` is the anchor that the overview links to. */
export function runSection(run: Run, passes: readonly Pass[], id: string): Markup {
  return html`<section class="card run" aria-labelledby="${id}">
<header class="run-head"><h2 id="${id}">${run.probe}</h2>${pill(outcomeOf(run))}</header>
<p class="meta">${meta(run)}</p>${reasons(run)}${run.status === 'done' ? measured(run, passes, id) : null}</section>`;
}

function meta(run: Run): readonly Markup[] {
  const samples =
    run.status === 'done' ? [formatSamples(run.samples, run.planned), `took ${formatMs(run.durationMs)}`] : [];
  const severity = run.severity === 'none' ? 'alerts nobody' : `${run.severity} severity`;
  return [
    run.kind,
    ...samples,
    `due ${formatInstant(run.slot)}`,
    run.trigger === 'demand' ? 'on demand' : 'scheduled',
    run.region,
    severity,
  ].map((text) => html`<span>${text}</span>`);
}

function reasons(run: Run): Markup | null {
  const runbook =
    run.runbook === undefined || outcomeOf(run) === 'pass'
      ? null
      : html`<p class="runbook">Runbook: ${link(run.runbook)}</p>`;
  if (run.reasons.length === 0) return runbook;
  const suspect =
    run.attribution === undefined ? null : html`<p class="runbook">Suspect: ${suspectWords(run.attribution)}</p>`;
  return html`<div class="reasons is-${outcomeOf(run)}"><ul>${run.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>${suspect}${runbook}</div>`;
}

function measured(run: Run, passes: readonly Pass[], id: string): Markup {
  const shown = [sequenceFigure(run, passes, `${id}-link`), evidence(run)];
  const tables = [objectivesTable(run), checksTable(run), stepsTable(run), figuresTable(run), soakSections(run)];
  return html`${figures(run)}${charts(run, passes)}${shown}${tables}${connectionsTable(run)}${notes(run)}`;
}

function figures(run: Run): Markup {
  const cell = (name: string, ms: LatencyMs): Markup =>
    html`<div><dt>${name}</dt><dd>${formatLatency(ms, run.samples)}</dd></div>`;
  // One sample has one figure, not six percentiles of itself.
  if (run.samples === 1) return html`<dl class="figures is-one">${cell('latency', run.latencyMs.p50)}</dl>`;
  return html`<dl class="figures">${PERCENTILES.map((name) => cell(name, run.latencyMs[name]))}</dl>`;
}

function charts(run: Run, passes: readonly Pass[]): Markup | null {
  const spread = distribution(run, passes);
  const left =
    run.exemplar === null
      ? null
      : html`<figure><figcaption><h3>Waterfall</h3><span>${exemplarWords(run, run.exemplar)}</span></figcaption>${waterfall(run.exemplar)}</figure>`;
  const right =
    spread === null
      ? null
      : html`<figure><figcaption><h3>Latency</h3><span>of the whole pass</span></figcaption>${spread}</figure>`;
  if (left === null && right === null) return null;
  return html`<div class="charts${left === null || right === null ? ' is-single' : ''}">${left}${right}</div>`;
}

function exemplarWords(run: Run, exemplar: Pass): string {
  const which = firstFault(exemplar) === null ? 'the median' : 'the first that failed';
  return `pass ${exemplar.index + 1} of ${run.samples}${run.samples > 1 ? `, ${which}` : ''}`;
}

/** Baseline, clean-up and the tool's own state: the conditions under which the figures above hold. */
function notes(run: Run): Markup {
  const rows = [...baselineNote(run), ...cleanupNotes(run), ...selfNotes(run)];
  return html`<h3>Conditions</h3><dl class="notes">${rows.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`;
}

type Note = readonly [name: string, text: string];

function baselineNote({ baseline }: Run): readonly Note[] {
  if (baseline.state === 'off') return [['Baseline', 'off']];
  if (baseline.state === 'none') return [['Baseline', 'none yet']];
  if (baseline.ratio === null) return [['Baseline', `${baseline.state}: ${plural(baseline.runs, 'accepted run')}`]];
  const interval = baseline.interval === null ? '' : ` (95 % interval ${formatRatioInterval(baseline.interval)})`;
  return [
    [
      'Baseline',
      `${baseline.state}: p95 is ${formatRatio(baseline.ratio)} that of ${plural(baseline.runs, 'accepted run')}${interval}`,
    ],
  ];
}

function cleanupNotes(run: Run): readonly Note[] {
  return run.cleanup.map(
    (step) =>
      ['Clean-up', `${step.name}: ${step.status}${step.problem === undefined ? '' : `, ${step.problem}`}`] as const,
  );
}

function selfNotes({ self, series }: Run): readonly Note[] {
  const mode = series.find((one) => one.name === 'total')?.connection;
  const connections: readonly Note[] =
    mode === undefined
      ? []
      : [['Connections', mode === 'fresh' ? 'a fresh one for each sample' : 'kept alive over the samples']];
  if (self === null) return connections;
  const tainted: readonly Note[] =
    self.taintedSamples === 0
      ? []
      : [
          [
            'Tainted',
            `${plural(self.taintedSamples, 'sample')} taken while this tool was slow itself; kept out of baselines`,
          ],
        ];
  return [
    ...connections,
    ...tainted,
    [
      'This tool',
      `cpu ${formatMs(self.cpuMs)}, event loop at most ${formatMs(self.loopDelayMaxMs)} late, ${plural(self.concurrency, 'probe')} side by side, node ${self.node}`,
    ],
  ];
}
