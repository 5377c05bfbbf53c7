import {
  type GateInput,
  type GateObjective,
  type GateReport,
  type GateScenario,
  objectiveName,
} from '../../judge/gate.ts';
import { formatActual, formatAge, formatInstant, formatLatency, formatSamples } from '../format.ts';
import { plainLine } from '../plain.ts';
import { OUTCOME_MARKS, palette, type Style } from '../text/palette.ts';
import { hang, type Line, padEnd, padStart, renderLine, span, textWidth, whole } from '../text/spans.ts';
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

export type GateTextOptions = {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
  /** Every objective with its figures, not only those that do not hold. Default false. */
  readonly verbose?: boolean;
};

/** Columns that all scenarios and inputs share. */
type Grid = { readonly width: number; readonly word: number; readonly name: number };

const indent = 4;
const labelWidth = 9;

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(textWidth));

const measureGrid = ({ scenarios, inputs }: GateReport, width: number): Grid => ({
  width,
  word: widest([...scenarios.map(({ result }) => result), ...inputs.map(({ result }) => result ?? 'not given')]),
  name: widest([...scenarios.map(({ probe }) => plainLine(probe)), ...inputs.map(({ name }) => plainLine(name))]),
});

const head = (result: GateScenario['result'], name: string, grid: Grid, style?: Style): Line => [
  span(`${OUTCOME_MARKS[result].mark} ${padEnd(result, grid.word)}  `, style ?? OUTCOME_MARKS[result].style),
  span(`${padEnd(plainLine(name), grid.name)}  `, 'strong'),
];

const margin = (label: string): Line[number] => span(`${' '.repeat(indent)}${padEnd(label, labelWidth)}  `, 'faint');

const labelled = (label: string, bodies: readonly Line[], { width }: Grid): readonly Line[] =>
  bodies.flatMap((body, index) => hang([margin(index === 0 ? label : '')], body, width));

const figures = ({ run, ageMs }: GateScenario): Line => {
  if (run === null || ageMs === null) return [];
  const latencies = (['p50', 'p95', 'p99'] as const).flatMap((name) => [
    whole(`${name} ${formatLatency(run.latencyMs[name], run.samples)}`),
    span('  '),
  ]);
  return [
    whole(formatSamples(run.samples, run.planned)),
    span('  '),
    ...latencies,
    whole(`${formatAge(ageMs)} ago`, 'faint'),
  ];
};

const objectiveMark = ({ judged }: GateObjective): { readonly mark: string; readonly style: Style } =>
  judged === null ? { mark: '·', style: 'faint' } : OUTCOME_MARKS[judged];

const objectiveLine = (one: GateObjective): Line => {
  const { mark, style } = objectiveMark(one);
  return [whole(`${mark} ${plainLine(objectiveName(one))}`, style), span(`  ${objectiveWords(one)}`, 'faint')];
};

/** What holds, or is not judged here, needs no more than its figure: one line for all of it. */
const objectiveLines = ({ objectives }: GateScenario, verbose: boolean): readonly Line[] => {
  const short = verbose ? [] : objectives.filter(({ judged }) => judged === 'pass' || judged === null);
  const spans = short.flatMap((one, index) => {
    const { mark, style } = objectiveMark(one);
    const text = whole(`${mark} ${plainLine(objectiveName(one))} ${formatActual(one)}`, style);
    return index === 0 ? [text] : [span('   '), text];
  });
  return [
    ...objectives.filter((one) => !short.includes(one)).map(objectiveLine),
    ...(spans.length === 0 ? [] : [spans]),
  ];
};

const plainSpans = (texts: readonly string[], style?: Style): readonly Line[] =>
  texts.map((text) => [span(plainLine(text), style)]);

/** On one line however long, so that it can be copied. */
const commandLine = ({ command, reasons }: GateScenario): readonly Line[] =>
  reasons.some((reason) => reason.endsWith(command)) ? [] : [[margin('repeat'), span(plainLine(command), 'faint')]];

const scenarioLines = (scenario: GateScenario, grid: Grid, verbose: boolean): readonly Line[] => {
  const { result, probe, run, ageMs, notes } = scenario;
  // A day that has passed is nobody's pass and nobody's fail, and still has to be seen.
  const style: Style = scenario.deferral?.overdueMs === undefined ? OUTCOME_MARKS[result].style : 'bad';
  const proof = run === null || ageMs === null ? [] : [proofWords(run, ageMs)];
  return [
    ...hang(head(result, probe, grid, style), figures(scenario), grid.width),
    ...labelled('because', plainSpans(reasonsOf(scenario), style), grid),
    ...labelled('suspect', plainSpans(suspectOf(scenario)), grid),
    ...labelled('note', plainSpans(notes, 'warn'), grid),
    ...labelled('objective', objectiveLines(scenario, verbose), grid),
    ...labelled('baseline', plainSpans(baselineWords(scenario), 'faint'), grid),
    ...labelled('proof', plainSpans(proof, 'faint'), grid),
    ...commandLine(scenario),
    ...labelled('runbook', plainSpans(runbookOf(scenario), 'link'), grid),
    [],
  ];
};

const inputLines = (inputs: readonly GateInput[], grid: Grid): readonly Line[] => {
  const value = widest(inputs.map((one) => inputWords(one).value));
  const lines = inputs.map((one): Line => {
    const words = inputWords(one);
    const name =
      one.result === null
        ? [span(`– ${padEnd('not given', grid.word)}  `, 'faint'), span(`${padEnd(one.name, grid.name)}  `)]
        : head(one.result, one.name, grid);
    return [...name, span(padStart(one.value === null ? '–' : words.value, value)), span(`  ${words.limit}`, 'faint')];
  });
  return lines.length === 0 ? [] : [[span('inputs', 'faint')], ...lines, []];
};

const titleLine = (report: GateReport): Line => [
  span(`${plainLine(report.service)} gate`, 'strong'),
  span(`  ${report.environment}  ${formatInstant(report.checkedAt)}  ${termsWords(report)}  ${report.tool}`, 'faint'),
];

const beforeLast = (report: GateReport): readonly Line[] => [
  ...(report.overdue.length === 0 ? [] : [[span(`overdue deferrals: ${report.overdue.join(', ')}`, 'bad')] as const]),
  ...(report.advisory ? [[span(advisoryWords, 'warn')] as const] : []),
  [span(tallyWords(report), 'faint')],
];

/** Not wrapped: whoever takes the last line has the whole answer. */
const answerLine = (report: GateReport): Line => {
  const { mark, style } = OUTCOME_MARKS[report.result];
  return [span(`${mark} ${report.result}`, style), span(`  ${causeWords(report)}`)];
};

/** The gate's report for a terminal, with a line feed at its end; its last line is the answer. */
export const renderGateText = (report: GateReport, options: GateTextOptions): string => {
  const paint = palette(options.colour);
  const width = Math.max(40, options.width);
  const grid = measureGrid(report, width);
  const lines: readonly Line[] = [
    ...hang([], titleLine(report), width),
    [span(plainLine(report.command), 'faint')],
    [],
    ...report.scenarios.flatMap((one) => scenarioLines(one, grid, options.verbose ?? false)),
    ...inputLines(report.inputs, grid),
    ...beforeLast(report).flatMap((line) => hang([], line, width)),
    answerLine(report),
  ];
  return `${lines.map((line) => renderLine(line, paint)).join('\n')}\n`;
};
