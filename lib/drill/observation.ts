import { placeOf } from '../sequence/replay.ts';
import { plural } from '../sequence/words.ts';
import { fails, inconclusive, passes } from './finding.ts';
import type { Watched } from './ports.ts';
import type { Finding, ObservedEvent, StreamEvent, StreamHead } from './record.ts';

export type Redact = (text: string) => string;

const asIs: Redact = (text) => text;

/** What an event is known by: its cursor, or where it has none what it says. */
export const keyOf = ({ cursor, digest }: StreamHead['events'][number]): string =>
  cursor === null ? digest : placeOf(cursor, asIs).key;

export const nameOf = ({ cursor, digest }: StreamHead['events'][number], redact: Redact): string =>
  cursor === null ? `event ${digest.slice(0, 12)}` : `cursor ${placeOf(cursor, redact).text}`;

/** A log as it was replayed after the restart, each event by its key. */
type Replayed = { readonly log: readonly StreamEvent[]; readonly places: ReadonlyMap<string, number> };

const placesOf = (log: readonly StreamEvent[]): ReadonlyMap<string, number> => {
  const places = new Map<string, number>();
  for (const [index, event] of log.entries()) if (!places.has(keyOf(event))) places.set(keyOf(event), index);
  return places;
};

const mostNamed = 4;

const naming = (events: readonly StreamEvent[], redact: Redact): string => {
  const names = events.slice(0, mostNamed).map((event) => nameOf(event, redact));
  return `${names.join(', ')}${events.length > mostNamed ? ', …' : ''}`;
};

/** Cursors, each with the writes that the event told of. */
const witnessesOf = (events: readonly StreamEvent[], redact: Redact): readonly string[] =>
  events.flatMap((event) => [nameOf(event, redact), ...event.entries]);

const isAbout = (a: StreamEvent, b: StreamEvent | undefined): boolean =>
  a.entries.toSorted().join() === b?.entries.toSorted().join();

const wholeOf = (event: StreamEvent): string => `${keyOf(event)} ${event.digest}`;

/** Each event that was seen, once for all that it said. */
const distinct = (seen: readonly ObservedEvent[]): readonly ObservedEvent[] =>
  [...new Map(seen.toReversed().map((event) => [wholeOf(event), event])).values()].toReversed();

/**
 * A protocol may spell what it tells live otherwise than what it replays: then all that came over the first connection has
 * another digest, and is about the same.
 */
const isSpeltOtherwise = (
  changed: readonly ObservedEvent[],
  told: readonly ObservedEvent[],
  { log, places }: Replayed,
): boolean => {
  const first = told.filter(({ generation }) => generation === told[0]?.generation);
  return (
    first.every((event) => changed.includes(event)) &&
    changed.every((event) => isAbout(event, log[places.get(keyOf(event)) ?? -1]))
  );
};

/** What clients were told is a promise, too: it must be there when the service is back, in the words in which it was told. */
const judgeKept = (
  { stream, events: head }: StreamHead,
  seen: readonly ObservedEvent[],
  { allowed }: Watched,
  replayed: Replayed,
  redact: Redact,
): Finding => {
  const told = { area: 'streams', check: `every event of ${stream} that a live client saw is still there` } as const;
  if (seen.length === 0) return inconclusive(told, 'it saw none');
  const { places, log } = replayed;
  // Neither before nor after was there anything to replay, and nothing that came has a place: such a stream keeps no log.
  if (head.length === 0 && log.length === 0 && seen.every(({ cursor }) => cursor === null))
    return inconclusive(told, 'the stream replays nothing, before the restart and after it');
  const events = distinct(seen);
  const gone = events.filter((event) => !places.has(keyOf(event)));
  // A cursor that the log has twice is the order's affair.
  const kept = new Set(log.map(wholeOf));
  const changed = events.filter((event) => places.has(keyOf(event)) && !kept.has(wholeOf(event)));
  const bad = [...gone, ...changed];
  if (bad.length === 0) return passes(told, `all ${plural(events.length, 'event')}, in the same words`);
  const parts = [
    ...(gone.length > 0 ? [`${gone.length} of ${plural(events.length, 'event')} gone: ${naming(gone, redact)}`] : []),
    ...(changed.length > 0 ? [`${changed.length} with other content: ${naming(changed, redact)}`] : []),
  ];
  const witnesses = witnessesOf(bad, redact);
  const lost = new Set(allowed);
  if (bad.every(({ entries }) => entries.length > 0 && entries.every((id) => lost.has(id))))
    return inconclusive(told, `${parts.join('; ')}; they tell of lost writes, and the RPO decides`, witnesses);
  if (gone.length === 0 && isSpeltOtherwise(changed, events, replayed))
    return inconclusive(told, 'it tells live in other words than it replays: only cursors could be compared');
  return fails(told, parts.join('; '), witnesses);
};

/** What a walk along all that was seen finds, each event by its place in the log. */
type Walked = {
  readonly twice: readonly ObservedEvent[];
  readonly back: readonly ObservedEvent[];
  readonly met: ReadonlySet<string>;
  /** Place of the newest. */
  readonly top: number;
};

