import type { MatchEngines } from '../../match/engines.ts';
import type { CheckOutcome } from '../../result/result.ts';
import type { Message } from '../codec/codec.ts';
import type { Frame } from '../journal.ts';
import type { Redact } from '../pattern.ts';
import { andMore } from '../words.ts';

/** One invariant over the whole journal, evaluated as frames come: constant work and memory for each. */
export type InvariantMonitor = {
  observe(frame: Frame): void;
  /** The frames of its first fault so far, or of what becomes one unless something comes to heal it. */
  blames?(): readonly number[] | undefined;
  /** A step has set a mark: at monotonic ms, behind frame `n`. */
  mark?(name: string, atMs: number, n: number): void;
  /** Ends the watch at monotonic ms; the actual value names the first fault, or says what was seen. Asked once. */
  outcome(nowMs: number): CheckOutcome;
};

export type InvariantContext = { readonly engines: MatchEngines; readonly redact: Redact };

/** A frame observer from one of received messages. */
export const observing =
  (observeMessage: (frame: Frame, message: Message) => void): InvariantMonitor['observe'] =>
  (frame) => {
    if (frame.direction !== 'in') return;
    for (const { message } of frame.entries) if (message) observeMessage(frame, message);
  };

/** What is wrong, in a sentence, and the frames that it speaks of; the last is where it broke. */
export type InvariantFault = { readonly sentence: string; readonly frames: readonly number[] };

/** Counts faults and keeps the first. */
export const createFaults = () => {
  let count = 0;
  let first: InvariantFault | undefined;
  return {
    add: (sentence: string, ...frames: readonly number[]): void => {
      count += 1;
      first ??= { sentence, frames };
    },
    first: (): InvariantFault | undefined => first,
    /** What a check says of the first, and of how many more; nothing when there is none. */
    outcome: (tail = ''): Omit<CheckOutcome, 'name'> | undefined =>
      first && {
        result: 'fail',
        actual: `${first.sentence}${andMore(count - 1)}${tail}`,
        ...(first.frames.length > 0 ? { frames: first.frames } : {}),
      },
  };
};
