import type { Json } from '../../lib/config/plan.ts';
import type { FieldEdit, FieldPath } from './fault.ts';

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const step = (value: Json, key: string): Json | undefined => {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
};

/** The value at a path, or nothing. */
export const fieldAt = (root: Json, path: FieldPath): Json | undefined => {
  let value: Json | undefined = root;
  for (const key of path) {
    if (value === undefined) return undefined;
    value = step(value, key);
  }
  return value;
};

const replaceAt = (root: Json, path: FieldPath, value: Json): Json => {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const inner = replaceAt(step(root, key) ?? null, rest, value);
  if (Array.isArray(root)) return root.with(Number(key), inner);
  return isObject(root) ? { ...root, [key]: inner } : inner;
};

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
  const old = root === undefined ? undefined : fieldAt(root, edit.path);
  if (root === undefined || old === undefined) return undefined;
  return writeJson(replaceAt(root, edit.path, edit.value ?? differentFrom(old)));
};

/** A copy with the lowest bit flipped in the byte that `at` (0 up to 1) points to; nothing when there is no byte. */
export const flipBit = (bytes: Buffer, at: number): Buffer | undefined => {
  if (bytes.length === 0) return undefined;
  const copy = Buffer.from(bytes);
  const index = Math.floor(at * copy.length);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
};
