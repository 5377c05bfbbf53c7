import type { CountExpectation, Until } from '../../config/plan.ts';
import { type Entry, isHousekeeping } from '../journal/frame.ts';
import type { CompiledPattern, Compiler } from '../pattern.ts';
import { inMs } from '../words.ts';
import type { Cursor } from './cursor.ts';
import { type Progress, plainAnswers, type Query, type Window } from './query.ts';
import { matches } from './search.ts';

/** What ends the counting before the window does: in words, and the message that did it, if one did. */
type End = { readonly text: string; readonly entry?: Entry };

type Ending = {
  /** Whether the counting was over before this message came. */
  endsBefore(entry: Entry): boolean;
  /** Takes a message that was counted, or not. */
  take(entry: Entry): void;
  /** Whether it is over by now, though nothing came. */
  endsBy(nowMs: number): boolean;
  dueMs(): number | undefined;
  ended(): End | undefined;
  /** What must come to end it. */
  readonly awaits?: CompiledPattern;
};

const neverEnds: Ending = {
  endsBefore: () => false,
  take: () => undefined,
  endsBy: () => false,
  dueMs: () => undefined,
  ended: () => undefined,
};

const endsWith = (pattern: CompiledPattern): Ending => {
  let ended: End | undefined;
  return {
    ...neverEnds,
    awaits: pattern,
    take: (entry) => {
      if (matches(pattern, entry)) ended ??= { text: `before ${pattern.text} (#${entry.frame.n})`, entry };
    },
    endsBy: () => ended !== undefined,
    ended: () => ended,
  };
};

/** Silence is none of the conversation's messages for so long, heartbeats and housekeeping apart, since the wait began. */
const endsInQuiet = (quietMs: number, { startMs, untilMs }: Window): Ending => {
  let dueMs = startMs + quietMs;
  let ended: End | undefined;
  const endsBy = (nowMs: number): boolean => {
    if (nowMs >= dueMs && dueMs <= untilMs) ended ??= { text: `before ${inMs(quietMs)} of quiet` };
    return ended !== undefined;
  };
  return {
    endsBefore: (entry) => endsBy(entry.frame.at),
    take: (entry) => {
      if (!isHousekeeping(entry)) dueMs = Math.max(dueMs, entry.frame.at + quietMs);
    },
    endsBy,
    dueMs: () => (ended || dueMs > untilMs ? undefined : dueMs),
    ended: () => ended,
  };
};

const startEnding = (until: Until | undefined, { pattern }: Compiler, window: Window): Ending => {
  if (!until) return neverEnds;
  return 'pattern' in until ? endsWith(pattern(until.pattern)) : endsInQuiet(until.quietMs, window);
};

/** Counts what matches, claimed before or not: a duplicate of a claimed message is one too many. */
export const queryCount = (count: CountExpectation, compiler: Compiler, cursor: Cursor, window: Window): Query => {
  const pattern = compiler.pattern(count.pattern);
  const ending = startEnding(count.until, compiler, window);
  const least = count.exactly ?? count.min ?? 0;
  const most = count.exactly ?? count.max;
  const matched: Entry[] = [];
  // At least none is no more than what a living connection shows.
  const isDecided = () => (most === undefined ? matched.length >= Math.max(1, least) : matched.length > most);
  const take = (): boolean => {
    const entry = ending.ended() ? undefined : cursor.peek();
    if (!entry || ending.endsBefore(entry)) return false;
    cursor.take();
    if (matches(pattern, entry)) matched.push(entry);
    ending.take(entry);
    return true;
  };
  // One more may have been lost on a connection that fell silent; what ends the count comes behind all that is counted.
  const unheard = () => {
    const proven = ending.ended()?.entry?.frame.connection;
    return window.connections.filter((connection) => connection !== proven);
  };
  const settle = (): Progress => {
    if (isDecided()) return most === undefined ? 'met' : 'failed';
    if (cursor.missed()) return 'unproven';
    if (matched.length < least) return 'failed';
    if (ending.awaits && !ending.ended()) return 'unproven';
    return unheard().length === 0 ? 'met' : 'unheard';
  };
  const walk = () => {
    while (!isDecided() && take());
  };
  return {
    ...plainAnswers(cursor),
    advance: (nowMs) => {
      walk();
      return isDecided() || ending.endsBy(nowMs) ? settle() : 'waiting';
    },
    dueMs: ending.dueMs,
    conclude: () => {
      walk();
      return settle();
    },
    matched: () => matched,
    awaited: () => ({ pattern, number: 1, of: 1 }),
    ending: () => ending.ended()?.text,
    unheard,
    doubt: () =>
      ending.awaits && !ending.ended() ? `never ${ending.awaits.text}, which was to end the count` : undefined,
  };
};
