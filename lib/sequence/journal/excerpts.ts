import type { Frame } from './frame.ts';

/** Longer frames are kept without their content: an excerpt is small whatever came. */
const maxBytes = 65_536;
const maxFrames = 60;

const small = (frame: Frame): Frame =>
  frame.direction === 'life' || frame.bytes <= maxBytes
    ? frame
    : {
        ...frame,
        raw: undefined,
        said: undefined,
        entries: frame.entries.map((entry) => ({ ...entry, message: undefined })),
      };

/** A few frames that outlive the journal's memory, because a fault lies among them. */
export const createExcerpts = (frameOf: (n: number) => Frame | undefined) => {
  const excerpts = new Map<string, ReadonlyMap<number, Frame>>();
  return {
    /** Those kept before, if they are asked for again, stay though they are forgotten meanwhile. */
    keep: (key: string, numbers: readonly number[]): void => {
      if (numbers.length === 0) return void excerpts.delete(key);
      const before = excerpts.get(key);
      const wanted = [...new Set(numbers)].slice(0, maxFrames);
      const found = wanted.flatMap((n) => {
        const frame = before?.get(n) ?? frameOf(n);
        return frame ? [[n, before?.has(n) ? frame : small(frame)] as const] : [];
      });
      excerpts.set(key, new Map(found));
    },
    frames: (): readonly Frame[] => {
      const all = new Map([...excerpts.values()].flatMap((excerpt) => [...excerpt]));
      return [...all.values()].toSorted((a, b) => a.n - b.n);
    },
  };
};
