import type { LatencyMs, Run, SoakOutcome, StepSummary } from '../../result/result.ts';
import { formatCount, formatLatency, plural } from '../format.ts';
import { plainLine, shortLine } from '../plain.ts';
import { figureWords, type SoakRow, soakRows, soakWords, untoldWords } from '../sequence/words.ts';
import { cut, type Line, padEnd, type Span, span, textWidth, whole } from './spans.ts';

const NAME = 24;
const REASON = 300;

/** What else a step measured, beside its latency: `send to ack 2.10 ms`. */
export function figureSpans({ figures = [] }: StepSummary): readonly Span[] {
  return figures.flatMap((figure) => [whole(plainLine(figureWords(figure)), 'faint'), span('  ')]);
}

/** A lone step has no line of its own for its figures. */
export function loneFigureLines({ steps }: Run): readonly Line[] {
  const [lone, ...more] = steps;
  return lone === undefined || more.length > 0 || lone.figures === undefined ? [] : [figureSpans(lone)];
}

/** Each soak of a run: what it did, the latencies of its inner steps, how late it began, and its first failures. */
export function soakLines({ steps }: Run): readonly Line[] {
  return steps.flatMap(({ name, soak }) => (soak === undefined ? [] : soakOf(name, soak)));
}

function soakOf(name: string, soak: SoakOutcome): readonly Line[] {
  const { ran, never, late } = soakRows(soak);
  const column = Math.min(NAME, Math.max(0, ...[...ran, ...late].map((row) => textWidth(plainLine(row.name)))));
  return [
    [span(`${plainLine(name)}: `), span(soakWords(soak), soak.failed > 0 ? 'bad' : undefined)],
    ...ran.map((row) => soakLine(row, column)),
    ...aside(never),
    ...late.map((row) => soakLine(row, column)),
    ...soak.failures.map(failureLine),
    ...aside(untoldWords(soak)),
  ];
}

function aside(words: string | null): readonly Line[] {
  return words === null ? [] : [[span(`  ${words}`, 'faint')]];
}

function soakLine({ name, samples, unanswered, latencyMs }: SoakRow, column: number): Line {
  const figure = (label: string, ms: LatencyMs): readonly Span[] => [
    whole(`${label} ${padEnd(formatLatency(ms, samples), FIGURE)}`),
    span('  '),
  ];
  return [
    span(`  ${padEnd(cut(plainLine(name), column), column)}  `, 'faint'),
    ...figure('p50', latencyMs.p50),
    ...figure('p95', latencyMs.p95),
    ...figure('max', latencyMs.max),
    whole(plural(samples, 'sample'), 'faint'),
    ...(unanswered === 0 ? [] : [whole(`  ${formatCount(unanswered)} unanswered`, 'bad')]),
  ];
}

/** `<0.01 ms` is the longest of the usual ones, which stand in line. */
const FIGURE = 8;

function failureLine({ iteration, step, reason }: SoakOutcome['failures'][number]): Line {
  return [span(`  ✗ iteration ${formatCount(iteration)}, ${plainLine(step)}: ${shortLine(reason, REASON)}`, 'bad')];
}
