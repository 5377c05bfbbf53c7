import type { Histogram } from './histogram.ts';
import type { Levels } from './levels.ts';
import type { Season } from './season.ts';

/** Successive accepted blocks, merged. */
export type Chunk = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly blocks: number;
  readonly counts: Histogram;
  /** What the spread between blocks was measured on: how many, their samples, and the excess of each arm. */
  readonly spread: Spread;
  /** The old shape at a new level: stands in until there are blocks of its own. */
  readonly borrowed?: true;
};

/** Sums over blocks; an excess is the squared standardised score less 1, which is its mean when runs are all alike. */
export type Spread = {
  readonly blocks: number;
  readonly samples: number;
  readonly shift: number;
  readonly tail: number;
  /** Standardised scores of the newest block: what a block has in common with the one after it. */
  readonly last?: readonly [shift: number, tail: number];
};

export type Held = {
  /** Oldest first; two at most. */
  readonly chunks: readonly Chunk[];
  /** An alarm or an improvement: these blocks are of another level. */
  readonly confirmed: boolean;
};

/** The accepted past of a series of raw samples. */
export type SketchBase = {
  readonly kind: 'sketches';
  /** Counts what people did to it. */
  readonly revision: number;
  /** Oldest first. */
  readonly rolling: readonly Chunk[];
  /** Blocks since a score left 0: in the baseline once it is back at 0, and dropped when it was a regression. */
  readonly held?: Held;
  /** Stands still, so that slow drift shows. */
  readonly anchor?: Chunk;
  /** p95 (ms) of the last baseline that a person accepted, or of the first. */
  readonly acceptedP95?: number;
  readonly pinned: boolean;
  /** What the time of day and week does, taken out of every run before it is compared. */
  readonly season?: Season;
  readonly levels?: Levels;
};

/** One cumulative sum, from the block on that lifted it off 0. */
export type Trail = {
  readonly score: number;
  readonly onsetMs: number;
  readonly runs: number;
  readonly blocks: number;
  readonly pool: Histogram;
};

export type TrailName = `${'rolling' | 'anchor'} ${'shift' | 'tail'}` | 'rolling faster';

/** Runs that wait until they are a block. */
export type OpenBlock = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly runs: number;
  readonly counts: Histogram;
};

/** What changes with every run. */
export type SketchHot = {
  readonly kind: 'sketches';
  /** Of the base that the scores are against. */
  readonly revision: number;
  readonly lastMs: number;
  /** Between runs, as seen. */
  readonly cadenceMs?: number;
  readonly open?: OpenBlock;
  /** Those above 0. */
  readonly trails: Readonly<Partial<Record<TrailName, Trail>>>;
  /** A regression that has fired and not recovered yet. */
  readonly alarm?: Fired;
  /** An improvement that was confirmed and is not over. */
  readonly faster?: Fired;
};

export type Fired = { readonly trail: TrailName; readonly firedMs: number };
