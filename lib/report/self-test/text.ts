import {
  countedTrials,
  type ProbeSelfTest,
  probeVerdict,
  reportVerdict,
  type SelfTestReport,
  type SelfTestVerdict,
} from '../../self-test/report.ts';
import type { CheckRecord, Objection, Trial } from '../../self-test/verdict.ts';
import { formatCount, plural } from '../format.ts';
import { plainLine } from '../plain.ts';
import { palette, type Style } from '../text/palette.ts';
import { cut, hang, type Line, padEnd, renderLine, span, whole } from '../text/spans.ts';

export type SelfTestTextOptions = {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
  /** Every objection, and each fault as the fault proxy spells it. Default false. */
  readonly verbose?: boolean;
};

type Mark = { readonly mark: string; readonly style: Style };

const marks: Readonly<Record<Trial['outcome'] | 'beyond', Mark>> = {
  noticed: { mark: '✓', style: 'good' },
  missed: { mark: '✗', style: 'bad' },
  unsure: { mark: '?', style: 'unsure' },
  idle: { mark: '–', style: 'faint' },
  beyond: { mark: '·', style: 'faint' },
};

const kindWidth = 12;
const mostActualChars = 160;
const mostNameChars = 80;

const isBeyond = ({ fault, outcome }: Trial): boolean => fault.beyond !== undefined && outcome === 'missed';

const where = (step: string | undefined): string => (step === undefined || step === '' ? '' : `${plainLine(step)}: `);

const objectionText = ({ step, by, actual }: Objection): string =>
  `${where(step)}${cut(plainLine(by), mostNameChars)} – ${cut(plainLine(actual), mostActualChars)}`;

/** Who noticed it; of several the first, unless all are asked for. */
const noticed = (objections: readonly Objection[], verbose: boolean): readonly string[] => {
  if (verbose) return objections.map(objectionText);
  const [first] = objections;
  const more = objections.length - 1;
  return first ? [`${objectionText(first)}${more > 0 ? `; and ${plural(more, 'other check')}` : ''}`] : [];
};

const told = (trial: Trial, verbose: boolean): readonly string[] => {
  const { outcome, objections, reasons, verdict } = trial;
  if (isBeyond(trial)) return ['passed: nothing in the probe looks there'];
  switch (outcome) {
    case 'noticed':
      return objections.length > 0 ? noticed(objections, verbose) : [`${verdict}: ${plainLine(reasons[0] ?? '')}`];
    case 'missed':
      return ['MISSED: the run passed'];
    case 'unsure':
      return [`could not say: ${plainLine(reasons[0] ?? 'inconclusive')}`];
    case 'idle':
      return ['not tried: in this run there was nothing to do it to'];
  }
};

const trialLines = (trial: Trial, { width, verbose = false }: SelfTestTextOptions): readonly Line[] => {
  const { fault, spec } = trial;
  const { mark, style } = marks[isBeyond(trial) ? 'beyond' : trial.outcome];
  const first = [span(`  ${mark} `, style), span(padEnd(fault.kind, kindWidth), style)];
  const margin = [span(' '.repeat(4 + kindWidth))];
  const isLoud = trial.outcome === 'missed' && !isBeyond(trial);
  return [
    ...hang(first, [span(`${where(fault.step)}${plainLine(fault.told)}`)], width),
    ...told(trial, verbose).flatMap((text) => hang(margin, [span(text, isLoud ? 'bad' : 'faint')], width)),
    ...(verbose ? hang(margin, [span(plainLine(spec), 'faint')], width) : []),
  ];
};

const checkText = ({ step, name }: CheckRecord): string => `${where(step)}${plainLine(name)}`;

const untried = ({ checks }: ProbeSelfTest): readonly string[] => {
  const count = checks.filter(({ objected, tried }) => objected === 0 && !tried).length;
  return count > 0 ? [`${plural(count, 'check')} of steps that no fault was aimed at`] : [];
};

const notes = (test: ProbeSelfTest): readonly (readonly [string, readonly string[]])[] => [
  ['never said no', test.checks.filter(({ objected, tried }) => objected === 0 && tried).map(checkText)],
  ['not tried', untried(test)],
  ['not exercised', test.notExercised.map(plainLine)],
  [
    'left out',
    test.leftOut > 0
      ? [`${plural(test.leftOut, 'fault')}: --faults ${test.trials.length + test.leftOut} tries all`]
      : [],
  ],
];

const headline = (test: ProbeSelfTest): Line => {
  const name = [span(test.probe, 'strong'), span(` (${test.kind}): `)];
  const reason = plainLine(test.reason ?? '');
  if (test.status === 'skipped' || test.status === 'deferred') {
    return [...name, span(`${test.status}: ${reason}`, 'faint')];
  }
  if (test.status === 'untestable') return [...name, span(`inconclusive: ${reason}`, 'unsure')];
  const counted = countedTrials(test);
  const seen = counted.filter(({ outcome }) => outcome === 'noticed').length;
  const style = probeVerdict(test) === 'noticed' ? 'good' : probeVerdict(test) === 'missed' ? 'bad' : 'unsure';
  return [...name, whole(`${seen} of ${plural(counted.length, 'fault')} noticed`, style)];
};

const probeLines = (test: ProbeSelfTest, options: SelfTestTextOptions): readonly Line[] => {
  const asides = notes(test).filter(([, all]) => all.length > 0);
  return [
    ...hang([], headline(test), options.width),
    ...test.trials.flatMap((trial) => trialLines(trial, options)),
    ...asides.flatMap(([title, all]) =>
      all.flatMap((text, index) =>
        hang([span(padEnd(index === 0 ? `  ${title}` : '', 4 + kindWidth))], [span(text)], options.width),
      ),
    ),
    [],
  ];
};

const summaries: Readonly<Record<SelfTestVerdict, readonly [string, Style]>> = {
  noticed: ['every fault that was tried was noticed', 'good'],
  missed: ['some faults were missed: a check for each, or a word on why not', 'bad'],
  inconclusive: ['inconclusive: there is something that could not be tried', 'unsure'],
};

/** The self-test for a person: each fault with who noticed it, and what never said no. */
export const renderSelfTestText = (report: SelfTestReport, options: SelfTestTextOptions): string => {
  const { service, probes } = report;
  const runs = probes.reduce((sum, test) => sum + test.runs, 0);
  const title = `: self-test of ${plural(probes.length, 'probe')}, ${plural(runs, 'run')}`;
  const [summary, style] = summaries[reportVerdict(report)];
  const lines: readonly Line[] = [
    [span(service, 'strong'), span(title)],
    [],
    ...probes.flatMap((test) => probeLines(test, options)),
    [span(summary, style)],
  ];
  const paint = palette(options.colour);
  return `${lines.map((line) => renderLine(line, paint)).join('\n')}\n`;
};

/** One trial on one line, for progress. */
export const renderTrialLine = (
  probe: string,
  trial: Trial,
  { done, total }: { readonly done: number; readonly total: number },
  { colour, width }: SelfTestTextOptions,
): string => {
  const { mark, style } = marks[isBeyond(trial) ? 'beyond' : trial.outcome];
  const { kind, step, told: what } = trial.fault;
  const text = `${probe}, ${kind}: ${where(step)}${plainLine(what)}`;
  const count = `[${formatCount(done)}/${formatCount(total)}] `;
  return renderLine(
    [span(count, 'faint'), span(`${mark} `, style), span(cut(text, width - count.length - 2))],
    palette(colour),
  );
};
