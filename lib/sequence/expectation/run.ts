import { byArrival, type Entry, isHousekeeping } from '../journal/frame.ts';
import type { CompiledPattern } from '../pattern.ts';
import { isFree, matches, outOfOrder, type Search } from './search.ts';

/** Messages that match the first patterns, one right behind the other; an intruder ended it. */
type Run = { readonly matched: readonly Entry[]; readonly intruder?: Entry };

/**
 * One right after another, nothing between but heartbeats and housekeeping. As many runs are under way at once as there
 * are patterns: a message that breaks one may begin or carry on another. `order` is the one in which it is told of them;
 * of two that are equal in it, neither is behind the other.
 */
export const searchRun = (patterns: readonly CompiledPattern[], order = byArrival): Search => {
  // By length: of two as long, the one that began first.
  let runs: ReadonlyMap<number, Run> = new Map();
  let farthest: Run = { matched: [] };
  const reach = (run: Run) => {
    const { length } = run.matched;
    const stopped = run.intruder !== undefined && farthest.intruder === undefined;
    if (length > farthest.matched.length || (stopped && length === farthest.matched.length)) farthest = run;
  };
  const isComplete = () => farthest.matched.length === patterns.length;
  const follow = (entry: Entry): ReadonlyMap<number, Run> => {
    const next = new Map<number, Run>();
    const keep = (run: Run) => {
      if (!next.has(run.matched.length)) next.set(run.matched.length, run);
      reach(run);
    };
    for (const run of [...runs.values(), { matched: [] }]) {
      const last = run.matched.at(-1);
      const isBehind = last === undefined || order(entry, last) > 0;
      const fits = isBehind && isFree(entry) && matches(patterns[run.matched.length], entry);
      if (fits) keep({ matched: [...run.matched, entry] });
      else if (run.matched.length > 0 && isHousekeeping(entry)) keep(run);
      else if (run.matched.length > 0) reach({ ...run, intruder: entry });
    }
    return next;
  };
  return {
    take: (entry) => {
      if (!isComplete()) runs = follow(entry);
      return isComplete();
    },
    conclude: isComplete,
    found: () => farthest.matched.length,
    matched: () => farthest.matched,
    whyNot: (entry) => {
      const { matched, intruder } = farthest;
      const last = matched.at(-1);
      if (!last || !intruder || matched.includes(entry)) return undefined;
      return order(entry, last) < 0
        ? outOfOrder(matched, patterns.length)
        : `#${intruder.frame.n} lay between #${last.frame.n} and it`;
    },
    intruder: () => farthest.intruder,
  };
};
