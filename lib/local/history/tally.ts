import type { SkipCause, Skipped } from '../../judge/backtest/point.ts';

/** Counts the rows that are left out, by cause, with the first of each. */
export type SkipTally = {
  skip(cause: SkipCause, line: number, example: string): void;
  /** Most rows first. */
  skipped(): readonly Skipped[];
};

const exampleChars = 40;

export const openTally = (): SkipTally => {
  const causes = new Map<SkipCause, { rows: number; firstLine: number; example: string }>();
  return {
    skip: (cause, line, example) => {
      const known = causes.get(cause);
      if (known) known.rows += 1;
      // Read again as what it is: until here a line is bytes.
      else {
        const text = Buffer.from(example.slice(0, 4 * exampleChars), 'latin1').toString('utf8');
        causes.set(cause, { rows: 1, firstLine: line, example: text.slice(0, exampleChars) });
      }
    },
    skipped: () => [...causes].map(([cause, known]) => ({ cause, ...known })).toSorted((a, b) => b.rows - a.rows),
  };
};
