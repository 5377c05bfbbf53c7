import { jsonEquals } from '../../match/equality.ts';
import type { Ordinal } from '../ordinal.ts';
import { showJson } from '../pattern.ts';
import { plural } from '../words.ts';
import { differenceOf } from './difference.ts';
import {
  describeEvents,
  type Finding,
  failing,
  inconclusive,
  isAtOrBelow,
  type Place,
  type PlacedEvent,
  type PlacedReplay,
} from './place.ts';

/** What came live at one cursor, on whatever connection. */
type Counterparts = ReadonlyMap<string, readonly PlacedEvent[]>;

/** Each connection as opened once tells of its own order. */
const byGeneration = (events: readonly PlacedEvent[]): readonly (readonly PlacedEvent[])[] => [
  ...Map.groupBy(events, ({ connection, generation }) => JSON.stringify([connection, generation])).values(),
];

const isWithin = (place: Place, { from, to }: PlacedReplay): boolean =>
  place.ordinal === undefined ||
  ((from.ordinal === undefined || place.ordinal >= from.ordinal) &&
    (to?.ordinal === undefined || place.ordinal <= to.ordinal));

/** From the cursor asked for to the last: by number where cursors are numbers, else by where they stand in what came. */
const inRange = (events: readonly PlacedEvent[], replay: PlacedReplay): readonly PlacedEvent[] => {
  const { from, to } = replay;
  if (from.ordinal !== undefined) return events.filter(({ place }) => isWithin(place, replay));
  return byGeneration(events).flatMap((session) => {
    const begin = session.findIndex(({ place }) => place.key === from.key);
    if (begin < 0) return [];
    const end = to ? session.findIndex(({ place }) => place.key === to.key) : -1;
    return session.slice(begin, end < begin ? undefined : end + 1);
  });
};

type Fault = { readonly sentence: string; readonly frames: readonly number[] };

/** What came live and should have come again, and did not. The event at the cursor itself may come or not. */
const missingFrom = (replay: PlacedReplay, live: Counterparts): readonly Fault[] => {
  const came = new Set(replay.replayed.map(({ place }) => place.key));
  return [...live.values()].flatMap(([first]) => {
    if (!first || first.n > replay.startN || came.has(first.place.key) || first.place.key === replay.from.key)
      return [];
    return [{ sentence: `cursor ${first.place.text} (live #${first.n}) is missing`, frames: [first.n] }];
  });
};

const differingFrom = ({ replayed, redact }: PlacedReplay, live: Counterparts): readonly Fault[] =>
  replayed.flatMap(({ place, n, message }) => {
    const other = live.get(place.key)?.find((one) => !jsonEquals(one.message.body, message.body));
    const difference = other && differenceOf(message.body, other.message.body);
    if (!difference) return [];
    const [now, then] = [showJson(difference.left, redact), showJson(difference.right, redact)];
    const sentence = `cursor ${place.text} differs at ${difference.path}: #${n} has ${now}, live #${other.n} had ${then}`;
    return [{ sentence, frames: [other.n, n] }];
  });

/** Pairs that came the other way round than on a connection that was live. */
const disorderedFrom = ({ replayed }: PlacedReplay, live: Counterparts): readonly Fault[] =>
  byGeneration([...live.values()].flat()).flatMap((session) => {
    const arrival = new Map(session.toReversed().map((event) => [event.place.key, event]));
    const known = replayed.flatMap((event) => {
      const then = arrival.get(event.place.key);
      return then ? [{ event, then }] : [];
    });
    return known.flatMap(({ event, then }, index) => {
      const before = known[index - 1];
      if (!before || before.then.n <= then.n) return [];
      const sentence = `cursor ${event.place.text} (#${event.n}) came after ${before.event.place.text} (#${before.event.n}), live before it (#${then.n}, #${before.then.n})`;
      return [{ sentence, frames: [then.n, before.then.n, before.event.n, event.n] }];
    });
  });

const highestOf = (events: readonly PlacedEvent[]): Ordinal | undefined =>
  events.reduce<Ordinal | undefined>(
    (highest, { place: { ordinal } }) =>
      ordinal !== undefined && (highest === undefined || ordinal > highest) ? ordinal : highest,
    undefined,
  );

/** Replayed events without a counterpart. `newer`: behind all that came live, where no last cursor was asked for. */
type Unmatched = { readonly extra: readonly PlacedEvent[]; readonly newer: number };

const unmatchedIn = ({ replayed, from, to }: PlacedReplay, live: Counterparts): Unmatched => {
  const alone = replayed.filter(({ place }) => !live.has(place.key) && place.key !== from.key);
  if (to) return { extra: alone, newer: 0 };
  const lastKnown = replayed.findLast(({ place }) => live.has(place.key))?.n ?? 0;
  const highest = highestOf([...live.values()].flat());
  const isNewer = ({ place: { ordinal }, n }: PlacedEvent): boolean =>
    ordinal === undefined || highest === undefined ? n > lastKnown : ordinal > highest;
  const extra = alone.filter((event) => !isNewer(event));
  return { extra, newer: alone.length - extra.length };
};

const repeatedIn = ({ replayed }: PlacedReplay): readonly Fault[] => {
  const seen = new Map<string, number>();
  return replayed.flatMap(({ place, n }) => {
    const before = seen.get(place.key);
    seen.set(place.key, n);
    return before === undefined
      ? []
      : [{ sentence: `cursor ${place.text} (#${before}) came again in #${n}`, frames: [before, n] }];
  });
};

const nameExtra = ({ place, n }: PlacedEvent): Fault => ({
  sentence: `cursor ${place.text} (#${n}) never came live`,
  frames: [n],
});

/**
 * The replay is what came live from its cursor on: the same bodies in the same order, none missing, none beside. What is
 * newer than all that came live is none of its business, unless it lies before the last cursor asked for.
 */
export const judgeEqualsLive = (replay: PlacedReplay): Finding => {
  const events = inRange(replay.live, replay);
  const live = Map.groupBy(events, ({ place }) => place.key);
  const { replayed, from } = replay;
  // Journals forget the oldest first: with one from before the cursor still there, nothing behind it is gone.
  const lost = replay.live.some((event) => isAtOrBelow(event, from)) ? 0 : replay.lost;
  if (live.size === 0)
    return inconclusive(`nothing that came live from ${from.text} on is there to hold the replay against`);
  const { extra, newer } = unmatchedIn(replay, live);
  const faults = [
    ...differingFrom(replay, live),
    ...missingFrom(replay, live),
    ...(lost === 0 ? extra.map(nameExtra) : []),
    ...repeatedIn(replay),
    ...disorderedFrom(replay, live),
  ];
  const found = failing(faults);
  if (found) return found;
  const compared = replayed.filter(({ place }) => live.has(place.key));
  if (compared.length === 0)
    return inconclusive(`none of ${plural(replayed.length, 'replayed event')} has a live counterpart`);
  if ([...live.keys()].every((key) => key === from.key)) {
    return inconclusive(
      `only the event at ${from.text} itself came live: nothing behind it is there to hold the replay against`,
    );
  }
  if (extra.length > 0) {
    const frames = extra.map(({ n }) => n).slice(0, 3);
    return inconclusive(
      `${plural(extra.length, 'event')} cannot be held against what came live: the journal has let go of ${plural(lost, 'message')}`,
      frames,
    );
  }
  const more = newer === 0 ? '' : `, and ${plural(newer, 'event')} newer than all that came live`;
  return { result: 'pass', sentence: `${describeEvents(compared)}${more}`, frames: [] };
};
