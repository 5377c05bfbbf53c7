import type { Json } from '../config/plan.ts';
import { isObject, memberOf } from './json-object.ts';

export { isObject } from './json-object.ts';

/** Where in a JSON document: keys and array indexes from its root; empty is the root itself. */
export type JsonPlace = readonly string[];

const member = (value: Json, key: string): Json | undefined => {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return memberOf(value, key);
};

/** The value at a place, or nothing. */
export const valueAt = (root: Json, place: JsonPlace): Json | undefined => {
  let value: Json | undefined = root;
  for (const key of place) {
    if (value === undefined) return undefined;
    value = member(value, key);
  }
  return value;
};

/** The document with another value at a place that it has. */
export const replaceAt = (root: Json, place: JsonPlace, value: Json): Json => {
  const [key, ...rest] = place;
  if (key === undefined) return value;
  const inner = replaceAt(member(root, key) ?? null, rest, value);
  if (Array.isArray(root)) return root.with(Number(key), inner);
  return isObject(root) ? { ...root, [key]: inner } : inner;
};
