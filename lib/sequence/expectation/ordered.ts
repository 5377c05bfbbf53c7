import type { Json, OrderedExpectation } from '../../config/plan.ts';
import { byArrival, type Entry } from '../journal/frame.ts';
import type { CompiledPattern, Compiler } from '../pattern.ts';
import { searchAscending, searchAscendingRun } from './ascending.ts';
import type { Cursor } from './cursor.ts';
import { plainAnswers, type Query } from './query.ts';
import { searchRun } from './run.ts';
import type { Search } from './search.ts';
import { searchSubsequence } from './subsequence.ts';

type Ordered = Pick<OrderedExpectation, 'by' | 'contiguous' | 'groupBy'>;

const startSearch = (patterns: readonly CompiledPattern[], { by, contiguous }: Ordered, { show }: Compiler): Search => {
  if (by === 'arrival') return contiguous ? searchRun(patterns) : searchSubsequence(patterns);
  return contiguous ? searchAscendingRun(patterns, show) : searchAscending(patterns, show);
};

type Group = { readonly value: Json | undefined; readonly search: Search };

const keyOf = (value: Json): string | undefined => {
  try {
    return JSON.stringify(value);
  } catch {
    // Nested too deeply to be told from another.
    return undefined;
  }
};

/** Messages by what they agree in: each group has a search of its own, all under way at once. */
const createGroups = (field: string | undefined, start: () => Search, { field: readerOf, show }: Compiler) => {
  const read = field === undefined ? undefined : readerOf(field);
  const groups = new Map<string, Group>();
  if (!read) groups.set('', { value: undefined, search: start() });
  const of = ({ message }: Entry): Group | undefined => {
    if (!read) return groups.get('');
    const value = message && read(message);
    const key = value === undefined ? undefined : keyOf(value);
    if (key === undefined) return undefined;
    const group = groups.get(key) ?? { value, search: start() };
    groups.set(key, group);
    return group;
  };
  const farthest = (): Group => {
    let best: Group | undefined;
    for (const group of groups.values()) if (!best || group.search.found() > best.search.found()) best = group;
    return best ?? { value: undefined, search: start() };
  };
  const whyOther = (group: Group | undefined, best: Group): string =>
    group
      ? `is of another group: ${field} is ${show(group.value)}, not ${show(best.value)}`
      : `has no ${field} to go by`;
  return {
    of,
    all: () => [...groups.values()],
    farthest,
    where: ({ value }: Group): string | undefined =>
      field === undefined || value === undefined ? undefined : `${field} is ${show(value)}`,
    isOther: (entry: Entry): boolean => {
      const best = farthest();
      return best.search.found() > 0 && of(entry) !== best;
    },
    whyNot: (entry: Entry): string | undefined => {
      const best = farthest();
      const group = of(entry);
      if (group === best) return best.search.whyNot(entry);
      return best.search.found() > 0 || !group ? whyOther(group, best) : group.search.whyNot(entry);
    },
  };
};

/** All patterns in their order, by messages that no step has claimed; with groups, of any one of them. */
export const queryOrdered = (
  patterns: readonly CompiledPattern[],
  ordered: Ordered,
  compiler: Compiler,
  cursor: Cursor,
): Query => {
  const groups = createGroups(ordered.groupBy, () => startSearch(patterns, ordered, compiler), compiler);
  let complete: Group | undefined;
  const advance = () => {
    for (let entry = complete ? undefined : cursor.take(); entry; entry = complete ? undefined : cursor.take()) {
      const group = groups.of(entry);
      if (group?.search.take(entry)) complete = group;
    }
    return complete ? 'met' : 'waiting';
  };
  const best = () => complete ?? groups.farthest();
  return {
    ...plainAnswers(cursor),
    advance,
    conclude: () => {
      advance();
      complete ??= groups.all().find(({ search }) => search.conclude());
      // What was forgotten might have been it; what was only emptied had been claimed.
      return complete ? 'met' : cursor.forgot() ? 'unproven' : 'failed';
    },
    matched: () => best().search.matched().toSorted(byArrival),
    awaited: () => {
      const group = best();
      const found = group.search.found();
      const number = Math.min(found + 1, patterns.length);
      const where = found > 0 ? groups.where(group) : undefined;
      const after = ordered.contiguous ? group.search.matched().at(-1) : undefined;
      return {
        pattern: patterns[number - 1] as CompiledPattern,
        number,
        of: patterns.length,
        ...(where === undefined ? {} : { where }),
        ...(after ? { after } : {}),
      };
    },
    whyNot: groups.whyNot,
    isOther: groups.isOther,
    intruder: () => best().search.intruder(),
  };
};
