import type { CheckSummary, ConnectionTiming, Run, ThresholdResult } from '../../result/result.ts';
import { checkOutcome, checkTitle, firstFault, PHASE_WORDS, phasesIn, suspectWords, thresholdsOf } from '../facts.ts';
import { formatFraction, formatMs, formatRatio, formatRatioInterval, formatShareInterval, plural } from '../format.ts';
import { outcomeOf } from '../outcome.ts';
import { excerpt, plainLine } from '../plain.ts';
import { leftoverWords, sequenceWords } from '../sequence/words.ts';
import { evidenceLines } from './evidence.ts';
import { INDENT, thresholdSpans } from './headline.ts';
import { ladderLines } from './ladder.ts';
import { loneFigureLines, soakLines } from './measured.ts';
import { OUTCOME_MARKS, type Style } from './palette.ts';
import { hang, type Line, padEnd, span, whole } from './spans.ts';

const LABEL = 10;

/** Why the run ended as it did, and whose fault it looks like: what a reader wants first. */
export function becauseLines(run: Run, width: number): readonly Line[] {
  const suspect = run.attribution === undefined ? [] : [[span(plainLine(suspectWords(run.attribution)))]];
  return [...labelled('because', reasonLines(run), width), ...labelled('suspect', suspect, width)];
}

/** What stands under a run's steps: a label, then what it has to say, wrapped and hanging. */
export function detailLines(run: Run, width: number, verbose: boolean): readonly Line[] {
  const group = (label: string, bodies: readonly Line[]): readonly Line[] => labelled(label, bodies, width);
  const fault = run.exemplar === null ? null : firstFault(run.exemplar);
  const room = Math.max(20, width - INDENT - LABEL - 2);
  return [
    ...group('checks', checkLines(run, verbose)),
    ...group('objective', objectiveLines(run, verbose)),
    ...group('baseline', baselineLines(run)),
    ...group('figures', loneFigureLines(run)),
    ...group('soak', soakLines(run)),
    ...group('connection', run.connections.map(connectionLine)),
    ...group('phases', verbose ? phaseLines(run) : []),
    ...group('tainted', taintLines(run)),
    ...group('self', verbose ? selfLines(run) : []),
    ...group('cleanup', cleanupLines(run)),
    ...(fault === null ? [] : indented('evidence', evidenceLines(fault, room, run.exemplar?.sequence === undefined))),
    ...sequenceLines(run, width, verbose),
    ...group(
      'runbook',
      outcomeOf(run) === 'fail' && run.runbook !== undefined ? [[span(plainLine(run.runbook), 'link')]] : [],
    ),
  ];
}

const RUNGS = 32;
const RUNGS_VERBOSE = 120;

/** The ladder of what did not pass, or was asked for; and what no step claimed, always. */
function sequenceLines(run: Run, width: number, verbose: boolean): readonly Line[] {
  const { exemplar } = run;
  if (exemplar?.sequence === undefined) return [];
  const leftovers = leftoverWords(exemplar.sequence);
  const left = leftovers === null ? [] : labelled('unclaimed', [[span(plainLine(leftovers))]], width);
  if (!verbose && outcomeOf(run) === 'pass') return left;
  // It needs all the width there is, and so it stands below its label.
  const ladder = ladderLines(exemplar, { width: width - INDENT, most: verbose ? RUNGS_VERBOSE : RUNGS });
  const indent = span(' '.repeat(INDENT));
  const title = [span(`pass ${exemplar.index + 1}: ${plainLine(sequenceWords(exemplar.sequence))}`, 'faint')];
  return [...labelled('sequence', [title], width), ...ladder.map((line) => [indent, ...line]), ...left];
}

function labelled(label: string, bodies: readonly Line[], width: number): readonly Line[] {
  return bodies.flatMap((body, index) => hang([margin(index === 0 ? label : '')], body, width));
}

function margin(label: string): Line[number] {
  return span(`${' '.repeat(INDENT)}${padEnd(label, LABEL)}  `, 'faint');
}

/** Evidence keeps its own line breaks. */
function indented(label: string, lines: readonly Line[]): readonly Line[] {
  return lines.map((line, index) => [margin(index === 0 ? label : ''), ...line]);
}

function reasonLines(run: Run): readonly Line[] {
  const style: Style | undefined = run.status === 'done' ? OUTCOME_MARKS[outcomeOf(run)].style : undefined;
  return run.reasons.map((reason) => [span(plainLine(reason), run.verdict === 'pass' ? undefined : style)]);
}

/** A failed check that the reasons have told already is not told again. */
function checkLines(run: Run, verbose: boolean): readonly Line[] {
  const told = ({ step, name, actual }: CheckSummary) => {
    const where = step === undefined ? '' : `${step}: `;
    return run.reasons.some((reason) =>
      [`${name} failed`, actual].some((text) => reason.startsWith(`${where}${text}`)),
    );
  };
  return run.checks.filter((check) => verbose || (checkOutcome(check) !== 'pass' && !told(check))).map(checkLine);
}

function checkLine(check: CheckSummary): Line {
  const outcome = checkOutcome(check);
  const { mark, style } = OUTCOME_MARKS[outcome];
  const unsaid = check.inconclusive === 0 ? '' : `, ${check.inconclusive} inconclusive`;
  const got = outcome === 'pass' ? '' : `  got ${plainLine(excerpt(check.actual, 3, 200))}`;
  return [
    span(`${mark} ${plainLine(checkTitle(check))}  `, style),
    whole(`${check.passed} of ${check.total}${unsaid}`),
    span(got),
  ];
}

