import type { Json } from '../../config/plan.ts';
import type { Entry } from '../journal/frame.ts';
import { type Ordinal, readOrdinal } from '../ordinal.ts';

/** A message in its place in the order over all streams. */
export type Placed = { readonly entry: Entry; readonly ordinal: Ordinal };

/** A value in few characters, redacted. */
export type Show = (value: Json | undefined) => string;

/** The place of a message, as its codec read it; or why it has none. */
export const placeOf = (entry: Entry, show: Show): Placed | { readonly problem: string } => {
  const value = entry.message?.sequence;
  if (value === undefined || value === null) return { problem: 'has no $sequence: the codec found none in it' };
  const read = readOrdinal(value);
  if ('ordinal' in read) return { entry, ordinal: read.ordinal };
  return read.problem === 'inexact'
    ? { problem: `has a $sequence beyond 2^53 (${show(value)}), where JSON numbers are rounded` }
    : { problem: `has a $sequence that is no number: ${show(value)}` };
};

/** First index whose ordinal is above `ordinal`; of a list in ascending order. */
export const indexAbove = (placed: readonly Placed[], ordinal: Ordinal): number => {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = placed[middle];
    if (there && there.ordinal <= ordinal) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Of equal ones the first to arrive comes first. */
export const insert = (placed: Placed[], one: Placed): void => {
  placed.splice(indexAbove(placed, one.ordinal), 0, one);
};
