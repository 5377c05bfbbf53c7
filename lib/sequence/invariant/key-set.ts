import { createHash } from 'node:crypto';
import type { Json } from '../../config/plan.ts';

/** Frames of so many keys are remembered by number; of older ones only that they came. */
const maxFrames = 1_000;
/** Keys that are no whole numbers, and runs of those that are. */
const maxKeys = 100_000;

/** When a key came before: in which frame, or `early`, too long ago to say. */
export type Before = number | 'early';

/** A value as a key of a map, of bounded length; nothing where it is nested too deeply to be one. */
export const keyOf = (value: Json): string | undefined => {
  try {
    const text = JSON.stringify(value);
    return text.length <= 64 ? text : createHash('sha256').update(text).digest('base64');
  } catch {
    return undefined;
  }
};

type Span = { from: number; to: number };

/** Whole numbers as runs: those of a counter, in whatever order, are one. */
const createSpans = () => {
  const spans: Span[] = [];
  /** Index of the first run that begins after `value`. */
  const after = (value: number): number => {
    let low = 0;
    let high = spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((spans[middle]?.from ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    has: (value: number): boolean => (spans[after(value) - 1]?.to ?? Number.NEGATIVE_INFINITY) >= value,
    add: (value: number): void => {
      const index = after(value);
      const [left, right] = [spans[index - 1], spans[index]];
      const joinsRight = right?.from === value + 1;
      if (left?.to === value - 1) {
        left.to = joinsRight ? right.to : value;
        if (joinsRight) spans.splice(index, 1);
      } else if (joinsRight) right.from = value;
      else spans.splice(index, 0, { from: value, to: value });
    },
    size: () => spans.length,
  };
};

/** Keys that came, in a memory that a soak does not grow: whole numbers as runs, others up to a limit. */
export const createKeySet = () => {
  const spans = createSpans();
  const frames = new Map<string, number>();
  const texts = new Set<string>();
  let full = false;
  const remember = (text: string, n: number) => {
    frames.set(text, n);
    if (frames.size <= maxFrames) return;
    for (const oldest of frames.keys()) {
      frames.delete(oldest);
      return;
    }
  };
  return {
    /** Takes a key; answers when it came before. `unreadable`: nested too deeply to be compared. */
    add: (value: Json, n: number): Before | 'unreadable' | undefined => {
      const text = keyOf(value);
      if (text === undefined) return 'unreadable';
      const whole = typeof value === 'number' && Number.isSafeInteger(value);
      if (whole ? spans.has(value) : texts.has(text)) return frames.get(text) ?? 'early';
      if (spans.size() + texts.size >= maxKeys) full = true;
      else if (whole) spans.add(value);
      else texts.add(text);
      remember(text, n);
      return undefined;
    },
    /** Whether keys came that could not be kept. */
    full: () => full,
  };
};

export type KeySet = ReturnType<typeof createKeySet>;
