import type { Query, Window } from '../expectation/query.ts';
import { byArrival, type Entry } from '../journal/frame.ts';
import type { Journal } from '../journal.ts';
import type { CompiledPattern } from '../pattern.ts';
import type { Explanation } from './explanation.ts';

/** Where an awaited message is looked for, though it does not count. */
export type Place = { readonly query: Query; readonly journal: Journal; readonly window: Window };

/** A burst of frames must not turn one failure into a long search for its cause. */
const maxCandidates = 2_000;

/** The message of the search's own group, if it has one, that agrees with most of the pattern; of several, the latest. */
export const findNearest = (
  pattern: CompiledPattern,
  entries: readonly Entry[],
  isOther: Query['isOther'] = () => false,
): Explanation | undefined => {
  let best: { readonly entry: Entry; readonly agreeing: number } | undefined;
  for (const entry of entries.slice(-maxCandidates)) {
    const agreeing = entry.message && !isOther(entry) ? pattern.agreement(entry.message) : -1;
    if (agreeing >= (best?.agreeing ?? 0)) best = { entry, agreeing };
  }
  const { n } = best?.entry.frame ?? { n: 0 };
  const difference = best?.entry.message && pattern.difference(best.entry.message);
  if (!difference) return undefined;
  return { sentence: `nearest #${n} differs at ${difference.path}: ${difference.actual}`, frames: [n] };
};

/** Why a message that matches does not count; nothing where nobody would think that it should. */
const whyNot = (entry: Entry, { query, window }: Place): string | undefined => {
  const lateMs = entry.frame.at - window.untilMs;
  if (lateMs > 0) return `came ${Math.ceil(lateMs)} ms too late`;
  if (entry.consumed) return query.isOther(entry) ? undefined : 'was claimed by an earlier step';
  if (entry.position < window.from(entry.frame.connection))
    return 'came before this search begins: let it begin at a mark (from)';
  return query.whyNot(entry);
};

/** The latest messages of these connections that match, in order of arrival. */
const findMatching = (pattern: CompiledPattern, connections: readonly string[], journal: Journal): readonly Entry[] =>
  connections
    .flatMap((connection) => {
      const entries = journal.entriesOf(connection);
      return entries.since(entries.end - maxCandidates).filter(({ message }) => message && pattern.matches(message));
    })
    .toSorted(byArrival);

/** A message that matches and yet does not count, if there is one: then its place is at fault, not its absence. */
export const findMisplaced = (place: Place): (Explanation & { readonly isPast: boolean }) | undefined => {
  const { query, journal, window } = place;
  const candidates = findMatching(query.awaited().pattern, window.connections, journal).flatMap((entry) => {
    const why = whyNot(entry, place);
    return why === undefined ? [] : [{ entry, why }];
  });
  const best = candidates.findLast(({ entry }) => !entry.consumed) ?? candidates.at(-1);
  if (!best) return undefined;
  const { consumed, frame, position } = best.entry;
  // One that an earlier step claimed before this search began: in a soak, that of the iteration before.
  const isPast = consumed && position < window.from(frame.connection);
  return { sentence: `#${frame.n} matches but ${best.why}`, frames: [frame.n], isPast };
};

/** An unclaimed message that matches, on a connection where nobody looks. */
export const findElsewhere = ({ query, journal, window }: Place): Explanation | undefined => {
  const others = journal.connections().flatMap(({ name }) => (window.connections.includes(name) ? [] : [name]));
  const found = findMatching(query.awaited().pattern, others, journal).findLast(({ consumed }) => !consumed);
  if (!found) return undefined;
  const { n, connection } = found.frame;
  return { sentence: `#${n} matches but came over connection "${connection}"`, frames: [n] };
};
