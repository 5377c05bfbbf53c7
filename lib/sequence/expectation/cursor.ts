import { byArrival, type Entry } from '../journal/frame.ts';
import type { Entries, Journal } from '../journal.ts';
import type { Window } from './query.ts';

/** Walks the messages of a window once, over many calls, in the order in which they arrived. */
export type Cursor = {
  /** Next message of the window, or nothing for now. */
  peek(): Entry | undefined;
  take(): Entry | undefined;
  /** What was taken. */
  seen(): readonly Entry[];
  /** Whether messages of the window were forgotten before they could be looked at. */
  forgot(): boolean;
  /** Whether they were let go, and be it only their content. */
  missed(): boolean;
};

type Head = { readonly entries: Entries; readonly from: number; next: number };

export const createCursor = (journal: Journal, window: Window): Cursor => {
  const heads: readonly Head[] = window.connections.map((connection) => {
    const from = window.from(connection);
    return { entries: journal.entriesOf(connection), from, next: from };
  });
  let forgot = false;
  let empty = false;
  const entryOf = (head: Head): Entry | undefined => {
    if (head.next < head.entries.first) {
      forgot = true;
      head.next = head.entries.first;
    }
    const entry = head.entries.at(head.next);
    return entry && entry.frame.at <= window.untilMs ? entry : undefined;
  };
  /** Its entry is the oldest of all. */
  const nextHead = (): { readonly head: Head; readonly entry: Entry } | undefined => {
    let oldest: { readonly head: Head; readonly entry: Entry } | undefined;
    for (const head of heads) {
      const entry = entryOf(head);
      if (entry && (!oldest || entry.frame.n < oldest.entry.frame.n)) oldest = { head, entry };
    }
    return oldest;
  };
  return {
    peek: () => nextHead()?.entry,
    take: () => {
      const found = nextHead();
      if (!found) return undefined;
      found.head.next += 1;
      empty ||= found.entry.message === undefined;
      return found.entry;
    },
    seen: () => {
      const taken = heads.flatMap(({ entries, from, next }) =>
        entries.since(from).slice(0, Math.max(0, next - Math.max(from, entries.first))),
      );
      return heads.length > 1 ? taken.toSorted(byArrival) : taken;
    },
    forgot: () => forgot,
    missed: () => forgot || empty,
  };
};
