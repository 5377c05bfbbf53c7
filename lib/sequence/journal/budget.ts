import { number } from '../words.ts';
import type { DataFrame, Entry, Frame, Mutable } from './frame.ts';
import { createRolling } from './rolling.ts';

export type JournalLimits = {
  /** Frames held, and messages in them: a batch of empty ones is small and yet many. Default 100,000. */
  readonly maxFrames?: number;
  /** Raw bytes held at once, decoded bodies beside them. Default 32 MiB. */
  readonly maxBytes?: number;
  /** Values in those bodies: a byte or two of JSON may be an object of dozens in memory. Default 3,000,000. */
  readonly maxValues?: number;
};

/** What a journal may hold, and how much of it is used. */
export type Budget = {
  hold(frame: Frame): void;
  /** Nobody needs this frame's content any more: it goes when room is needed, the first spent first. */
  spend(frame: DataFrame): void;
  /** The frame itself is gone; the oldest goes first. */
  forget(frame: Frame): void;
  /** Makes room; why there is none. */
  exceeded(): string | undefined;
};

const minSpent = 32;

const messagesIn = (frame: Frame): number => (frame.direction === 'life' ? 0 : frame.entries.length);

export const createBudget = ({
  maxFrames = 100_000,
  maxBytes = 32 * 1024 * 1024,
  maxValues = 3_000_000,
}: JournalLimits): Budget => {
  // In the order in which they were spent; forgotten ones are among them until there are many.
  const spent = createRolling<DataFrame>();
  let forgottenTo = 0;
  let frames = 0;
  let bytes = 0;
  let values = 0;
  let messages = 0;

  const letGo = (frame: DataFrame) => {
    if (frame.raw === undefined) return;
    bytes -= frame.bytes;
    values -= frame.values;
  };
  const release = () => {
    while (bytes > maxBytes || values > maxValues) {
      const frame = spent.shift();
      if (!frame) return;
      if (frame.n <= forgottenTo) continue;
      letGo(frame);
      (frame as Mutable<DataFrame>).raw = undefined;
      if (frame.said !== undefined) (frame as Mutable<DataFrame>).said = undefined;
      for (const entry of frame.entries) (entry as Mutable<Entry>).message = undefined;
    }
  };
  const compact = () => {
    // Those still held cannot be more than all that are held: at least half of these are forgotten.
    if (spent.end - spent.first <= 2 * frames + minSpent) return;
    const held = spent.since(spent.first).filter(({ n }) => n > forgottenTo);
    // The same list, emptied: V8 keeps the shape of an object with getters, and all that its getters see, until a full collection.
    while (spent.shift());
    for (const frame of held) spent.push(frame);
  };
  return {
    hold: (frame) => {
      frames += 1;
      messages += messagesIn(frame);
      if (frame.direction === 'life') return;
      bytes += frame.bytes;
      values += frame.values;
    },
    spend: (frame) => {
      spent.push(frame);
    },
    forget: (frame) => {
      forgottenTo = frame.n;
      frames -= 1;
      messages -= messagesIn(frame);
      if (frame.direction !== 'life') letGo(frame);
      compact();
    },
    exceeded: () => {
      const full = (what: string) => `the journal of a pass holds ${number(maxFrames)} ${what} and is full`;
      if (frames >= maxFrames) return full('frames');
      if (messages >= maxFrames) return full('messages');
      release();
      if (values > maxValues) {
        return `the frames that no step has claimed hold more than ${number(maxValues)} values, the most that the journal of a pass keeps`;
      }
      if (bytes <= maxBytes) return undefined;
      return `the frames that no step has claimed are larger than the ${number(maxBytes)} bytes that the journal of a pass holds`;
    },
  };
};
