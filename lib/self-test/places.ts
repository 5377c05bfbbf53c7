import type { Json } from '../config/plan.ts';
import { jsonEquals } from '../match/equality.ts';
import { findFirst, type PathQuery } from '../match/json-path.ts';
import { isObject, type JsonPlace, replaceAt, valueAt } from '../match/json-place.ts';

/** Places looked at in one document: enough for an answer that somebody asserts something of. */
const mostPlaces = 500;
const deepest = 8;

const childrenOf = (value: Json, place: JsonPlace): readonly JsonPlace[] => {
  if (Array.isArray(value)) return value.map((_, index) => [...place, String(index)]);
  return isObject(value) ? Object.keys(value).map((key) => [...place, key]) : [];
};

/** Places of a document from its root downwards, breadth first; bounded. */
export const placesIn = (document: Json): readonly JsonPlace[] => {
  const places: JsonPlace[] = [[]];
  for (const place of places) {
    if (places.length >= mostPlaces) break;
    const value = valueAt(document, place);
    if (value === undefined || place.length >= deepest) continue;
    places.push(...childrenOf(value, place).slice(0, mostPlaces - places.length));
  }
  return places;
};

const isScalar = (value: Json | undefined): boolean => typeof value !== 'object' || value === null;

/** Places of single values, the nearest to the root first. */
export const leavesIn = (document: Json): readonly JsonPlace[] =>
  placesIn(document).filter((place) => place.length > 0 && isScalar(valueAt(document, place)));

const another = (value: Json): Json => (value === null ? 'another' : null);

/**
 * Where a path finds what it finds first: the place that holds that value, and where another value would be found
 * instead. Asks the path itself, whatever it is made of. Nothing where it finds nothing, or only far down.
 */
export const placeOf = (query: PathQuery, document: Json): JsonPlace | undefined => {
  const found = findFirst(query, document) as Json | undefined;
  if (found === undefined) return undefined;
  return placesIn(document).find((place) => {
    const value = valueAt(document, place);
    if (value === undefined || !jsonEquals(value, found)) return false;
    const changed = findFirst(query, replaceAt(document, place, another(value))) as Json | undefined;
    return changed === undefined || !jsonEquals(changed, found);
  });
};

/** Whether one place holds the other. */
export const overlap = (a: JsonPlace, b: JsonPlace): boolean =>
  a.slice(0, b.length).every((key, index) => key === b[index]) &&
  b.slice(0, a.length).every((key, index) => key === a[index]);

export const samePlace = (a: JsonPlace, b: JsonPlace): boolean => a.length === b.length && overlap(a, b);

/** Each place once. */
export const distinct = (places: readonly JsonPlace[]): readonly JsonPlace[] =>
  places.filter((place, index) => places.findIndex((one) => samePlace(one, place)) === index);

/** As a person writes it: `items.0.id`. */
export const showPlace = (place: JsonPlace): string => (place.length === 0 ? 'all of it' : place.join('.'));
