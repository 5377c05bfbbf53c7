import { durationRemedy } from '../duration.ts';
import type { Place } from '../place.ts';
import type { Cursor, Json, Until } from '../plan.ts';
import type { UntilInput } from '../schema/matcher.ts';
import { readQuiet } from './bounds.ts';
import { compileSomePattern } from './pattern.ts';

/** The value of the one key that an object has. */
const aloneIn = (input: UntilInput, key: string): Json | undefined =>
  typeof input === 'object' && input !== null && Object.keys(input).length === 1 ? (input[key] as Json) : undefined;

const quietOf = (value: Json, place: Place, withinMs: number): Until => {
  if (typeof value === 'string') return { quietMs: readQuiet(value, place, withinMs) ?? 0 };
  place.refuse('must be a duration', { got: value, remedy: `${durationRemedy}; a frame's own key is '$.quiet'` });
  return { quietMs: 0 };
};

/** `{ quiet: '500ms' }`, or a pattern. */
export const compileUntil = (input: UntilInput, place: Place, withinMs: number): Until => {
  const quiet = aloneIn(input, 'quiet');
  if (quiet !== undefined) return quietOf(quiet, place.at('quiet'), withinMs);
  return { pattern: compileSomePattern(input, place) };
};

/** The same, or `{ cursor: 17 }`: the last one awaited. */
export const compileReplayUntil = (
  input: UntilInput,
  place: Place,
  withinMs: number,
): Until | { readonly cursor: Cursor } => {
  const cursor = aloneIn(input, 'cursor');
  if (cursor === undefined) return compileUntil(input, place, withinMs);
  if (typeof cursor !== 'string' && typeof cursor !== 'number') {
    const remedy = "write a number, a text or a template; a frame's own key is '$.cursor'";
    place.at('cursor').refuse('is no cursor', { got: cursor, remedy });
  }
  return { cursor };
};
