import type { DataFrame, Entry, Mutable } from './frame.ts';
import { createRolling, type Rolling } from './rolling.ts';

/** Received messages of a connection, oldest first. A position stays what it was; the list grows as messages come. */
export type Entries = Pick<Rolling<Entry>, 'first' | 'end' | 'at' | 'since'>;

export type Track = {
  generation: number;
  /** Of its generations, those whose upgrade was accepted. */
  opened: number;
  position: number;
  /** The latest frame whose entries are forgotten. */
  forgottenTo: number;
  readonly entries: Rolling<Mutable<Entry>>;
};

/** First position whose entry belongs to a frame after `n`; entries are sorted by frame. */
const searchAfter = (entries: Entries, n: number): number => {
  let low = entries.first;
  let high = entries.end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries.at(middle)?.frame.n ?? 0) <= n) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** What each connection has received, and where a search in it begins. */
export const createTracks = () => {
  const tracks = new Map<string, Track>();
  const of = (connection: string): Track => {
    const known = tracks.get(connection);
    if (known) return known;
    const track: Track = { generation: 0, opened: 0, position: 0, forgottenTo: 0, entries: createRolling() };
    tracks.set(connection, track);
    return track;
  };
  return {
    of,
    begin: (connection: string): number => {
      const track = of(connection);
      track.generation += 1;
      track.position = track.entries.end;
      return track.generation;
    },
    opened: () => [...tracks].flatMap(([name, { generation, opened }]) => (generation > 0 ? [{ name, opened }] : [])),
    after: (connection: string, n: number): number => {
      const { entries, forgottenTo } = of(connection);
      return n < forgottenTo ? entries.first - 1 : searchAfter(entries, n);
    },
    /** Searches begin behind the entry. */
    passBy: ({ frame: { connection }, position }: Entry) => {
      const track = of(connection);
      track.position = Math.max(track.position, position + 1);
    },
    /** Searches begin at the first entry that is not claimed, if not behind it. */
    skipClaimed: (connection: string) => {
      const track = of(connection);
      while (track.entries.at(track.position)?.consumed) track.position += 1;
    },
    forget: ({ connection, n, entries: { length } }: DataFrame) => {
      if (length === 0) return;
      const track = of(connection);
      for (let left = length; left > 0; left -= 1) track.entries.shift();
      track.forgottenTo = n;
      track.position = Math.max(track.position, track.entries.first);
    },
  };
};
