import type { CheckOutcome, Pass, Rung, SequenceRecord } from '../../result/result.ts';
import { formatMs } from '../format.ts';

/** A link of the chain that broke. */
export type BrokenLink = {
  /** Its place among the rungs: the frame at fault, or the gap where one should be. */
  readonly rung: number;
  /** What is wrong there, in the words of the check that saw it. */
  readonly sentence: string;
  /** Numbers of the frames that the sentence speaks of. */
  readonly frames: readonly number[];
  readonly step?: string;
};

type Gap = Extract<Rung, { readonly kind: 'missing' }>;

type Fault = Omit<BrokenLink, 'rung'>;

/**
 * The broken links of a pass, each once, in the order of the rungs. A step that failed is the gap that it left: frames
 * that it blames beside it (`nearest #7`) are no links of their own. A check over the whole pass is the last of the frames
 * that it blames (`frames #3 and #7`). A frame that was marked, and that no check blames, is one too.
 */
export function brokenLinks(pass: Pass): readonly BrokenLink[] {
  const rungs = pass.sequence?.rungs ?? [];
  const faults = faultsOf(pass);
  const gaps = rungs.flatMap((rung, index) => (rung.kind === 'missing' ? [gapLink(rung, index, faults)] : []));
  const others = gaps.length === 0 ? faults : faults.filter(({ step }) => step === undefined);
  const links = [...gaps, ...blamedLinks(rungs, others)];
  return (links.length > 0 ? links : markedLinks(rungs)).toSorted((a, b) => a.rung - b.rung);
}

/** All that went wrong, step by step and over the whole pass. */
function faultsOf(pass: Pass): readonly Fault[] {
  return [
    ...pass.steps.flatMap(({ step, failure, checks, soak }) => [
      ...(soak?.failures ?? []).map((one) => ({ step: one.step, sentence: one.reason, frames: one.frames ?? [] })),
      ...(failure === undefined ? [] : [{ step, sentence: failure.message, frames: failure.frames ?? [] }]),
      ...failedIn(checks).map((fault) => ({ step, ...fault })),
    ]),
    ...failedIn(pass.checks),
  ];
}

function failedIn(checks: readonly CheckOutcome[]): readonly Fault[] {
  return checks
    .filter(({ result }) => result === 'fail')
    .map(({ name, actual, frames = [] }) => ({ sentence: `${name}: ${actual}`, frames }));
}

/** The sentence of a rung is cut shorter than that of its step; a step of a soak has one for each iteration that failed. */
function gapLink({ step, text, frames = [] }: Gap, rung: number, faults: readonly Fault[]): BrokenLink {
  const head = text.replace(CUT, '');
  const whole = faults.find((fault) => fault.step === step && fault.sentence.startsWith(head));
  return { rung, step, sentence: whole?.sentence ?? text, frames };
}

/** What `cutText` says in place of the rest. */
const CUT = /… \([\d,]+ more characters?\)$/;

function blamedLinks(rungs: readonly Rung[], faults: readonly Fault[]): readonly BrokenLink[] {
  const links = new Map<number, BrokenLink>();
  for (const fault of faults) {
    const rung = rungs.findLastIndex((one) => one.kind === 'frame' && fault.frames.includes(one.n));
    // A failure and its check say the same thing twice.
    if (rung !== -1 && !links.has(rung)) links.set(rung, { rung, ...fault });
  }
  return [...links.values()];
}

function markedLinks(rungs: readonly Rung[]): readonly BrokenLink[] {
  return rungs.flatMap((rung, index) => {
    if (rung.kind !== 'frame' || rung.broken !== true) return [];
    const step = rung.step === undefined ? {} : { step: rung.step };
    return [{ rung: index, sentence: 'the sequence broke here', frames: [rung.n], ...step }];
  });
}

/** `at #4`, or `after #3` of a gap. */
export function linkPlace(rungs: readonly Rung[], { rung: index }: BrokenLink): string {
  const rung = rungs[index];
  if (rung?.kind === 'frame') return `at #${rung.n}`;
  const before = rungs.slice(0, index).findLast((one) => one.kind === 'frame');
  return before === undefined ? 'before the first frame' : `after #${before.n}`;
}

/** `broken link at #4 on a, 6.40 ms: gapless …`, `broken link after #3 on a, 5.00 s: 3 expect a: one never came …`. */
export function linkWords({ rungs }: SequenceRecord, link: BrokenLink): string {
  const rung = rungs[link.rung];
  const connection = rung === undefined || rung.kind === 'elided' ? undefined : rung.connection;
  const on = connection === undefined ? '' : ` on ${connection}`;
  const when = rung === undefined || rung.kind === 'elided' ? '' : `, ${formatMs(rung.atMs)}`;
  const step = link.step === undefined ? '' : `${link.step}: `;
  return `broken link ${linkPlace(rungs, link)}${on}${when}: ${step}${link.sentence}`;
}
