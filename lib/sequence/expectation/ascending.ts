import type { Entry } from '../journal/frame.ts';
import { compareOrdinals } from '../ordinal.ts';
import type { CompiledPattern } from '../pattern.ts';
import { searchRun } from './run.ts';
import { isFree, matches, type Search } from './search.ts';
import { indexAbove, insert, type Placed, placeOf, type Show } from './sequence.ts';

/**
 * One after another by their sequence numbers, strictly ascending, whatever the order in which they arrive. Each pattern
 * takes the lowest that still is above the one before: it leaves the most room for the next.
 */
export const searchAscending = (patterns: readonly CompiledPattern[], show: Show): Search => {
  const candidates: readonly Placed[][] = patterns.map(() => []);
  let chain: readonly Placed[] = [];
  const link = (): readonly Placed[] => {
    const linked: Placed[] = [];
    for (const placed of candidates) {
      const last = linked.at(-1);
      const next = placed[last ? indexAbove(placed, last.ordinal) : 0];
      if (!next) break;
      linked.push(next);
    }
    return linked;
  };
  const isComplete = () => chain.length === patterns.length;
  return {
    take: (entry) => {
      const place = placeOf(entry, show);
      if (isComplete() || !isFree(entry) || 'problem' in place) return isComplete();
      const fitting = candidates.filter((_, index) => matches(patterns[index], entry));
      for (const placed of fitting) insert(placed, place);
      if (fitting.length > 0) chain = link();
      return isComplete();
    },
    conclude: isComplete,
    found: () => chain.length,
    matched: () => chain.map(({ entry }) => entry),
    whyNot: (entry) => whyNotAbove(entry, chain, show),
    intruder: () => undefined,
  };
};

const whyNotAbove = (entry: Entry, chain: readonly Placed[], show: Show): string | undefined => {
  if (chain.some((placed) => placed.entry === entry)) return undefined;
  const place = placeOf(entry, show);
  if ('problem' in place) return place.problem;
  const last = chain.at(-1);
  return last && place.ordinal <= last.ordinal
    ? `its $sequence ${place.ordinal} is not above the ${last.ordinal} of #${last.entry.frame.n}: out of order`
    : undefined;
};

/**
 * One right after another by their sequence numbers. What lies between may arrive last: only the end can tell. Messages
 * without a number are outside of the order.
 */
export const searchAscendingRun = (patterns: readonly CompiledPattern[], show: Show): Search => {
  const placed: Placed[] = [];
  let run: Search | undefined;
  const walk = (): Search => {
    if (run) return run;
    const ordinals = new Map(placed.map(({ entry, ordinal }) => [entry, ordinal]));
    run = searchRun(patterns, (a, b) => compareOrdinals(ordinals.get(a) ?? 0, ordinals.get(b) ?? 0));
    for (const { entry } of placed) if (run.take(entry)) break;
    return run;
  };
  return {
    take: (entry) => {
      const place = placeOf(entry, show);
      run = undefined;
      if ('ordinal' in place) insert(placed, place);
      return false;
    },
    conclude: () => walk().conclude(),
    found: () => walk().found(),
    matched: () => walk().matched(),
    whyNot: (entry) => {
      const place = placeOf(entry, show);
      if ('problem' in place) return place.problem;
      const { matched, intruder, whyNot } = walk();
      const before = new Set(matched());
      // What ended the run and yet matches only has the number of the one before.
      return intruder() === entry
        ? whyNotAbove(
            entry,
            placed.filter((one) => before.has(one.entry)),
            show,
          )
        : whyNot(entry);
    },
    intruder: () => walk().intruder(),
  };
};
