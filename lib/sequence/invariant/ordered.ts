import type { Invariant, Json } from '../../config/plan.ts';
import { cutText } from '../../result/redact.ts';
import type { Message } from '../codec/codec.ts';
import { createPlaceReader } from '../field.ts';
import type { Frame } from '../journal.ts';
import { readOrdinal } from '../ordinal.ts';
import { type Redact, showJson } from '../pattern.ts';
import { plural } from '../words.ts';
import { type InvariantContext, type InvariantMonitor, observing } from './observe.ts';
import { createBounded, createScopes } from './scopes.ts';
import { createTally, type Tally } from './tally.ts';
import { type Sighting, type Track, trackGaps, trackMonotonic } from './track.ts';

type OrderedInvariant = Extract<Invariant, { kind: 'monotonic' | 'gapless' }>;

/** Streams followed at once: more than that, and those seen first are let go; what such a one does later nobody can tell. */
const maxStreams = 10_000;

/** A field's value as a place in an order; what is none is the tally's affair. `label` names field and stream. */
export const sightingOf = (
  value: Json,
  frame: Frame,
  label: string,
  tally: Tally,
  redact: Redact,
): Sighting | undefined => {
  const read = readOrdinal(value);
  if ('ordinal' in read) return { ordinal: read.ordinal, n: frame.n };
  if (read.problem === 'inexact') tally.inexact(frame.n);
  else tally.fault(`${label} is ${showJson(value, redact)} at frame #${frame.n}, not a number`, frame.n);
  return undefined;
};

export const labelOf = (field: string, { stream }: Message, redact: Redact): string =>
  stream === undefined ? field : `${field} of ${cutText(redact(stream), 80)}`;

const nameOf = (invariant: OrderedInvariant): string => {
  const scope = invariant.scope === 'scenario' ? ', whole scenario' : '';
  const more =
    invariant.kind === 'monotonic' ? (invariant.strict ? ', strict' : '') : invariant.sparse ? ', sparse' : '';
  return `${invariant.kind} ${invariant.field} of ${invariant.stream}${more}${scope}`;
};

const makeTrack = (invariant: OrderedInvariant, label: string): Track =>
  invariant.kind === 'monotonic' ? trackMonotonic(label, invariant.strict) : trackGaps(label);

/** Each stream by itself: its values rise, or leave no number out. */
export const monitorOrdered = (
  invariant: OrderedInvariant,
  { redact, engines }: InvariantContext,
): InvariantMonitor => {
  const { field, stream, scope } = invariant;
  const sparse = invariant.kind === 'gapless' && invariant.sparse;
  const fieldOf = createPlaceReader(field, engines.search);
  const tally = createTally(field);
  let streams = 0;
  let gaps = 0;
  let compared = false;
  let suspect: Track | undefined;
  let doubt: string | undefined;
  const settle = (track: Track) => {
    if (track.overfull?.()) doubt ??= 'more gaps were open at once than can be kept';
    for (const late of track.remaining()) {
      gaps += 1;
      if (!sparse) tally.fault(late.sentence, ...late.frames);
    }
  };
  const scopes = createScopes(
    scope,
    () =>
      createBounded<Track>(maxStreams, (track) => {
        doubt ??= 'more streams than can be followed at once';
        settle(track);
      }),
    (tracks) => tracks.values().forEach(settle),
  );
  const trackOf = (frame: Frame, message: Message, label: string): Track => {
    const tracks = scopes.of(frame);
    const key = message.stream ?? '';
    const known = tracks.get(key);
    compared ||= known !== undefined;
    if (known) return known;
    streams += 1;
    const track = makeTrack(invariant, label);
    tracks.set(key, track);
    return track;
  };
  return {
    observe: observing((frame, message) => {
      if (stream !== '*' && message.stream !== stream) return;
      const value = fieldOf(message);
      if (value === undefined) return tally.outside();
      tally.relevant();
      const label = labelOf(field, message, redact);
      const sighting = sightingOf(value, frame, label, tally, redact);
      if (!sighting) return;
      const track = trackOf(frame, message, label);
      const fault = track.next(sighting);
      if (fault) tally.fault(fault.sentence, ...fault.frames);
      // The first gap is enough, as long as it is one.
      if (!sparse && (suspect?.remaining().length ?? 0) === 0) suspect = track;
    }),
    blames: () => tally.blames() ?? suspect?.remaining()[0]?.frames,
    outcome: () => {
      for (const tracks of scopes.open()) tracks.values().forEach(settle);
      const seen = ` in ${plural(streams, 'stream')}${sparse ? `, ${plural(gaps, 'gap')}, declared sparse` : ''}`;
      const outcome = tally.outcome(nameOf(invariant), !compared, seen);
      if (doubt === undefined || sparse || outcome.result !== 'pass') return outcome;
      return { ...outcome, result: 'inconclusive', actual: `${outcome.actual}: ${doubt}` };
    },
  };
};
