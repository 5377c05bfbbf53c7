import type { Invariant } from '../../config/plan.ts';
import type { Message } from '../codec/codec.ts';
import { createPlaceReader, isPlace } from '../field.ts';
import { showJson } from '../pattern.ts';
import { createKeySet, type KeySet } from './key-set.ts';
import { type InvariantContext, type InvariantMonitor, observing } from './observe.ts';
import { createBounded, createScopes } from './scopes.ts';
import { createTally } from './tally.ts';

type UniqueInvariant = Extract<Invariant, { kind: 'noDuplicates' }>;

/** Streams followed at once. */
const maxStreams = 1_000;

/** The keys that came; those that are places in a stream, in each stream by itself. */
const createKeys = (field: string) => {
  const ofEach = isPlace(field);
  const streams = createBounded<KeySet>(maxStreams);
  return {
    of: ({ stream = '' }: Message): KeySet => {
      const name = ofEach ? stream : '';
      const keys = streams.get(name) ?? createKeySet();
      streams.set(name, keys);
      return keys;
    },
    full: () => streams.gone() > 0 || streams.values().some((keys) => keys.full()),
  };
};

/** No value of the key comes twice. */
export const monitorUnique = (
  { key: field, scope }: UniqueInvariant,
  { redact, engines }: InvariantContext,
): InvariantMonitor => {
  const read = createPlaceReader(field, engines.search);
  const tally = createTally(field);
  let seenAny = false;
  let overfull = false;
  const scopes = createScopes(
    scope,
    () => createKeys(field),
    (keys) => {
      overfull ||= keys.full();
    },
  );
  return {
    observe: observing((frame, message) => {
      const value = read(message);
      if (value === undefined) return tally.outside();
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        tally.relevant();
        return tally.inexact(frame.n);
      }
      const before = scopes.of(frame).of(message).add(value, frame.n);
      if (before === 'unreadable') return tally.outside();
      tally.relevant();
      seenAny = true;
      if (before === undefined) return;
      const shown = `${field} ${showJson(value, redact)}`;
      const where = before === 'early' ? `again at frame #${frame.n}` : `twice: frames #${before} and #${frame.n}`;
      tally.fault(`${shown} came ${where}`, ...(before === 'early' ? [] : [before]), frame.n);
    }),
    blames: tally.blames,
    outcome: () => {
      const name = `noDuplicates ${field}${scope === 'scenario' ? ', whole scenario' : ''}`;
      const outcome = tally.outcome(name, !seenAny, '');
      const full = overfull || scopes.open().some((keys) => keys.full());
      if (!full || outcome.result !== 'pass') return outcome;
      return { name, result: 'inconclusive', actual: `${outcome.actual}: more different keys than can be kept` };
    },
  };
};
