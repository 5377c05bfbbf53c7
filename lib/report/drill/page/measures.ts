import type { Area, Finding, Tick } from '../../../drill/record.ts';
import type { IntervalMs } from '../../../drill/recovery.ts';
import type { DrillReport } from '../../../drill/report.ts';
import { formatMs, plural } from '../../format.ts';
import { outcomeIcon } from '../../html/icons.ts';
import { html, type Markup } from '../../html/markup.ts';
import { percent } from '../../html/scale.ts';
import { intervalWords, outageWords } from '../words.ts';
import { lossKnown } from './ledger.ts';

type Measure = {
  readonly name: string;
  readonly long: string;
  readonly objective: string;
  readonly actual: IntervalMs | null;
  readonly objectiveMs: number;
  /** Where no interval was measured. */
  readonly instead: string;
  readonly result: Finding['result'] | undefined;
};

const resultWords: Readonly<Record<'rto' | 'rpo', Readonly<Record<Finding['result'], string>>>> = {
  rto: { pass: 'within the RTO', fail: 'longer than the RTO', inconclusive: 'not shown by this drill' },
  rpo: { pass: 'within the RPO', fail: 'more than the RPO', inconclusive: 'not shown by this drill' },
};

const middle = 12;

/** The interval as a band on a line from 0, the objective as a mark. What has no end runs out of the picture. */
const scaleBar = ({ name, actual, objective, objectiveMs }: Measure): Markup => {
  const upper = actual === null ? 0 : (actual.upperMs ?? actual.lowerMs * 1.25);
  const top = Math.max(objectiveMs, upper, 1000) * 1.08;
  const at = (ms: number): number => 1 + Math.min(98, (ms / top) * 98);
  const limit = percent(at(objectiveMs));
  const title = `${name} ${actual === null ? 'not measured' : intervalWords(actual)}; ${objective} ${formatMs(objectiveMs)}`;
  const [low, high] = [at(actual?.lowerMs ?? 0), actual?.upperMs === null ? 100 : at(upper)];
  const band =
    actual === null
      ? null
      : html`<rect class="dr-sure" x="1%" y="${middle - 2}" width="${percent(low - 1)}" height="4"/><rect class="dr-band" x="${percent(low)}" y="${middle - 6}" width="${percent(high - low)}" height="12"/><rect class="dr-band" x="${percent(low)}" y="${middle - 6}" width="3" height="12"/>`;
  return html`<svg class="dr-scale" height="24" role="img"><title>${title}</title><line class="track" x1="1%" x2="99%" y1="${middle}" y2="${middle}"/>${band}<line class="limit" x1="${limit}" x2="${limit}" y1="1" y2="23"/></svg>`;
};

/** An RPO of zero is no time. */
const objectiveWords = ({ objective, objectiveMs }: Measure): string =>
  objective === 'RPO' && objectiveMs === 0 ? 'RPO 0: nothing may be lost' : `${objective} ${formatMs(objectiveMs)}`;

const panel = (area: 'rto' | 'rpo', measure: Measure): Markup => {
  const { name, long, actual, instead, result } = measure;
  const judged = result === undefined ? 'skipped' : result;
  const words = result === undefined ? 'not judged' : resultWords[area][result];
  return html`<div class="dr-measure is-${judged}"><h3>${name}<span>${long}</span></h3><p class="dr-value${actual === null ? ' is-words' : ''}">${actual === null ? instead : intervalWords(actual)}</p>
${scaleBar(measure)}<p class="dr-against"><span>${objectiveWords(measure)}</span><span class="mark">${outcomeIcon(judged)}${words}</span></p></div>`;
};

const figure = (name: string, value: string): Markup => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** How often it really turned is how exact the intervals are. */
const samplerWords = (ticks: readonly Tick[]): string => {
  const gaps = ticks.slice(1).map(({ startedAt }, index) => startedAt - (ticks[index]?.startedAt ?? startedAt));
  const usual = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)];
  return `${plural(ticks.length, 'turn')}${usual === undefined ? '' : `, one in ${formatMs(usual)}`}`;
};

const insteadOfRpa = (report: DrillReport): string => {
  if (!lossKnown(report)) return 'nothing could be read';
  return report.measured.outage.kind === 'seen' ? 'not shown' : 'no interruption to count from';
};

/** RTA and RPA against RTO and RPO, and what else the clock says; nothing where no restart was accepted. */
export const measures = (report: DrillReport): Markup | null => {
  const { measured, objectives, findings, ticks, receipt } = report;
  if (receipt === null) return null;
  const resultOf = (area: Area): Finding['result'] | undefined => findings.find((one) => one.area === area)?.result;
  const rta: Measure = {
    name: 'RTA',
    long: 'from the interruption to full function',
    objective: 'RTO',
    actual: measured.rta,
    objectiveMs: objectives.rtoMs,
    instead: outageWords(measured.outage),
    result: resultOf('rto'),
  };
  const rpa: Measure = {
    name: 'RPA',
    long: 'from the oldest lost write to the interruption',
    objective: 'RPO',
    actual: measured.rpa,
    objectiveMs: objectives.rpoMs,
    instead: insteadOfRpa(report),
    result: resultOf('rpo'),
  };
  const { commandToRecovered, verifiedMs } = measured;
  return html`<section class="card" aria-labelledby="objectives"><h2 id="objectives">Recovery against its objectives</h2>
<div class="dr-measures">${panel('rto', rta)}${panel('rpo', rpa)}</div>
<dl class="figures dr-figures">${figure('Asked to full function', commandToRecovered === null ? '–' : intervalWords(commandToRecovered))}${figure('Accepted to verified', verifiedMs === null ? '–' : formatMs(verifiedMs))}${figure('Sampler', samplerWords(ticks))}</dl></section>`;
};
