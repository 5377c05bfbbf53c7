import type { BaselineDescription, BaselineState } from './finding.ts';
import { binWidth, emptyHistogram, type Histogram, mergeHistograms, quantileOf, rescaled } from './histogram.ts';
import type { Chunk, OpenBlock, SketchBase, Spread } from './memory.ts';

const dayMs = 86_400_000;

/** detection.md §8.2, and a day at least: a service at night says nothing of its mornings. */
export const needed = {
  provisional: { blocks: 3, samples: 60 },
  active: { blocks: 14, samples: 100, spanMs: dayMs },
  anchor: { blocks: 28, spanMs: 7 * dayMs },
} as const;

/** A rolling baseline: 150 blocks, and a week at least. */
const ring = { chunks: 6, blocks: 25, spanMs: (7 * dayMs) / 6 } as const;

/** Half of the blocks that a new level must have shown before it settles. */
export const heldBlocks = 14;

/** More unanswered than p95 can bear: such a block shows a failure, not a level. */
const mostUnanswered = 0.05;

const noSpread: Spread = { blocks: 0, samples: 0, shift: 0, tail: 0 };

export const emptyBase: SketchBase = { kind: 'sketches', revision: 0, rolling: [], pinned: false };

const addSpread = (a: Spread, b: Spread): Spread => ({
  blocks: a.blocks + b.blocks,
  samples: a.samples + b.samples,
  shift: a.shift + b.shift,
  tail: a.tail + b.tail,
  ...(b.last ? { last: b.last } : {}),
});

export const mergeChunks = (chunks: readonly [Chunk, ...Chunk[]]): Chunk => {
  const [head, ...rest] = chunks;
  return {
    fromMs: head.fromMs,
    toMs: chunks.at(-1)?.toMs ?? head.toMs,
    blocks: chunks.reduce((sum, { blocks }) => sum + blocks, 0),
    counts: mergeHistograms(chunks.map(({ counts }) => counts)),
    spread: rest.reduce((sum, { spread }) => addSpread(sum, spread), head.spread),
  };
};

const isSome = (chunks: readonly Chunk[]): chunks is readonly [Chunk, ...Chunk[]] => chunks.length > 0;

/** All accepted blocks as one. */
export const rollingOf = ({ rolling }: SketchBase): Chunk | undefined =>
  isSome(rolling) ? mergeChunks(rolling) : undefined;

export const stateOf = (rolling: Chunk | undefined): BaselineState => {
  if (!rolling) return 'none';
  const { blocks, counts, fromMs, toMs } = rolling;
  const has = (least: { readonly blocks: number; readonly samples: number; readonly spanMs?: number }) =>
    blocks >= least.blocks && counts.total >= least.samples && toMs - fromMs >= (least.spanMs ?? 0);
  return has(needed.active) ? 'active' : has(needed.provisional) ? 'provisional' : 'none';
};

export const chunkOf = (block: OpenBlock, spread: Spread = noSpread): Chunk => ({
  fromMs: block.fromMs,
  toMs: block.toMs,
  blocks: 1,
  counts: block.counts,
  spread,
});

/** Whether a block shows a level at all. */
export const isLevel = ({ total, over }: Histogram): boolean => total > 0 && over <= mostUnanswered * total;

const isFull = ({ blocks, fromMs, toMs }: Chunk): boolean => blocks >= ring.blocks && toMs - fromMs >= ring.spanMs;

const join = (rolling: readonly Chunk[], chunk: Chunk): readonly Chunk[] => {
  const last = rolling.at(-1);
  if (!last || last.borrowed || isFull(last)) return [...rolling, chunk].slice(-ring.chunks);
  return [...rolling.slice(0, -1), mergeChunks([last, chunk])];
};

/** A borrowed shape stands in until there are blocks enough of its own. */
const returnBorrowed = (rolling: readonly Chunk[]): readonly Chunk[] => {
  const own = rolling.filter(({ borrowed }) => !borrowed);
  const blocks = own.reduce((sum, chunk) => sum + chunk.blocks, 0);
  return own.length < rolling.length && blocks >= needed.active.blocks ? own : rolling;
};

/** The first week, or the first blocks where they are rare, stand still as the anchor. */
const anchored = (base: SketchBase): SketchBase => {
  const rolling = base.anchor ? undefined : rollingOf(base);
  if (!rolling || rolling.blocks < needed.anchor.blocks || rolling.toMs - rolling.fromMs < needed.anchor.spanMs) {
    return base;
  }
  return { ...base, anchor: rolling, ...acceptedOf(rolling, base.acceptedP95) };
};

const acceptedOf = ({ counts }: Chunk, known?: number): Pick<SketchBase, 'acceptedP95'> => {
  const p95 = known ?? quantileOf(counts, 0.95);
  return p95 === null ? {} : { acceptedP95: p95 };
};

