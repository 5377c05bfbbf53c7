import type { ReplayAssertion } from '../config/plan.ts';
import type { Redact } from './pattern.ts';
import { judgeEqualsLive } from './replay/live.ts';
import { judgeAscending, judgeExclusive, judgeGapless, judgeInclusive, judgeNoDuplicates } from './replay/order.ts';
import {
  type Finding,
  inconclusive,
  type PlacedReplay,
  placeEvent,
  placeOf,
  type ReplayedStream,
} from './replay/place.ts';
import { plural } from './words.ts';

export { type Collector, createCollector, type Gathered, isEventOf } from './replay/collect.ts';
export { type Finding, placeOf, type ReplayedStream, type StreamEvent } from './replay/place.ts';

const judges: Readonly<Record<ReplayAssertion, (replay: PlacedReplay) => Finding>> = {
  equalsLive: judgeEqualsLive,
  gapless: judgeGapless,
  noDuplicates: judgeNoDuplicates,
  ascending: judgeAscending,
  exclusiveOfCursor: judgeExclusive,
  inclusiveOfCursor: judgeInclusive,
};

const isPresent = <T>(value: T | undefined): value is T => value !== undefined;

const placeReplay = ({ to, ...replay }: ReplayedStream, redact: Redact): PlacedReplay => ({
  ...replay,
  from: placeOf(replay.from, redact),
  ...(to === undefined ? {} : { to: placeOf(to, redact) }),
  replayed: replay.replayed.map((event) => placeEvent(event, redact)).filter(isPresent),
  live: replay.live.map((event) => placeEvent(event, redact)).filter(isPresent),
  redact,
});

/** Replayed events whose place nobody can tell: a cursor is missing, or JSON has rounded it (RFC 8259 §6). */
const unplaced = ({ replayed }: ReplayedStream, placed: PlacedReplay): Finding | undefined => {
  const rounded = placed.replayed.find(({ place }) => place.inexact);
  if (rounded) {
    const { place, n } = rounded;
    return inconclusive(`cursor ${place.text} (#${n}) is beyond 2^53, where JSON numbers are rounded`, [n]);
  }
  const bare = replayed.find(({ message }) => message.cursor === undefined || message.cursor === null);
  if (!bare) return undefined;
  const count = replayed.length - placed.replayed.length;
  return inconclusive(
    `${count} of ${plural(replayed.length, 'replayed event')} came without a cursor, the first is #${bare.n}`,
    [bare.n],
  );
};

/**
 * Holds a replay against an assertion. One without events proves nothing, unless events that came live are owed; nor
 * does one with events whose place nobody can tell.
 */
export const judgeReplay = (assertion: ReplayAssertion, replay: ReplayedStream, redact: Redact): Finding => {
  const placed = placeReplay(replay, redact);
  const thin = unplaced(replay, placed);
  if (thin) return thin;
  const found = placed.replayed.length > 0 || assertion === 'equalsLive' ? judges[assertion](placed) : undefined;
  return found && (found.result === 'fail' || placed.replayed.length > 0)
    ? found
    : inconclusive(`no event was replayed from ${placed.from.text}`);
};
