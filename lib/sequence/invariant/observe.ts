import type { MatchEngines } from '../../match/engines.ts';
import type { CheckOutcome } from '../../result/result.ts';
import type { Message } from '../codec/codec.ts';
import type { Frame } from '../journal.ts';
import type { Redact } from '../pattern.ts';
import { andMore } from '../words.ts';

/** One invariant over the whole journal, evaluated as frames come: constant work and memory for each. */
export type InvariantMonitor = {
  observe(frame: Frame): void;
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

/** Counts faults and keeps the first, in words. */
export const createFaults = () => {
  let count = 0;
  let first: string | undefined;
  return {
    add: (sentence: string): void => {
      count += 1;
      first ??= sentence;
    },
    /** The first, and how many more; nothing when there is none. */
    summary: (): string | undefined => (first === undefined ? first : `${first}${andMore(count - 1)}`),
  };
};
