import { byArrival, type Entry } from '../journal/frame.ts';
import type { CompiledPattern } from '../pattern.ts';
import { isFree, matches, outOfOrder, type Search } from './search.ts';

/** One after another as they arrive, others may lie between: the earliest match of each is as good as any later one. */
export const searchSubsequence = (patterns: readonly CompiledPattern[]): Search => {
  const matched: Entry[] = [];
  const isComplete = () => matched.length === patterns.length;
  return {
    take: (entry) => {
      if (isFree(entry) && matches(patterns[matched.length], entry)) matched.push(entry);
      return isComplete();
    },
    conclude: isComplete,
    found: () => matched.length,
    matched: () => matched,
    whyNot: (entry) => {
      const last = matched.at(-1);
      return last && byArrival(entry, last) < 0 && !matched.includes(entry)
        ? outOfOrder(matched, patterns.length)
        : undefined;
    },
    intruder: () => undefined,
  };
};
