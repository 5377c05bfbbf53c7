import { compareOrdinals, isWhole, type Ordinal, stepsBetween } from '../ordinal.ts';
import {
  describeEvents,
  type Finding,
  failing,
  inconclusive,
  isAtOrBelow,
  type PlacedEvent,
  type PlacedReplay,
} from './place.ts';

type Ordered = PlacedEvent & { readonly place: { readonly ordinal: Ordinal } };

const isOrdered = (event: PlacedEvent): event is Ordered => event.place.ordinal !== undefined;

/** What keeps cursors from being held against each other as numbers. */
const unordered = (events: readonly PlacedEvent[], whole: boolean): Finding | undefined => {
  const odd = events.find((event) => !isOrdered(event) || (whole && !isWhole(event.place.ordinal)));
  if (!odd) return undefined;
  const sentence = `cursor ${odd.place.text} (#${odd.n}) is no ${whole ? 'whole ' : ''}number`;
  return failing([{ sentence, frames: [odd.n] }]);
};

const passing = ({ replayed }: PlacedReplay): Finding => ({
  result: 'pass',
  sentence: describeEvents(replayed),
  frames: [],
});

/** No cursor lies below the one before it. */
export const judgeAscending = (replay: PlacedReplay): Finding => {
  const { replayed } = replay;
  const odd = unordered(replayed, false);
  if (odd) return odd;
  if (replayed.length < 2) return inconclusive('only one event was replayed: there is no order to see');
  const faults = replayed.filter(isOrdered).flatMap((event, index, events) => {
    const before = events[index - 1];
    if (!before || event.place.ordinal >= before.place.ordinal) return [];
    const sentence = `cursor went from ${before.place.text} (#${before.n}) to ${event.place.text} (#${event.n})`;
    return [{ sentence, frames: [before.n, event.n] }];
  });
  return failing(faults) ?? passing(replay);
};

/** A hole between two cursors; `n`: frames beside it. */
const hole = (after: Ordinal, at: Ordinal, frames: readonly number[]) => {
  const missing = stepsBetween(after, at) - 1n;
  if (missing < 1n) return [];
  const first = BigInt(after) + 1n;
  const what = missing === 1n ? `cursor ${first} is` : `cursors ${first} to ${BigInt(at) - 1n} are`;
  const where = frames.length === 0 ? '' : ` (${frames.map((n) => `#${n}`).join(', ')})`;
  return [{ sentence: `${what} missing${where}`, frames }];
};

/** No whole number is left out from the cursor asked for to the last. */
export const judgeGapless = (replay: PlacedReplay): Finding => {
  const { replayed, from, to } = replay;
  const odd = unordered(replayed, true);
  if (odd) return odd;
  const sorted = replayed.filter(isOrdered).toSorted((a, b) => compareOrdinals(a.place.ordinal, b.place.ordinal));
  const [first, last] = [sorted[0], sorted.at(-1)];
  const startsAt = from.ordinal !== undefined && isWhole(from.ordinal) ? from.ordinal : undefined;
  const endsAt = to?.ordinal !== undefined && isWhole(to.ordinal) ? to.ordinal : undefined;
  const faults = [
    ...(startsAt === undefined || !first ? [] : hole(startsAt, first.place.ordinal, [first.n])),
    ...sorted.flatMap((event, index) => {
      const before = sorted[index - 1];
      return before ? hole(before.place.ordinal, event.place.ordinal, [before.n, event.n]) : [];
    }),
    ...(endsAt === undefined || !last ? [] : hole(last.place.ordinal, BigInt(endsAt) + 1n, [last.n])),
  ];
  const found = failing(faults);
  if (found) return found;
  if (startsAt === undefined) {
    return inconclusive(
      `${describeEvents(replayed)}, but ${from.text} is no whole number: the beginning cannot be told`,
    );
  }
  return passing(replay);
};

/** No cursor comes twice. */
export const judgeNoDuplicates = (replay: PlacedReplay): Finding => {
  const seen = new Map<string, number>();
  const faults = replay.replayed.flatMap(({ place, n }) => {
    const before = seen.get(place.key);
    if (before === undefined) seen.set(place.key, n);
    return before === undefined
      ? []
      : [{ sentence: `cursor ${place.text} came in #${before} and again in #${n}`, frames: [before, n] }];
  });
  return failing(faults) ?? passing(replay);
};

/** The event at the cursor asked for is not among those that came, and there was one. */
export const judgeExclusive = (replay: PlacedReplay): Finding => {
  const { replayed, live, from } = replay;
  const faults = replayed
    .filter((event) => isAtOrBelow(event, from))
    .map(({ place, n }) => ({
      sentence: `cursor ${place.text} (#${n}) came, and ${from.text} was asked for`,
      frames: [n],
    }));
  const found = failing(faults);
  if (found) return found;
  const existed = (from.ordinal ?? 0) > 0 || live.some(({ place }) => place.key === from.key);
  return existed
    ? passing(replay)
    : inconclusive(
        `${describeEvents(replayed)}, but nobody has seen an event at ${from.text}: there was none to leave out`,
      );
};

/** The event at the cursor asked for is the first that comes. */
export const judgeInclusive = (replay: PlacedReplay): Finding => {
  const { replayed, from } = replay;
  const [first] = replayed;
  if (!first || first.place.key === from.key) return passing(replay);
  return (
    failing([
      { sentence: `the first is cursor ${first.place.text} (#${first.n}), not ${from.text}`, frames: [first.n] },
    ]) ?? passing(replay)
  );
};