/** The event at the very cursor that a connection resumed from may come first once more: some servers include it. */
const walk = (seen: readonly ObservedEvent[], { places }: Replayed, start: number, resumedAt?: string): Walked => {
  const [twice, back]: [ObservedEvent[], ObservedEvent[]] = [[], []];
  const met = new Set<string>();
  let top = start;
  let last = resumedAt;
  let generation = 0;
  for (const event of seen) {
    const key = keyOf(event);
    const pardoned = event.generation === generation ? undefined : last;
    generation = event.generation;
    last = key;
    if (key !== pardoned && met.has(key)) twice.push(event);
    else if (key !== pardoned) {
      const place = places.get(key) ?? top;
      if (place < top) back.push(event);
      top = Math.max(top, place);
    }
    met.add(key);
  }
  return { twice, back, met, top };
};

/** Where the client began: behind the last event of the head, or with the first that it saw where that is gone. */
const startOf = ({ events }: StreamHead, seen: readonly ObservedEvent[], { places }: Replayed): number => {
  const last = events.at(-1);
  if (!last) return -1;
  const first = seen.find((event) => places.has(keyOf(event)));
  return places.get(keyOf(last)) ?? (first ? (places.get(keyOf(first)) ?? 0) - 1 : Number.POSITIVE_INFINITY);
};

/** Place of the last event that tells of a write which is owed; before any: the client had no time to be told. */
const owedTo = ({ log }: Replayed, { observations, owed }: Watched): number => {
  if (!observations.some(({ kind }) => kind === 'settled')) return -1;
  const ids = new Set(owed);
  return log.findLastIndex(({ entries }) => entries.some((id) => ids.has(id)));
};

const orderFaults = (
  { twice, back, met, top }: Walked,
  start: number,
  end: number,
  { log }: Replayed,
): readonly (readonly [string, readonly StreamEvent[]])[] => {
  const unseen = (from: number, to: number) => log.slice(from, Math.max(from, to)).filter((e) => !met.has(keyOf(e)));
  const faults = [
    ['came twice', twice],
    ['came after a newer one', back],
    ['left out', Number.isFinite(start) ? unseen(start + 1, top + 1) : []],
    ['never came, though it was connected', Number.isFinite(start) ? unseen(top + 1, end + 1) : []],
  ] as const;
  return faults.filter(([, events]) => events.length > 0);
};

/** Over all of its connections a client sees what the log says, each event once and in its place. */
const judgeSeen = (
  head: StreamHead,
  seen: readonly ObservedEvent[],
  watched: Watched,
  replayed: Replayed,
  redact: Redact,
): Finding => {
  const { stream, events } = head;
  const told = {
    area: 'order',
    check: `a live client of ${stream} saw each event once, in order, none left out`,
  } as const;
  const odd = seen.find(({ cursor }) => cursor === null || placeOf(cursor, asIs).inexact);
  if (odd?.cursor === null) return inconclusive(told, 'its events have no cursor by which a client could resume');
  if (odd) return inconclusive(told, `${nameOf(odd, redact)} is beyond 2^53, where JSON numbers are rounded`);
  const dropped = watched.observations.reduce((sum, one) => sum + (one.kind === 'dropped' ? one.events : 0), 0);
  if (dropped > 0) return inconclusive(told, `${plural(dropped, 'more event')} came than a drill keeps`);
  const last = events.at(-1);
  const start = startOf(head, seen, replayed);
  const walked = walk(seen, replayed, start === Number.POSITIVE_INFINITY ? -1 : start, last && keyOf(last));
  const faults = orderFaults(walked, start, owedTo(replayed, watched), replayed);
  if (faults.length > 0) {
    const words = faults.map(([what, some]) => `${plural(some.length, 'event')} ${what}: ${naming(some, redact)}`);
    return fails(
      told,
      words.join('; '),
      faults.flatMap(([, some]) => witnessesOf(some, redact)),
    );
  }
  const generations = new Set(seen.map(({ generation }) => generation)).size;
  return seen.length === 0
    ? inconclusive(told, 'it saw none')
    : passes(told, `${plural(walked.met.size, 'event')} over ${plural(generations, 'connection')}`);
};

/** Holds what a live client saw of a stream against the whole log, as it is after the restart. Nobody watched: nothing. */
export const judgeObserved = (
  head: StreamHead,
  watched: Watched,
  log: readonly StreamEvent[],
  redact: Redact,
): readonly Finding[] => {
  if (watched.observations.length === 0) return [];
  const replayed = { log, places: placesOf(log) };
  // What a stream with cursors says without one is of the moment, and in no log.
  const placed = log.some(({ cursor }) => cursor !== null);
  const seen = watched.observations.filter(
    (one): one is ObservedEvent =>
      one.kind === 'event' && one.stream === head.stream && (!placed || one.cursor !== null),
  );
  return [judgeKept(head, seen, watched, replayed, redact), judgeSeen(head, seen, watched, replayed, redact)];
};