/** Blocks that are as they should be become part of the baseline. */
export const absorb = (base: SketchBase, chunks: readonly Chunk[]): SketchBase =>
  base.pinned || chunks.length === 0
    ? base
    : anchored({ ...base, rolling: returnBorrowed(chunks.reduce(join, base.rolling)) });

const withoutHeld = ({ held: _, ...base }: SketchBase): SketchBase => base;

/** What was held back was healthy after all. */
export const release = (base: SketchBase): SketchBase => absorb(withoutHeld(base), base.held?.chunks ?? []);

/** What was held back was a regression that is over. */
export const drop = (base: SketchBase): SketchBase => (base.held ? withoutHeld(base) : base);

/** A block that may be of another level waits. Two chunks at most: the newest blocks. */
export const hold = (base: SketchBase, chunk: Chunk, confirmed: boolean): SketchBase => {
  const before = base.held?.chunks ?? [];
  const last = before.at(-1);
  const chunks =
    last && last.blocks < heldBlocks ? [...before.slice(0, -1), mergeChunks([last, chunk])] : [...before, chunk];
  const surplus = chunks.slice(0, -2);
  const kept = { ...base, held: { chunks: chunks.slice(-2), confirmed } };
  return confirmed ? kept : absorb(kept, surplus);
};

/** Of blocks at another level the spread is not known: that of before goes on. */
const spreadAt = (chunk: Chunk, before: Spread): Chunk => {
  const share = before.samples > 0 ? chunk.counts.total / before.samples : 0;
  return {
    ...chunk,
    spread: {
      blocks: Math.min(chunk.blocks, before.blocks),
      samples: chunk.counts.total,
      shift: before.shift * share,
      tail: before.tail * share,
    },
  };
};

/** The old baseline, moved to the level of a few new blocks, weighing what they lack to be a baseline. */
const borrow = (old: Chunk, level: Chunk): readonly Chunk[] => {
  const [from, to] = [quantileOf(old.counts, 0.95), quantileOf(level.counts, 0.95)];
  const lack = needed.active.blocks - level.blocks;
  if (from === null || to === null || lack <= 0) return [];
  const bins = Math.round(Math.log(to / from) / binWidth);
  const weight = Math.min(1, lack / old.blocks);
  const moved = { ...old, blocks: Math.ceil(old.blocks * weight), counts: rescaled(old.counts, bins, weight) };
  return [{ ...spreadAt(moved, old.spread), fromMs: level.fromMs - dayMs, toMs: level.fromMs, borrowed: true }];
};

/** The level of the held blocks becomes the baseline, and what is tested against stands still there. */
const moveTo = (base: SketchBase, held: readonly [Chunk, ...Chunk[]]): SketchBase => {
  const old = rollingOf(base);
  const level = mergeChunks(held);
  const own = old ? held.map((chunk) => spreadAt(chunk, old.spread)) : held;
  const rolling = [...(old ? borrow(old, level) : []), ...own];
  const all = isSome(rolling) ? mergeChunks(rolling) : level;
  return { ...withoutHeld(base), rolling, anchor: all };
};

/**
 * Nobody spoke for a long time: the baseline goes on at the new level, so that the next incident is found. What was
 * accepted last stays known, and the drift from it in sight.
 */
export const settle = (base: SketchBase): SketchBase =>
  base.held && isSome(base.held.chunks) ? moveTo(base, base.held.chunks) : base;

/** A person takes the level of today for the right one. */
export const accept = (base: SketchBase): SketchBase => {
  const moved = base.held?.confirmed ? settle(base) : release(base);
  const rolling = rollingOf(moved);
  const { acceptedP95: _, ...rest } = moved;
  const anchor = rolling ? { anchor: rolling, ...acceptedOf(rolling) } : {};
  return { ...rest, ...anchor, revision: base.revision + 1 };
};

export const pin = (base: SketchBase): SketchBase => ({ ...base, pinned: true, revision: base.revision + 1 });
export const unpin = (base: SketchBase): SketchBase => ({ ...base, pinned: false, revision: base.revision + 1 });
export const clear = (base: SketchBase): SketchBase => ({ ...emptyBase, revision: base.revision + 1 });

export const describe = (base: SketchBase): BaselineDescription => {
  const rolling = rollingOf(base);
  const counts = rolling?.counts ?? emptyHistogram;
  const p95 = quantileOf(counts, 0.95);
  const accepted = base.acceptedP95 ?? null;
  return {
    state: stateOf(rolling),
    p50: quantileOf(counts, 0.5),
    p95,
    p99: quantileOf(counts, 0.99),
    blocks: rolling?.blocks ?? 0,
    samples: Math.round(counts.total),
    fromMs: rolling?.fromMs ?? null,
    toMs: rolling?.toMs ?? null,
    anchorP95: accepted,
    drift: p95 === null || accepted === null ? null : p95 / accepted,
    pinned: base.pinned,
    season: base.season !== undefined,
    held: base.held?.chunks.reduce((sum, { blocks }) => sum + blocks, 0) ?? 0,
  };
};
