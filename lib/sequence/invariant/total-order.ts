import type { Invariant } from '../../config/plan.ts';
import { createPlaceReader } from '../field.ts';
import { compareOrdinals } from '../ordinal.ts';
import { plural } from '../words.ts';
import { type InvariantContext, type InvariantMonitor, observing } from './observe.ts';
import { labelOf, sightingOf } from './ordered.ts';
import { createBounded, createScopes } from './scopes.ts';
import { createTally } from './tally.ts';
import type { Sighting } from './track.ts';

type TotalOrder = Extract<Invariant, { kind: 'totalOrder' }>;

type Latest = Sighting & { readonly stream: string };

/** Streams counted for the evidence. */
const maxStreams = 1_000;

/** What is wrong with a value after the latest of any stream. The same event may come in two streams, not twice in one. */
const faultAfter = (latest: Latest, next: Latest, field: string, label: string): string | undefined => {
  const where = `at frame #${next.n}, after #${latest.n} of ${latest.stream}`;
  const order = compareOrdinals(next.ordinal, latest.ordinal);
  if (order < 0)
    return `${label} is ${next.ordinal} ${where}, where ${field} was ${latest.ordinal}: the order of arrival is not that of ${field}`;
  return order === 0 && next.stream === latest.stream ? `${label} stayed at ${next.ordinal} ${where}` : undefined;
};

/** Over several streams of one connection, messages arrive in the order of the field. */
export const monitorTotalOrder = (
  { streams, field }: TotalOrder,
  { redact, engines }: InvariantContext,
): InvariantMonitor => {
  const fieldOf = createPlaceReader(field, engines.search);
  const wanted = streams.includes('*') ? undefined : new Set(streams);
  const tally = createTally(field);
  const seen = createBounded<true>(maxStreams);
  let crossings = 0;
  const scopes = createScopes(
    'generation',
    () => ({ latest: undefined as Latest | undefined }),
    () => {},
  );
  return {
    observe: observing((frame, message) => {
      const { stream } = message;
      if (stream === undefined || (wanted && !wanted.has(stream))) return;
      const value = fieldOf(message);
      if (value === undefined) return tally.outside();
      tally.relevant();
      const label = labelOf(field, message, redact);
      const sighting = sightingOf(value, frame, label, tally, redact);
      if (!sighting) return;
      const state = scopes.of(frame);
      const next: Latest = { ...sighting, stream };
      const fault = state.latest && faultAfter(state.latest, next, field, label);
      if (fault !== undefined) tally.fault(fault, state.latest?.n ?? 0, next.n);
      if (state.latest && state.latest.stream !== stream) crossings += 1;
      seen.set(stream, true);
      state.latest = next;
    }),
    blames: tally.blames,
    outcome: () => {
      const of = wanted ? [...wanted].join(', ') : '*';
      const where = ` in ${plural(seen.values().length, 'stream')}, ${plural(crossings, 'change')} from one to another`;
      return tally.outcome(`totalOrder ${field} of ${of}`, crossings === 0, where);
    },
  };
};