/** A step's thresholds stand on its line, so here they are those of the probe; and of a lone step, which has no line. */
function objectiveLines(run: Run, verbose: boolean): readonly Line[] {
  const onStepLines = run.steps.length > 1 && !verbose;
  const own = thresholdsOf(run).filter((threshold) => threshold.step === undefined || !onStepLines);
  if (verbose) return own.map(objectiveLine);
  const held = own.filter((threshold) => threshold.passed);
  return [
    ...own.filter((threshold) => !threshold.passed).map(objectiveLine),
    ...(held.length > 0 ? [heldLine(held)] : []),
  ];
}

/** What holds needs no figures: one line for all of it. */
function heldLine(held: readonly ThresholdResult[]): Line {
  return held.flatMap((threshold, index) => [
    ...(index === 0 ? [] : [span('   ')]),
    ...stepOf(threshold),
    ...thresholdSpans(threshold),
    ...budgetOf(threshold),
  ]);
}

function stepOf({ step }: ThresholdResult): Line {
  return step === undefined ? [] : [span(`${plainLine(step)}: `)];
}

function objectiveLine(threshold: ThresholdResult): Line {
  return [
    ...stepOf(threshold),
    ...thresholdSpans(threshold),
    ...budgetOf(threshold),
    span('  '),
    ...figuresOf(threshold),
  ];
}

/** ` (93 % of its budget left)`: over its window, and not of this run. */
function budgetOf({ budgetLeft }: ThresholdResult): Line {
  if (budgetLeft === undefined) return [];
  const words =
    budgetLeft < 0
      ? `its budget overspent by ${formatFraction(-budgetLeft)}`
      : `${formatFraction(budgetLeft)} of its budget left`;
  return [whole(` (${words})`, budgetLeft < 0 ? 'bad' : 'faint')];
}

function figuresOf({ bad, total, budget, interval, confident }: ThresholdResult): Line {
  const figures = [
    bad === undefined || total === undefined ? [] : [`${bad} of ${total} bad`],
    budget === undefined ? [] : [`budget ${formatFraction(budget)}`],
    interval === undefined ? [] : [`95 % interval ${formatShareInterval(interval)}`],
    confident === undefined || confident === 'inconclusive' ? [] : [`certain to ${confident}`],
  ].flat();
  return figures.flatMap((figure, index) => {
    const comma = index === figures.length - 1 ? '' : ',';
    return [whole(`${figure}${comma}`, 'faint'), span(' ')];
  });
}

function baselineLines({ baseline }: Run): readonly Line[] {
  if (baseline.state !== 'provisional' && baseline.state !== 'active') return [];
  const ratio = baseline.ratio === null ? 'no ratio yet' : `p95 ${formatRatio(baseline.ratio)}`;
  const interval = baseline.interval === null ? '' : ` (95 % interval ${formatRatioInterval(baseline.interval)})`;
  return [[span(`${ratio}${interval} against ${plural(baseline.runs, 'accepted run')}, ${baseline.state}`, 'faint')]];
}

function connectionLine(connection: ConnectionTiming): Line {
  const phases = phasesIn(connection.phasesMs).map(({ phase, ms }) => `${PHASE_WORDS[phase]} ${formatMs(ms)}`);
  const head = span(`fresh to ${plainLine(connection.origin)}  `, 'faint');
  if (connection.failure !== undefined) return [head, span(plainLine(connection.failure.message), 'bad')];
  return [
    head,
    ...phases.flatMap((text) => [whole(text, 'faint'), span('  ')]),
    whole(`total ${formatMs(connection.totalMs)}`),
  ];
}

function phaseLines(run: Run): readonly Line[] {
  return run.steps
    .map((step) => ({ step, phases: phasesIn(step.phasesMs) }))
    .filter(({ phases }) => phases.length > 0)
    .map(({ step, phases }) => [
      span(`${plainLine(step.name)}  `),
      ...phases.flatMap(({ phase, ms }) => [whole(`${PHASE_WORDS[phase]} ${formatMs(ms)}`, 'faint'), span('  ')]),
    ]);
}

function taintLines({ self }: Run): readonly Line[] {
  if (self === null || self.taintedSamples === 0) return [];
  const delay = formatMs(self.loopDelayMaxMs);
  return [
    [
      span(
        `${plural(self.taintedSamples, 'sample')} taken while this tool was slow itself (event loop up to ${delay} late); kept out of baselines`,
        'warn',
      ),
    ],
  ];
}

function selfLines({ self }: Run): readonly Line[] {
  if (self === null) return [];
  const parts = [
    `node ${plainLine(self.node)}`,
    `cpu ${formatMs(self.cpuMs)}`,
    `event loop at most ${formatMs(self.loopDelayMaxMs)} late`,
    `${plural(self.concurrency, 'probe')} side by side`,
  ];
  return [[span(parts.join(', '), 'faint')]];
}

function cleanupLines(run: Run): readonly Line[] {
  return run.cleanup
    .filter((step) => step.status === 'failed')
    .map((step) => [span(`${plainLine(step.name)} failed: ${plainLine(step.problem ?? 'no reason given')}`, 'warn')]);
}
