import type { Json } from '../config/plan.ts';
import { jsonEquals } from '../match/equality.ts';
import { isObject, replaceAt, valueAt } from '../match/json-place.ts';
import type { FieldEdit } from './fault.ts';

/** Another value, of the same type wherever the type has one: the lie that a type check does not see. */
export const differentFrom = (value: Json): Json => {
  if (typeof value === 'number') return value === 0 ? 1 : -value;
  if (typeof value === 'string') return `corrupt ${value}`;
  if (typeof value === 'boolean') return !value;
  if (value === null) return 'corrupt';
  if (Array.isArray(value)) return value.length === 0 ? [null] : [];
  return Object.keys(value).length === 0 ? { corrupt: true } : {};
};

export const parseJson = (bytes: Buffer): Json | undefined => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** `JSON.parse` takes nesting of any depth; writing it again overflows the stack. */
const writeJson = (value: Json): Buffer | undefined => {
  try {
    return Buffer.from(JSON.stringify(value));
  } catch {
    return undefined;
  }
};

/** The document with one field changed; nothing when it is not JSON, has no such field or is nested too deep to write. */
export const editField = (bytes: Buffer, edit: FieldEdit): Buffer | undefined => {
  const root = parseJson(bytes);
  const old = root === undefined ? undefined : valueAt(root, edit.path);
  if (root === undefined || old === undefined) return undefined;
  return writeJson(replaceAt(root, edit.path, edit.value ?? differentFrom(old)));
};

/** RFC 7396 §2. */
const mergePatch = (target: Json | undefined, patch: Json): Json => {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(target !== undefined && isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
};

/** The object with a merge patch applied; nothing when it is no JSON object, or is the same after it. */
export const mergeFields = (bytes: Buffer, patch: Json): Buffer | undefined => {
  const root = parseJson(bytes);
  if (root === undefined || !isObject(root)) return undefined;
  const merged = mergePatch(root, patch);
  return jsonEquals(merged, root) ? undefined : writeJson(merged);
};

/** A copy with the lowest bit flipped in the byte that `at` (0 up to 1) points to; nothing when there is no byte. */
export const flipBit = (bytes: Buffer, at: number): Buffer | undefined => {
  if (bytes.length === 0) return undefined;
  const copy = Buffer.from(bytes);
  const index = Math.floor(at * copy.length);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
};
