import type { Failure } from '../../result/result.ts';
import type { Message } from '../../sequence/codec/codec.ts';
import type { Entry } from '../../sequence/journal.ts';
import { type Conversation, downOf } from './conversation.ts';
import { waitFor } from './wait.ts';

export type Awaiting<T> = {
  readonly as: string;
  /** What is looked for in a message; nothing when it is not the one. */
  readonly find: (message: Message) => T | undefined;
  readonly withinMs: number;
  /** Name of the step that claims it. */
  readonly step: string;
  readonly conversation: Conversation;
  readonly signal: AbortSignal;
  /** Position to search from. Default: behind the last claimed message of the connection. */
  readonly from?: number;
  /** Monotonic: what `latencyMs` counts from. Default: now. */
  readonly sinceMs?: number;
};

/** `down`: nothing more could come. `silent`: the time ran out. */
export type Found<T> =
  | { readonly found: T; readonly entry: Entry; readonly latencyMs: number }
  | { readonly down: Failure }
  | { readonly silent: true };

/** Waits for the first unclaimed message that is the one, and claims it where it lies. Each message is looked at once. */
export const awaitMessage = async <T>(awaiting: Awaiting<T>): Promise<Found<T>> => {
  const { as, find, withinMs, step, conversation, signal } = awaiting;
  const { journal, context } = conversation;
  const startMs = context.clock.monotonic();
  const untilMs = startMs + withinMs;
  const entries = journal.entriesOf(as);
  let next = awaiting.from ?? journal.positionOf(as);
  const look = (): Found<T> | undefined => {
    for (; next < entries.end; next += 1) {
      const entry = entries.at(next);
      if (entry && entry.frame.at > untilMs) return undefined;
      if (!entry?.message || entry.consumed) continue;
      const found = find(entry.message);
      if (found === undefined) continue;
      journal.consumeAnswers([entry], step);
      return { found, entry, latencyMs: Math.max(0, entry.frame.at - (awaiting.sinceMs ?? startMs)) };
    }
    const down = downOf(as, conversation);
    return down && { down };
  };
  return (await waitFor(look, untilMs, journal, context.clock, signal)) ?? { silent: true };
};
