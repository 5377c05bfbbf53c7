import type { Finding } from '../../drill/record.ts';
import type { DrillReport } from '../../drill/report.ts';
import { formatInstant, plural } from '../format.ts';
import { plainLine } from '../plain.ts';
import { OUTCOME_MARKS, palette, type Style } from '../text/palette.ts';
import { hang, type Line, padEnd, renderLine, span, whole } from '../text/spans.ts';
import { againstWords, answerWords, ledgerWords, liveWords, outageWords, outcomeOfVerdict } from './words.ts';

export type DrillTextOptions = {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
  /** Every check with what it found, and every state. Default false. */
  readonly verbose?: boolean;
};

const labelWidth = 13;

const labelled = (label: string, bodies: readonly Line[], width: number): readonly Line[] =>
  bodies.flatMap((body, index) => {
    const margin = span(`  ${padEnd(index === 0 ? label : '', labelWidth)}  `, 'faint');
    return hang([margin], body, width);
  });

const plainSpans = (texts: readonly string[], style?: Style): readonly Line[] =>
  texts.map((text) => [span(plainLine(text), style)]);

const title = (report: DrillReport): Line => [
  span(`${plainLine(report.service)} drill ${plainLine(report.drill)}`, 'strong'),
  span(`  ${report.environment}  ${formatInstant(report.startedAt)}  ${report.tool}  run ${report.run}`, 'faint'),
];

const who = ({ requester, reason, trigger }: DrillReport): Line => [
  span(plainLine(`${trigger === 'schedule' ? 'by its schedule' : `by ${requester}`}: ${reason}`), 'faint'),
];

const restartLines = ({ receipt }: DrillReport): readonly Line[] => {
  if (receipt === null) return plainSpans(['none']);
  const { adapter, acceptedAt, platformIds } = receipt;
  const at = formatInstant(new Date(acceptedAt).toISOString());
  return plainSpans([[`${adapter}, accepted ${at}`, ...platformIds].join(', ')]);
};

const checkLine = ({ area, check, result, actual, witnesses }: Finding): Line => {
  const { mark, style } = OUTCOME_MARKS[result];
  const shown = witnesses.length === 0 ? '' : `  (${witnesses.slice(0, 3).map(plainLine).join(', ')})`;
  return [
    whole(`${mark} `, style),
    span(`${area}: ${plainLine(check)}`, style),
    span(`  ${plainLine(actual)}${shown}`, 'faint'),
  ];
};

/** What holds needs no more than its number. */
const checkLines = ({ findings }: DrillReport, verbose: boolean): readonly Line[] => {
  const shown = verbose ? findings : findings.filter(({ result }) => result !== 'pass');
  const passed = findings.length - shown.length;
  const tally: readonly Line[] = passed === 0 ? [] : [[span(`✓ ${plural(passed, 'check')} passed`, 'good')]];
  return [...shown.map(checkLine), ...tally];
};

const stateLines = ({ trail, startedAt }: DrillReport): readonly Line[] => {
  const start = Date.parse(startedAt);
  return trail.map(({ state, at, note }) => {
    const after = `+${((at - start) / 1000).toFixed(2)} s`;
    return [span(`${padEnd(after, 10)}${state}`), span(note === undefined ? '' : `  ${plainLine(note)}`, 'faint')];
  });
};

/** Where there was no restart there is nothing measured to show. */
const measuredLines = (report: DrillReport, width: number): readonly Line[] => {
  const { measured, objectives } = report;
  if (report.receipt === null) return [];
  return [
    ...labelled('outage', plainSpans([outageWords(measured.outage)]), width),
    ...labelled('RTA', plainSpans([againstWords(measured.rta, objectives.rtoMs)]), width),
    ...labelled('RPA', plainSpans([againstWords(measured.rpa, objectives.rpoMs)]), width),
    ...labelled('proof', plainSpans([report.identity.proven]), width),
  ];
};

const answer = (report: DrillReport): Line => {
  const { mark, style } = OUTCOME_MARKS[outcomeOfVerdict(report.verdict)];
  return [whole(`${mark} ${report.verdict}`, style), span(`  ${plainLine(answerWords(report))}`)];
};

/** A drill's report for a terminal, with a line feed at its end; its last line is the answer. */
export const renderDrillText = (report: DrillReport, options: DrillTextOptions): string => {
  const paint = palette(options.colour);
  const width = Math.max(40, options.width);
  const verbose = options.verbose ?? false;
  const lines: readonly Line[] = [
    ...hang([], title(report), width),
    ...hang([], who(report), width),
    ...labelled('because', plainSpans(report.reasons), width),
    ...labelled('restart', restartLines(report), width),
    ...measuredLines(report, width),
    ...labelled('ledger', plainSpans([ledgerWords(report)]), width),
    ...labelled('live client', plainSpans([liveWords(report)].flatMap((words) => words ?? [])), width),
    ...labelled('checks', checkLines(report, verbose), width),
    ...labelled('not exercised', plainSpans(report.notExercised, 'faint'), width),
    ...labelled('leftovers', plainSpans(report.leftovers, 'warn'), width),
    ...(verbose ? labelled('states', stateLines(report), width) : []),
    answer(report),
  ];
  return `${lines.map((line) => renderLine(line, paint)).join('\n')}\n`;
};
