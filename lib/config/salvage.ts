import type { z } from 'zod';
import type { Located } from './place.ts';
import type { Json } from './plan.ts';
import type { Path } from './problem.ts';
import { type Fault, findFaults, mostFaults, valueAt } from './shape-check.ts';

/*
 * All mistakes at once. Mistakes of meaning (a threshold that does not parse, a template that names nothing) can only
 * be looked for in a config whose shape is right. So the parts whose shape is wrong are cut out, what is left is read
 * as usual, and its problems join the others. What was cut is remembered: nobody is told that `{{token}}` is unknown
 * because the step that captures it was cut.
 */

type Container = { [key: string]: Json } | Json[];

export type Salvaged = {
  readonly faults: readonly Located[];
  /** Fits the schema; absent when nothing could be saved. */
  readonly value: Json | undefined;
  readonly indexes: WeakMap<object, readonly number[]>;
  /** Objects that lost a key. */
  readonly wounded: WeakSet<object>;
  /** Every key and text of what was cut. */
  readonly lost: ReadonlySet<string>;
};

/** Stands in for what cannot be left out, so that the rest of its object is still looked at. */
const standIns: readonly { readonly path: readonly (string | RegExp)[]; readonly value: Json }[] = [
  { path: ['service'], value: 'unnamed' },
  { path: ['probes'], value: [{ id: 'unnamed', kind: 'http', steps: [{ request: { url: 'http://unnamed' } }] }] },
  // It allows every step.
  { path: ['probes', /^\d+$/, 'kind'], value: 'websocket' },
];

const standInFor = (path: Path): Json | undefined => {
  if (path.length === 3 && path[0] === 'probes' && path[2] === 'id') return `unnamed-${path[1]}`;
  return standIns.find(
    (standIn) =>
      standIn.path.length === path.length &&
      standIn.path.every((key, index) =>
        typeof key === 'string' ? key === path[index] : key.test(String(path[index])),
      ),
  )?.value;
};

const rememberAll = (value: Json | undefined, lost: Set<string>): void => {
  if (typeof value === 'string') lost.add(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      lost.add(key);
      rememberAll(item, lost);
    }
  }
};

const containerAt = (root: Json, path: Path): Container | undefined => {
  const value = valueAt(root, path);
  // The tree is our own copy: it may be written to.
  return typeof value === 'object' && value !== null ? (value as Container) : undefined;
};

type Cuttings = Pick<Salvaged, 'indexes' | 'wounded'> & { readonly lost: Set<string> };

/** Cuts all at once: lists are closed up at the end, so that no path goes stale on the way, and each of them once. */
const cutAll = (root: Json, paths: Iterable<Path>, { indexes, wounded, lost }: Cuttings): void => {
  const items = new Map<Json[], Set<number>>();
  for (const path of paths) {
    const key = path.at(-1);
    const container = containerAt(root, path.slice(0, -1));
    if (key === undefined || container === undefined) continue;
    rememberAll(valueAt(root, path), lost);
    lost.add(String(key));
    if (Array.isArray(container)) {
      items.set(container, (items.get(container) ?? new Set()).add(Number(key)));
    } else {
      wounded.add(container);
      delete container[String(key)];
    }
  }
  for (const [list, gone] of items) {
    const own = indexes.get(list) ?? list.map((_, index) => index);
    const kept = list.filter((_, index) => !gone.has(index));
    indexes.set(
      list,
      own.filter((_, index) => !gone.has(index)),
    );
    list.length = 0;
    for (const item of kept) list.push(item);
  }
};

const replace = (root: Json, path: Path, value: Json, lost: Set<string>): void => {
  const container = containerAt(root, path.slice(0, -1));
  rememberAll(valueAt(root, path), lost);
  if (container && !Array.isArray(container)) container[String(path.at(-1))] = structuredClone(value);
};

/** A slip is read as what was meant: what stands below it is looked at too, and nothing seems to be missing. */
const rename = (root: Json, path: Path, meant: string): boolean => {
  const container = containerAt(root, path.slice(0, -1));
  const value = valueAt(root, path);
  if (!container || Array.isArray(container) || value === undefined || Object.hasOwn(container, meant)) return false;
  delete container[String(path.at(-1))];
  container[meant] = value;
  return true;
};

/** Cuts the faults out; false when nothing would be left. */
const repair = (root: Json, faults: readonly Fault[], cuttings: Cuttings): boolean => {
  const cuts = new Map<string, Path>();
  for (const { at, missing, meant } of faults) {
    if (meant !== undefined && rename(root, at, meant)) continue;
    const standIn = standInFor(at);
    if (standIn !== undefined) replace(root, at, standIn, cuttings.lost);
    // An object that lacks a key goes whole, once, whatever else it lacks.
    else {
      const path = missing ? at.slice(0, -1) : at;
      cuts.set(JSON.stringify(path), path);
    }
  }
  cutAll(root, cuts.values(), cuttings);
  return !cuts.has('[]');
};

/** Checks the shape and cuts out what does not fit. Changes `root`, which must be the caller's own copy. */
export const salvage = (schema: z.ZodType, root: Json): Salvaged => {
  const cuttings: Cuttings = { indexes: new WeakMap(), wounded: new WeakSet(), lost: new Set() };
  const first = findFaults(schema, root);
  if (first.length >= mostFaults) return { ...cuttings, faults: first, value: undefined };
  let faults = first;
  // Each turn cuts at least one value; a cut can leave its parent incomplete, and parents are few.
  for (let turn = 0; faults.length > 0 && turn < 64; turn += 1) {
    if (!repair(root, faults, cuttings)) return { ...cuttings, faults: first, value: undefined };
    faults = findFaults(schema, root);
  }
  return { ...cuttings, faults: first, value: faults.length === 0 ? root : undefined };
};
