import { showValue } from '../../result/redact.ts';
import type { FrameEvidence } from '../../result/result.ts';
import { textOf } from '../../sequence/journal/text.ts';
import type { Frame } from '../../sequence/journal.ts';
import type { Redactor } from '../prober.ts';
import type { Conversation } from './conversation.ts';

const maxFrames = 24;
const around = 2;
const maxTextChars = 400;

const evidenceOf = (frame: Frame, passStartMs: number, redact: Redactor): FrameEvidence => ({
  n: frame.n,
  connection: frame.connection,
  direction: frame.direction,
  atMs: frame.at - passStartMs,
  text: `${showValue(textOf(frame), redact, maxTextChars)}${frame.auto ? ' (by itself)' : ''}`,
});

/** What a failed check has beside its sentence: the frames that this speaks of, where there are any. */
export const blaming = (frames: readonly number[]): { readonly frames?: readonly number[] } =>
  frames.length > 0 ? { frames } : {};

/**
 * The frames that a sentence speaks of with their neighbours, and the latest: numbered, oldest first. `atFault` marks
 * those as where the sequence broke.
 */
export const framesAround = (
  focus: readonly number[],
  { journal, passStartMs, context, terse }: Conversation,
  atFault = false,
): readonly FrameEvidence[] => {
  if (terse && !atFault) return [];
  const wanted = new Set<number>();
  const want = (n: number) => {
    if (wanted.size < maxFrames && journal.frame(n)) wanted.add(n);
  };
  for (const n of focus) for (let near = n - around; near <= n + around; near += 1) want(near);
  for (let n = journal.last(); journal.frame(n) && wanted.size < maxFrames; n -= 1) want(n);
  return [...wanted]
    .toSorted((a, b) => a - b)
    .flatMap((n) => {
      const frame = journal.frame(n);
      const evidence = frame && evidenceOf(frame, passStartMs, context.redact);
      return evidence ? [atFault && focus.includes(n) ? { ...evidence, broken: true } : evidence] : [];
    });
};
