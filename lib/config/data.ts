import { type Located, locate } from './place.ts';
import type { Json } from './plan.ts';
import type { Path } from './problem.ts';

/** Keys that reach an object's prototype when a careless merge meets them. */
const pollutingKeys = new Set(['__proto__', 'constructor', 'prototype']);

const deepest = 64;
/** A config of 10,000 probes has about a tenth of this; an alias bomb has no end. */
const mostValues = 2_000_000;

type Copier = { readonly problems: Located[]; readonly open: Set<object>; values: number };

const refuse = (copier: Copier, path: Path, message: string, remedy: string): undefined => {
  copier.problems.push(locate(path, message, { remedy }));
  return undefined;
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Another realm's objects (a module loaded in a vm) have another Object.prototype, whose own prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const copyObject = (value: object, path: Path, copier: Copier): Json => {
  const copy: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    const place = [...path, key];
    if (pollutingKeys.has(key)) {
      refuse(copier, place, `\`${key}\` is not allowed as a key`, 'rename it: the key reaches into the object itself');
      continue;
    }
    // Absent, as TypeScript's optional properties are.
    if (item === undefined) continue;
    const copied = copyValue(item, place, copier);
    if (copied !== undefined) copy[key] = copied;
  }
  return copy;
};

const copyContainer = (value: object, path: Path, copier: Copier): Json | undefined => {
  if (path.length > deepest) return refuse(copier, path, `is nested deeper than ${deepest} levels`, 'flatten it');
  if (copier.open.has(value)) return refuse(copier, path, 'contains itself', 'a config is a tree: remove the cycle');
  copier.open.add(value);
  const copy = Array.isArray(value)
    ? Array.from(value, (item: unknown, index) => copyValue(item, [...path, index], copier) ?? null)
    : isPlain(value)
      ? copyObject(value, path, copier)
      : refuse(
          copier,
          path,
          `holds a ${value.constructor?.name ?? 'strange object'}`,
          'a config is plain data: write text',
        );
  copier.open.delete(value);
  return copy;
};

const copyValue = (value: unknown, path: Path, copier: Copier): Json | undefined => {
  copier.values += 1;
  if (copier.values > mostValues) return undefined;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value)
      ? value
      : refuse(copier, path, `is ${value}, which is no number`, 'write a finite number');
  }
  if (typeof value === 'object') return copyContainer(value, path, copier);
  return refuse(
    copier,
    path,
    value === undefined ? 'is undefined' : `holds a ${typeof value}`,
    'a config is plain data: text, numbers, true, false, lists, objects',
  );
};

/** A private copy of the user's value as plain JSON, and what could not be copied. Never throws, always ends. */
export const copyData = (
  input: unknown,
): { readonly value: Json | undefined; readonly problems: readonly Located[] } => {
  const copier: Copier = { problems: [], open: new Set(), values: 0 };
  const value = copyValue(input, [], copier);
  if (copier.values > mostValues) {
    return {
      value: undefined,
      problems: [
        locate([], `has over ${mostValues} values`, { remedy: 'split it, or look for aliases that multiply' }),
      ],
    };
  }
  return { value, problems: copier.problems };
};

/** Makes the value and all that it holds read-only. */
export const freezeDeep = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) freezeDeep(item);
  }
  return value;
};
