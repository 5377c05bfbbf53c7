import type { Json } from '../../config/plan.ts';
import { jsonEquals } from '../../match/equality.ts';

/** Where two values first differ, and what each has there; `undefined`: nothing. */
export type JsonDifference = {
  readonly path: string;
  readonly left: Json | undefined;
  readonly right: Json | undefined;
};

type Branch = { readonly [key: string]: Json };

/** An object or an array; both are walked by their keys. */
const isBranch = (value: Json | undefined): value is Branch => typeof value === 'object' && value !== null;

const childPath = (path: string, key: string, of: Branch): string =>
  Array.isArray(of)
    ? `${path}[${key}]`
    : /^[A-Za-z_]\w*$/.test(key)
      ? `${path}.${key}`
      : `${path}[${JSON.stringify(key)}]`;

/** The first difference in depth, in the order of the left one's keys; nothing where they are equal. */
export const differenceOf = (
  left: Json | undefined,
  right: Json | undefined,
  path = '$',
): JsonDifference | undefined => {
  if (jsonEquals(left, right)) return undefined;
  if (!isBranch(left) || !isBranch(right) || Array.isArray(left) !== Array.isArray(right)) return { path, left, right };
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const at = (branch: Branch) => (Object.hasOwn(branch, key) ? branch[key] : undefined);
    const found = differenceOf(at(left), at(right), childPath(path, key, left));
    if (found) return found;
  }
  return { path, left, right };
};
