import type { Leftover } from '../result/result.ts';
import type { Message, RawFrame } from './codec/codec.ts';
import { createBudget, type JournalLimits } from './journal/budget.ts';
import { createExcerpts } from './journal/excerpts.ts';
import {
  bytesOf,
  type DataFrame,
  type Entry,
  type Frame,
  type JournalEvent,
  type Mutable,
  valuesOf,
} from './journal/frame.ts';
import { createRemains, type Unreadable } from './journal/remains.ts';
import { createRolling } from './journal/rolling.ts';
import { createTracks, type Entries, type Track } from './journal/tracks.ts';

export type { JournalLimits } from './journal/budget.ts';
export type { DataFrame, Entry, Frame, JournalEvent, Life } from './journal/frame.ts';
export type { Entries } from './journal/tracks.ts';

/** Record of every frame of every connection of a pass, from the first byte. */
export type Journal = {
  /** Number of the latest frame; 0 before the first. */
  last(): number;
  /** Nothing once it was forgotten. */
  frame(n: number): Frame | undefined;
  /** Frames still held, oldest first. */
  held(): readonly Frame[];
  /** Begins the next generation of a connection: searches then start behind what came before. Answers its number. */
  begin(connection: string): number;
  /** In the order in which they were first tried, with how often each was really opened. */
  connections(): readonly { readonly name: string; readonly opened: number }[];
  /** Records and decodes; nothing more is recorded once a limit is passed. */
  append(event: JournalEvent): void;
  entriesOf(connection: string): Entries;
  /** Where a search begins by default: behind the last message that an expectation consumed, and all that was forgotten. */
  positionOf(connection: string): number;
  /** Where a search begins that starts after frame `n`; before the first held entry where some after `n` are forgotten. */
  positionAfter(connection: string, n: number): number;
  /** Claims messages for one expectation of a step; others no longer match them, and searches begin behind them. */
  consume(entries: readonly Entry[], step: string): void;
  /** Claims answers where they lie: events may have come before them, and searches still find those. */
  consumeAnswers(entries: readonly Entry[], step: string): void;
  /** Called after each append, and when a limit is passed. Answers how to stop. */
  watch(listener: (frame: Frame | undefined) => void): () => void;
  /** Why nothing more is recorded. */
  overflow(): string | undefined;
  /** Lets go of every frame up to `n`: what nobody has claimed of them is a leftover from now on. */
  forget(n: number): void;
  /** Keeps these frames, as far as they are held, for whoever draws the journal, in place of those that `key` kept before. */
  keep(key: string, frames: readonly number[]): void;
  /** Forgotten frames that were kept, oldest first. */
  kept(): readonly Frame[];
  /** All that ever came; messages are the received ones. */
  counts(): { readonly frames: number; readonly messages: number };
  /** Received messages that nobody has claimed so far, heartbeats and housekeeping apart; most frequent first. */
  leftovers(redact: (text: string) => string): readonly Leftover[];
  /** Unclaimed messages that the codec could not read so far, forgotten ones among them. */
  unreadable(): Unreadable;
};

const createFrame = (event: JournalEvent, n: number): Frame => {
  const { connection, generation, at, auto, step } = event;
  const head = { n, connection, generation, at, ...(auto ? { auto } : {}), ...(step === undefined ? {} : { step }) };
  if (event.direction === 'life') return { ...head, direction: event.direction, life: event.life };
  const { direction, raw } = event;
  const said = direction === 'out' && typeof raw !== 'string' ? event.said : undefined;
  return {
    ...head,
    direction,
    raw,
    ...(said === undefined ? {} : { said }),
    bytes: bytesOf(raw),
    values: valuesOf(raw),
    entries: [],
    unclaimed: 0,
  };
};

const fill = (frame: Mutable<DataFrame>, messages: readonly Message[], { entries }: Track): void => {
  frame.entries = messages.map((message, index) => ({
    frame,
    position: entries.end + index,
    message,
    consumed: false,
  }));
  frame.unclaimed = frame.entries.length;
  for (const entry of frame.entries) entries.push(entry);
};

/** `decode` is asked once for each received frame, in the order in which they came. */
export const createJournal = (
  decode: (raw: RawFrame, connection: string) => readonly Message[],
  limits: JournalLimits = {},
): Journal => {
  const frames = createRolling<Frame>();
  const tracks = createTracks();
  const budget = createBudget(limits);
  const remains = createRemains();
  const excerpts = createExcerpts((n) => frames.at(n - 1));
  const listeners = new Set<(frame: Frame | undefined) => void>();
  let messages = 0;
  let overflow: string | undefined;

  const held = () => frames.since(frames.first);
  const store = (event: JournalEvent): Frame => {
    const frame = createFrame(event, frames.end + 1);
    if (frame.direction === 'in' && event.direction === 'in')
      fill(frame, decode(event.raw, event.connection), tracks.of(event.connection));
    frames.push(frame);
    budget.hold(frame);
    if (frame.direction === 'life') {
      if (frame.life.event === 'open') tracks.of(frame.connection).opened += 1;
      return frame;
    }
    messages += frame.entries.length;
    if (frame.entries.length === 0) budget.spend(frame);
    return frame;
  };
  const claim = (entry: Mutable<Entry>, step: string) => {
    const frame = entry.frame as Mutable<DataFrame>;
    // What is forgotten has been counted as a leftover.
    if (entry.consumed || frame.n <= frames.first) return;
    entry.consumed = true;
    entry.claimedBy = step;
    frame.unclaimed -= 1;
    if (frame.unclaimed === 0) budget.spend(frame);
  };
  const notify = (frame: Frame | undefined) => {
    for (const listener of listeners) listener(frame);
  };

  return {
    last: () => frames.end,
    frame: (n) => frames.at(n - 1),
    held,
    begin: tracks.begin,
    connections: tracks.opened,
    append: (event) => {
      if (overflow) return;
      overflow = budget.exceeded();
      notify(overflow ? undefined : store(event));
    },
    entriesOf: (connection) => tracks.of(connection).entries,
    positionOf: (connection) => tracks.of(connection).position,
    positionAfter: tracks.after,
    consume: (entries, step) => {
      for (const entry of entries) {
        claim(entry as Mutable<Entry>, step);
        tracks.passBy(entry);
      }
    },
    consumeAnswers: (entries, step) => {
      for (const entry of entries) {
        claim(entry as Mutable<Entry>, step);
        tracks.skipClaimed(entry.frame.connection);
      }
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    overflow: () => overflow,
    forget: (n) => {
      for (let oldest = frames.at(frames.first); oldest && oldest.n <= n; oldest = frames.at(frames.first)) {
        frames.shift();
        budget.forget(oldest);
        remains.add(oldest);
        if (oldest.direction !== 'life') tracks.forget(oldest);
      }
    },
    keep: excerpts.keep,
    kept: () => excerpts.frames().filter(({ n }) => n <= frames.first),
    counts: () => ({ frames: frames.end, messages }),
    leftovers: (redact) => remains.leftovers(held(), redact),
    unreadable: () => remains.unreadable(held()),
  };
};
