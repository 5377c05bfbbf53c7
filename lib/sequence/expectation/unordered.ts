import { byArrival, type Entry } from '../journal/frame.ts';
import type { CompiledPattern } from '../pattern.ts';
import type { Cursor } from './cursor.ts';
import { plainAnswers, type Query } from './query.ts';
import { isFree, matches } from './search.ts';

/**
 * Gives each pattern a message of its own: a bipartite matching that grows by one message at a time along augmenting
 * paths (Kuhn). A message that finds no place when it comes will find none later, and need not be kept.
 */
const createMatching = (patterns: readonly CompiledPattern[]) => {
  const takers = new Map<number, Entry>();
  const fits = new Map<Entry, readonly number[]>();
  const place = (entry: Entry, visited: Set<number>): boolean => {
    for (const pattern of fits.get(entry) ?? []) {
      if (visited.has(pattern)) continue;
      visited.add(pattern);
      const taker = takers.get(pattern);
      if (taker && !place(taker, visited)) continue;
      takers.set(pattern, entry);
      return true;
    }
    return false;
  };
  return {
    add: (entry: Entry) => {
      const fitting = patterns.flatMap((pattern, index) => (matches(pattern, entry) ? [index] : []));
      if (fitting.length === 0) return;
      fits.set(entry, fitting);
      if (!place(entry, new Set())) fits.delete(entry);
    },
    isComplete: () => takers.size === patterns.length,
    matched: () => [...takers.values()].toSorted(byArrival),
    missing: () => patterns.flatMap((pattern, index) => (takers.has(index) ? [] : [{ pattern, number: index + 1 }])),
    patternOf: (entry: Entry): CompiledPattern | undefined => {
      const [index] = [...takers].find(([, taker]) => taker === entry) ?? [];
      return index === undefined ? undefined : patterns[index];
    },
  };
};

/** Each pattern by an unclaimed message of its own, whatever the order. */
export const queryUnordered = (patterns: readonly CompiledPattern[], cursor: Cursor): Query => {
  const matching = createMatching(patterns);
  const advance = () => {
    while (!matching.isComplete()) {
      const entry = cursor.take();
      if (!entry) return 'waiting';
      if (isFree(entry)) matching.add(entry);
    }
    return 'met';
  };
  return {
    ...plainAnswers(cursor),
    advance,
    conclude: () => (advance() === 'met' ? 'met' : cursor.forgot() ? 'unproven' : 'failed'),
    matched: matching.matched,
    awaited: () => {
      const of = patterns.length;
      const [first, ...others] = matching.missing();
      if (!first) return { pattern: patterns[of - 1] as CompiledPattern, number: of, of };
      return { ...first, of, others: others.map(({ pattern }) => pattern) };
    },
    whyNot: (entry) => {
      const taken = matching.patternOf(entry);
      return taken && `stands for ${taken.text} already: each wants a message of its own`;
    },
  };
};
