import type { Cursor } from '../../config/plan.ts';
import type { CheckResult } from '../../result/result.ts';
import type { Message } from '../codec/codec.ts';
import { type Ordinal, readOrdinal } from '../ordinal.ts';
import { type Redact, showJson } from '../pattern.ts';
import { andMore, plural } from '../words.ts';

/** A cursor as what it is compared by. */
export type Place = {
  /** Equal for cursors that mean the same place: `7` and `"7"` do. */
  readonly key: string;
  /** Redacted, cut. */
  readonly text: string;
  /** Where it is a number. */
  readonly ordinal?: Ordinal;
  /** Beyond 2^53, and so rounded before anybody could look at it. */
  readonly inexact: boolean;
};

/** A message of a stream, as it came. */
export type StreamEvent = {
  readonly n: number;
  readonly connection: string;
  readonly generation: number;
  readonly message: Message;
};

export type PlacedEvent = StreamEvent & { readonly place: Place };

/** A stream as a replay gave it. */
export type ReplayedStream = {
  readonly stream: string;
  readonly from: Cursor;
  /** The last one asked for: what lies beyond is not looked at. */
  readonly to?: Cursor;
  /** Last frame before the replay was asked for. */
  readonly startN: number;
  /** In order of arrival. */
  readonly replayed: readonly StreamEvent[];
  /** What came of the stream otherwise: before, and meanwhile on other connections. In order of arrival. */
  readonly live: readonly StreamEvent[];
  /** Received messages that the journal no longer holds: some of them may have been live. */
  readonly lost: number;
};

/** What an assertion finds, in a sentence, and the frames that it speaks of. */
export type Finding = { readonly result: CheckResult; readonly sentence: string; readonly frames: readonly number[] };

/** A replay with its cursors read. */
export type PlacedReplay = Omit<ReplayedStream, 'from' | 'to' | 'replayed' | 'live'> & {
  readonly from: Place;
  readonly to?: Place;
  readonly replayed: readonly PlacedEvent[];
  readonly live: readonly PlacedEvent[];
  readonly redact: Redact;
};

export const placeOf = (cursor: Cursor, redact: Redact): Place => {
  const read = readOrdinal(cursor);
  const text = showJson(cursor, redact);
  if ('ordinal' in read) return { key: String(read.ordinal), text, ordinal: read.ordinal, inexact: false };
  return { key: JSON.stringify(cursor), text, inexact: read.problem === 'inexact' };
};

/** Nothing for a message without a cursor. */
export const placeEvent = (event: StreamEvent, redact: Redact): PlacedEvent | undefined => {
  const { cursor } = event.message;
  return cursor === undefined || cursor === null ? undefined : { ...event, place: placeOf(cursor, redact) };
};

/** Whether an event lies at a cursor or before it, as far as that can be told. */
export const isAtOrBelow = ({ place }: PlacedEvent, from: Place): boolean =>
  place.key === from.key ||
  (place.ordinal !== undefined && from.ordinal !== undefined && place.ordinal <= from.ordinal);

/** `12 events, cursor 4 to 15`. */
export const describeEvents = (events: readonly PlacedEvent[]): string => {
  const [first, last] = [events[0]?.place.text, events.at(-1)?.place.text];
  return `${plural(events.length, 'event')}, cursor ${first === last ? first : `${first} to ${last}`}`;
};

/** So many faults are named, and the rest counted. */
const maxNamed = 3;

type Fault = Omit<Finding, 'result'>;

/** The faults of one assertion as one sentence; nothing where there is none. */
export const failing = (faults: readonly Fault[]): Finding | undefined => {
  if (faults.length === 0) return undefined;
  const named = faults.slice(0, maxNamed);
  return {
    result: 'fail',
    sentence: `${named.map(({ sentence }) => sentence).join('; ')}${andMore(faults.length - maxNamed)}`,
    frames: named.flatMap(({ frames }) => frames),
  };
};

export const inconclusive = (sentence: string, frames: readonly number[] = []): Finding => ({
  result: 'inconclusive',
  sentence,
  frames,
});
