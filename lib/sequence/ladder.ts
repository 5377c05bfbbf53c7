import { showValue } from '../result/redact.ts';
import type { Rung, SequenceRecord } from '../result/result.ts';
import { isHousekeeping } from './journal/frame.ts';
import { textOf } from './journal/text.ts';
import type { Frame, Journal } from './journal.ts';
import type { Redact } from './pattern.ts';

/** What a step awaited and never saw, or what should not have come. */
export type Missing = {
  readonly step: string;
  /** Since the start of the pass. */
  readonly atMs: number;
  readonly text: string;
  /** Last frame before the step gave up. */
  readonly after: number;
  /** Where it belongs to one alone. */
  readonly connection?: string;
  /** Those that the text speaks of. */
  readonly frames?: readonly number[];
};

export type LadderOptions = {
  /** Monotonic. */
  readonly passStartMs: number;
  readonly redact: Redact;
  readonly missing: readonly Missing[];
  /** Frames at fault. */
  readonly focus: readonly number[];
};

const maxRungs = 80;
const maxMissing = 20;
/** With the count of what was cut, no text is longer than 160. */
const maxTextChars = 128;
/** So many frames from a fault, the start or the end, a frame is as good as any other. */
const far = 10;

const claimantOf = (frame: Frame): string | undefined =>
  frame.direction === 'in' ? frame.entries.find(({ claimedBy }) => claimedBy !== undefined)?.claimedBy : frame.step;

/** What a frame is worth in a ladder that has not room for all. What nobody claimed comes behind all the rest. */
const worthOf = (frame: Frame, focus: ReadonlySet<number>): number => {
  if (focus.has(frame.n)) return 4;
  if (frame.direction === 'life') return frame.life.event === 'ping' || frame.life.event === 'pong' ? 1 : 3;
  if (frame.direction === 'in')
    return claimantOf(frame) !== undefined ? 2 : frame.entries.every(isHousekeeping) ? -1 : 0;
  return frame.auto ? 1 : 2;
};

/** Half of an attempt to connect; of many in a row, the first and the last tell it all. */
const isAttempt = (frame: Frame, like: Frame | undefined): boolean =>
  frame.direction === 'life' &&
  (frame.life.event === 'connecting' || frame.life.event === 'error') &&
  like?.direction === 'life' &&
  like.life.event === frame.life.event &&
  like.connection === frame.connection &&
  like.step === frame.step;

/** Of its kind between two others; or a part of a message, which is shown where it is whole. */
const isFiller = (frame: Frame, index: number, frames: readonly Frame[]): boolean =>
  (isAttempt(frame, frames[index - 2]) && isAttempt(frame, frames[index + 2])) ||
  (frame.direction === 'in' && frame.entries.length === 0);

/** How far a frame is from the nearest of these; asked of frames in ascending order. */
const createDistance = (anchors: readonly number[]) => {
  const ascending = anchors.toSorted((a, b) => a - b);
  let next = 0;
  return (n: number): number => {
    while ((ascending[next] ?? n) < n) next += 1;
    const before = ascending[next - 1] ?? Number.NEGATIVE_INFINITY;
    return Math.min(n - before, (ascending[next] ?? Number.POSITIVE_INFINITY) - n);
  };
};

/**
 * Frames that have a place in the ladder, the most telling first: those at fault, what lies near them, the start, the end;
 * and of those that nobody claimed, which fill what room is left, the ones near a fault.
 */
const rank = (frames: readonly Frame[], focus: ReadonlySet<number>, missing: readonly Missing[]): readonly Frame[] => {
  const last = frames.at(-1)?.n ?? 0;
  const faults = [...focus, ...missing.map(({ after }) => after)];
  const [fromFault, fromAnchor] = [createDistance(faults), createDistance([1, last, ...faults])];
  const weightOf = (frame: Frame): number => {
    const worth = worthOf(frame, focus);
    return worth - Math.min(1, (worth > 0 ? fromAnchor : fromFault)(frame.n) / far);
  };
  const telling = frames.filter((frame, index) => focus.has(frame.n) || !isFiller(frame, index, frames));
  // Frames are many, their weights are few.
  return [...Map.groupBy(telling, weightOf)]
    .toSorted(([a], [b]) => b - a)
    .flatMap(([, alike]) => alike.slice(0, maxRungs));
};

const rungOf = (frame: Frame, focus: ReadonlySet<number>, { passStartMs, redact }: LadderOptions): Rung => {
  const { n, connection, generation, direction, at } = frame;
  const step = claimantOf(frame);
  return {
    kind: 'frame',
    n,
    connection,
    generation,
    direction,
    atMs: at - passStartMs,
    text: showValue(textOf(frame), redact, maxTextChars),
    ...(step === undefined ? {} : { step }),
    ...(frame.auto ? { auto: true as const } : {}),
    ...(focus.has(n) ? { broken: true as const } : {}),
  };
};

type Place = { readonly frame: Frame } | { readonly missing: Missing } | { readonly elided: number };

/** The chosen frames and what is missing, in their order; what lies between is counted, unless it is one frame alone. */
const layOut = (chosen: readonly Frame[], missing: readonly Missing[], journal: Journal): readonly Place[] => {
  const places: Place[] = [];
  let told = 0;
  let shown = 0;
  const elide = (to: number) => {
    const only = to === shown + 1 ? journal.frame(to) : undefined;
    if (only) places.push({ frame: only });
    else if (to > shown) places.push({ elided: to - shown });
    shown = Math.max(shown, to);
  };
  const tell = (before: number) => {
    for (let one = missing[told]; one && one.after < before; one = missing[told]) {
      told += 1;
      elide(one.after);
      places.push({ missing: one });
    }
  };
  for (const frame of chosen.toSorted((a, b) => a.n - b.n)) {
    tell(frame.n);
    elide(frame.n - 1);
    places.push({ frame });
    shown = frame.n;
  }
  tell(Number.POSITIVE_INFINITY);
  elide(journal.last());
  return places;
};

/** As many frames as there is room for: what lies between takes rungs as well, and how many, only the choice tells. */
const choose = (ranked: readonly Frame[], missing: readonly Missing[], journal: Journal): readonly Place[] => {
  for (let kept = Math.min(maxRungs, ranked.length); ; kept -= 1) {
    const places = layOut(ranked.slice(0, kept), missing, journal);
    if (places.length <= maxRungs || kept === 0) return places;
  }
};

/** The journal in at most 80 rungs: what steps sent and claimed, what befell connections, and where it broke. */
export const ladderOf = (journal: Journal, options: LadderOptions): SequenceRecord => {
  const focus = new Set(options.focus);
  const missing = options.missing.slice(0, maxMissing).toSorted((a, b) => a.after - b.after);
  const frames = [...journal.kept(), ...journal.held()];
  const places = choose(rank(frames, focus, missing), missing, journal);
  const rungs = places.map((place): Rung => {
    if ('elided' in place) return { kind: 'elided', frames: place.elided };
    if ('frame' in place) return rungOf(place.frame, focus, options);
    const { step, atMs, text, connection, frames: blamed } = place.missing;
    const shown = showValue(text, options.redact, maxTextChars);
    return {
      kind: 'missing',
      step,
      atMs,
      text: shown,
      ...(connection === undefined ? {} : { connection }),
      ...(blamed && blamed.length > 0 ? { frames: blamed } : {}),
    };
  });
  return {
    ...journal.counts(),
    connections: journal.connections(),
    rungs,
    leftovers: journal.leftovers(options.redact),
  };
};
