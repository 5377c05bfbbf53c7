import { binWidth, countAbovePlace, floorAt, mergeHistograms } from './histogram.ts';
import type { OpenBlock, Spread, Trail, TrailName } from './memory.ts';
import { type Cells, evidenceOf, overdispersion, type Reference } from './reference.ts';

/** One block moves a score by this at most, so that with a limit above it no block alone can fire (detection.md §8.3). */
export const mostPerBlock = 4;

/** Where a score goes when it has fired: two clearly good blocks bring it to 0, which is recovery. */
export const recoveryScore = 6;

/** Fewer samples than this say nothing of a tail (detection.md §8.4). */
const fewestForTail = 20;

/** A regression is confirmed from three quarters of what is allowed to be too much: 1.15 for 20 % (detection.md §8.5). */
const gateShare = 0.75;

/**
 * The anchor never moves, and so an error of its own never averages out: it asks for more evidence, and for p95 to be
 * farther off by two standard errors of its own. Slow drift can wait for that.
 */
const anchorCaution = { limit: 3, errors: 2 } as const;

/** How far below p95 the faster trail still tells samples apart: a seventh of it. */
const fasterReach = 2 / binWidth;

/** One test that every block goes through. */
export type Comparison = {
  readonly name: TrailName;
  readonly direction: 'slower' | 'faster';
  readonly arm: 'shift' | 'tail';
  readonly reference: Reference;
  readonly cells: () => Cells;
  /** Score over which it is sure. */
  readonly limit: number;
  /** Place on the ruler that p95 must have passed to matter. */
  readonly gate: number;
  /** Below this bin its trail need not tell samples apart. */
  readonly floor: () => number;
};

const slowerThan = (against: 'rolling' | 'anchor', reference: Reference, limit: number, farBins: number) =>
  (['shift', 'tail'] as const).map(
    (arm): Comparison => ({
      name: `${against} ${arm}`,
      direction: 'slower',
      arm,
      reference,
      cells: () => reference.arms()[arm],
      limit,
      gate: reference.p95Place === null ? Number.POSITIVE_INFINITY : reference.p95Place + farBins,
      floor: () => reference.arms().shift.cuts[0] ?? Number.NEGATIVE_INFINITY,
    }),
  );

const fasterThan = (reference: Reference, limit: number, farBins: number): Comparison => ({
  name: 'rolling faster',
  direction: 'faster',
  arm: 'shift',
  reference,
  cells: () => reference.arms().faster,
  limit,
  gate: reference.p95Place === null ? Number.NEGATIVE_INFINITY : reference.p95Place - farBins,
  floor: () => Math.floor((reference.p95Place ?? 0) - fasterReach),
});

/** The tests of a block against the rolling baseline and the anchor. */
export const comparisonsOf = (
  rolling: Reference,
  anchor: Reference | undefined,
  limit: number,
  maxRegression: number,
): readonly Comparison[] => {
  const farBins = Math.log(1 + gateShare * maxRegression) / binWidth;
  const { limit: more, errors } = anchorCaution;
  return [
    ...slowerThan('rolling', rolling, limit, farBins),
    fasterThan(rolling, limit, farBins),
    ...(anchor ? slowerThan('anchor', anchor, limit + more, farBins + errors * anchor.p95Error) : []),
  ];
};

const scoreOf = ({ cells, arm }: Comparison, spread: Spread, { counts }: OpenBlock): number => {
  if (counts.total === 0 || (arm === 'tail' && counts.total < fewestForTail)) return 0;
  const tempered = evidenceOf(cells(), counts) / overdispersion(spread, arm, counts.total);
  return Math.max(-mostPerBlock, Math.min(mostPerBlock, tempered));
};

/** A cumulative sum takes in a block; `undefined`: it is at 0. */
export const stepTrail = (
  before: Trail | undefined,
  comparison: Comparison,
  spread: Spread,
  block: OpenBlock,
): Trail | undefined => {
  const score = (before?.score ?? 0) + scoreOf(comparison, spread, block);
  if (score <= 0) return undefined;
  return {
    score,
    onsetMs: before?.onsetMs ?? block.fromMs,
    runs: (before?.runs ?? 0) + block.runs,
    blocks: (before?.blocks ?? 0) + 1,
    pool: floorAt(mergeHistograms(before ? [before.pool, block.counts] : [block.counts]), comparison.floor()),
  };
};

/** Sure that something changed, and p95 since the onset far enough off to matter. */
export const isConfirmed = ({ limit, gate, direction }: Comparison, { score, pool }: Trail): boolean => {
  if (score <= limit) return false;
  const above = countAbovePlace(pool, gate) / pool.total;
  return direction === 'slower' ? above > 0.05 : above <= 0.05;
};
