/** Client to clock: up to there it is held without a gap from its beginning. */
export type StateVector = ReadonlyMap<number, number>;

/** Clocks of a client, `to` not among them. */
export type ClockRange = { readonly client: number; readonly from: number; readonly to: number };

/** Of each client the clocks that are held. */
export type ClockRanges = {
  /** Whether any of it was news. */
  add(ranges: readonly ClockRange[]): boolean;
  vector(): StateVector;
  size(): number;
  /** No more is accounted for. */
  isFull(): boolean;
  /** Equal ranges, equal texts: `7:0-5,9-12 8:0-3`. */
  text(): string;
};

type Range = readonly [from: number, to: number];

/** Accounting for more could take the time and memory of the run. */
const maxRanges = 50_000;

/** Index of the first range that ends at `clock` or behind it. */
const firstEndingFrom = (ranges: readonly Range[], clock: number): number => {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? 0) < clock) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Ascending, what overlaps or touches made one. */
const union = (ranges: readonly Range[]): readonly Range[] => {
  const joined: Range[] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last && from <= last[1]) joined[joined.length - 1] = [last[0], Math.max(to, last[1])];
    else joined.push([from, to]);
  }
  return joined;
};

export const createClockRanges = (): ClockRanges => {
  /** Ascending; none overlap or touch. */
  const held = new Map<number, Range[]>();
  let size = 0;
  const isFull = () => size >= maxRanges;

  const addTo = (client: number, added: readonly ClockRange[]): boolean => {
    const ranges = held.get(client) ?? [];
    const lowest = added.reduce((low, { from }) => Math.min(low, from), Number.POSITIVE_INFINITY);
    // Mostly news goes on from the end: only what is behind its beginning is looked at.
    const behind = ranges.splice(firstEndingFrom(ranges, lowest));
    const joined = union([...behind, ...added.map(({ from, to }): Range => [from, to])]);
    for (const range of joined) ranges.push(range);
    size += joined.length - behind.length;
    held.set(client, ranges);
    return (
      joined.length !== behind.length ||
      joined.some(([from, to], at) => behind[at]?.[0] !== from || behind[at]?.[1] !== to)
    );
  };

  return {
    add: (ranges) => {
      const byClient = Map.groupBy(isFull() ? [] : ranges.filter(({ from, to }) => from < to), ({ client }) => client);
      return [...byClient].map(([client, added]) => addTo(client, added)).includes(true);
    },
    vector: () => new Map([...held].map(([client, [first]]) => [client, first?.[0] === 0 ? first[1] : 0])),
    size: () => size,
    isFull,
    text: () =>
      [...held]
        .toSorted(([a], [b]) => a - b)
        .map(([client, ranges]) => `${client}:${ranges.map((range) => range.join('-')).join()}`)
        .join(' '),
  };
};
