import type { Json } from '../../config/plan.ts';
import type { JsonPlace } from '../../match/json-place.ts';
import { type Read, right, wrong } from './read.ts';

const bareName = /^[A-Za-z_][\w-]*$/;
const bareText = /^[\w./+;-]+$/;

/** Reads a text, bare or as a JSON string in quotes. */
export const readText = (text: string): Read<string> => {
  if (!text.startsWith('"')) return text === '' ? wrong('is empty') : right(text);
  const value = jsonOf(text);
  return typeof value === 'string' ? right(value) : wrong(`is not a text in quotes: ${text}`);
};

export const writeText = (text: string): string => (bareText.test(text) ? text : JSON.stringify(text));

/** Reads a JSON value; a bare name that is not JSON is a string: `type=event`. */
export const readLiteral = (text: string): Read<Json> => {
  const value = jsonOf(text);
  if (value !== undefined) return right(value);
  return bareName.test(text) ? right(text) : wrong(`must be a JSON value or a bare name, not ${text || 'nothing'}`);
};

export const writeLiteral = (value: Json): string =>
  typeof value === 'string' && bareName.test(value) && jsonOf(value) === undefined ? value : JSON.stringify(value);

/** Reads a field path (`event_seq`, `items.0.id`, `a."b.c"`, `$` for the root) from the front of a text. */
export const takePath = (text: string): { readonly path: JsonPlace; readonly rest: string } | undefined => {
  const path: string[] = [];
  let rest = text;
  if (rest.startsWith('$')) {
    rest = rest.slice(1);
    if (!rest.startsWith('.')) return { path, rest };
    rest = rest.slice(1);
  }
  for (;;) {
    const found = /^(?:[A-Za-z_][\w-]*|\d+|"(?:[^"\\]|\\.)*")/s.exec(rest)?.[0];
    const segment = found?.startsWith('"') ? jsonOf(found) : found;
    if (found === undefined || typeof segment !== 'string') return undefined;
    path.push(segment);
    rest = rest.slice(found.length);
    if (!rest.startsWith('.')) return { path, rest };
    rest = rest.slice(1);
  }
};

export const writePath = (path: JsonPlace): string =>
  path.length === 0
    ? '$'
    : path.map((segment) => (/^(?:[A-Za-z_][\w-]*|\d+)$/.test(segment) ? segment : JSON.stringify(segment))).join('.');

/** JSON that survives being written again: neither `1e999` nor `-0` does. */
const jsonOf = (text: string): Json | undefined => {
  try {
    return JSON.parse(text, (_, value) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('not finite');
      return value === 0 ? 0 : value;
    });
  } catch {
    return undefined;
  }
};
