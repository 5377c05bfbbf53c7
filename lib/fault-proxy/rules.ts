import type { Json } from '../config/plan.ts';
import { jsonEquals } from '../match/equality.ts';
import { valueAt } from '../match/json-place.ts';
import type { SeenFrame } from './context.ts';
import type { Direction, Fault, FrameFault, FrameMatch, HttpFault, UpgradeFault, When } from './fault.ts';
import { formatFault } from './grammar/format.ts';
import { parseJson } from './payload.ts';
import { draw } from './random.ts';

export type Frame = { readonly data: Buffer; readonly binary: boolean };

/** `seen`: requests or frames that matched. `hits`: how many of them the fault was really done to. */
export type FaultHits = { readonly fault: Fault; readonly spec: string; readonly seen: number; readonly hits: number };

/** A fault that falls on one request or frame. */
export type Chosen<F extends Fault> = {
  readonly fault: F;
  /** A number from 0 up to 1 for this fault on this request or frame, by label. */
  draw(label: string): number;
  /** Counts it, once it is really done. */
  hit(): void;
};

/** Chooses the faults of frames on one websocket. */
export type FrameRules = (direction: Direction, frame: Frame) => readonly Chosen<FrameFault>[];

/** Chooses which faults fall on what, and counts. Everything is counted from when it was made. */
export type Rules = {
  http(method: string, path: string): readonly Chosen<HttpFault>[];
  upgrade(path: string): readonly Chosen<UpgradeFault>[];
  /** `before`: it was open when the faults were set, and has no number that `connection` could ask for. */
  frames(path: string, opened: 'now' | 'before'): FrameRules;
  hits(): readonly FaultHits[];
};

type Tally = { seen: number; hits: number };
type Ruled<F extends Fault> = { readonly fault: F; readonly index: number; readonly tally: Tally };

/** Whether the n-th match is chosen; `chance` is a number from 0 up to 1. */
export const isChosen = (when: When | undefined, n: number, chance: () => number): boolean => {
  switch (when?.kind) {
    case undefined:
      return true;
    case 'share':
      return chance() < when.share;
    case 'every':
      return n % when.n === 0;
    case 'nth':
      return n === when.n;
    case 'from':
      return n >= when.n;
  }
};

const pathMatches = (prefix: string | undefined, path: string) => prefix === undefined || path.startsWith(prefix);

/** Frames of a websocket so far, by direction. */
type Passed = Readonly<Record<Direction, number>>;

const frameMatches = (
  match: FrameMatch,
  direction: Direction,
  frame: Frame,
  passed: Passed,
  json: () => Json | undefined,
): boolean => {
  if (match.direction !== undefined && match.direction !== direction) return false;
  if (passed[direction === 'in' ? 'out' : 'in'] < (match.after ?? 0)) return false;
  if (match.contains !== undefined && !frame.data.includes(match.contains)) return false;
  if (!match.fields) return true;
  const root = json();
  return root !== undefined && match.fields.every(({ path, equals }) => jsonEquals(valueAt(root, path), equals));
};

/** Parsed when first asked for: most faults never look inside a frame. */
const lazyJson = (frame: Frame): (() => Json | undefined) => {
  let parsed: { readonly json: Json | undefined } | undefined;
  return () => {
    parsed ??= { json: parseJson(frame.data) };
    return parsed.json;
  };
};

export const createRules = (faults: readonly Fault[], seed: number, tellFrame?: (seen: SeenFrame) => void): Rules => {
  const all = faults.map((fault, index): Ruled<Fault> => ({ fault, index, tally: { seen: 0, hits: 0 } }));
  const ofLayer = <L extends Fault['layer']>(layer: L) =>
    all.filter((ruled): ruled is Ruled<Extract<Fault, { layer: L }>> => ruled.fault.layer === layer);
  const choose = <F extends Fault>({ fault, index, tally }: Ruled<F>, n: number, scope: string): Chosen<F>[] => {
    tally.seen += 1;
    const drawn = (label: string) => draw(seed, index, scope, n, label);
    if (!isChosen(fault.when, n, () => drawn('when'))) return [];
    const hit = () => {
      tally.hits += 1;
    };
    return [{ fault, draw: drawn, hit }];
  };
  const http = ofLayer('http');
  const upgrade = ofLayer('upgrade');
  const frame = ofLayer('frame');
  let connections = 0;

  return {
    http: (method, path) =>
      http
        .filter(({ fault: { match } }) => pathMatches(match?.path, path) && (match?.method ?? method) === method)
        .flatMap((ruled) => choose(ruled, ruled.tally.seen + 1, 'http')),
    upgrade: (path) =>
      upgrade
        .filter(({ fault: { match } }) => pathMatches(match?.path, path))
        .flatMap((ruled) => choose(ruled, ruled.tally.seen + 1, 'upgrade')),
    frames: (path, opened) => {
      if (opened === 'now') connections += 1;
      const connection = opened === 'now' ? connections : 0;
      const mine = frame
        .filter(
          ({ fault: { match } }) => pathMatches(match?.path, path) && (match?.connection ?? connection) === connection,
        )
        .map((ruled) => ({ ruled, counts: { in: 0, out: 0 } }));
      const passed = { in: 0, out: 0 };
      return (direction, each) => {
        tellFrame?.({ ...each, connection, direction });
        passed[direction] += 1;
        const json = lazyJson(each);
        return mine.flatMap(({ ruled, counts }) => {
          if (!frameMatches(ruled.fault.match ?? {}, direction, each, passed, json)) return [];
          counts[direction] += 1;
          return choose(ruled, counts[direction], `${connection}/${direction}`);
        });
      };
    },
    hits: () => all.map(({ fault, tally }) => ({ fault, spec: formatFault(fault), ...tally })),
  };
};
