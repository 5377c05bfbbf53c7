import { absorb, chunkOf, drop, heldBlocks, hold, isLevel, release, rollingOf, settle } from './baseline.ts';
import type { RegressionAct } from './finding.ts';
import { quantileOf } from './histogram.ts';
import type { Chunk, Fired, OpenBlock, SketchBase, SketchHot, Trail, TrailName } from './memory.ts';
import { spreadOf } from './reference.ts';
import type { Standing } from './standing.ts';
import { type Comparison, isConfirmed, recoveryScore, stepTrail } from './trail.ts';

const dayMs = 86_400_000;

/** A new level that nobody spoke about settles after this long, and as many blocks as two chunks hold. */
const settleMs = 7 * dayMs;

export type Scores = Pick<SketchHot, 'trails' | 'alarm' | 'faster'>;

export type Judgment = Scores & { readonly base: SketchBase; readonly act?: RegressionAct };

const stepTrails = (standing: Standing, trails: SketchHot['trails'], open: OpenBlock): SketchHot['trails'] => {
  const stepped: Partial<Record<TrailName, Trail>> = {};
  for (const comparison of standing.comparisons) {
    const trail = stepTrail(trails[comparison.name], comparison, standing.spread, open);
    if (trail) stepped[comparison.name] = trail;
  }
  return stepped;
};

/** Of those that are over their limit and far enough off, the one with the highest score. */
const strongest = (
  { comparisons }: Standing,
  trails: SketchHot['trails'],
  direction: Comparison['direction'],
): TrailName | undefined => {
  let found: { readonly name: TrailName; readonly score: number } | undefined;
  for (const comparison of comparisons) {
    const trail = trails[comparison.name];
    if (!trail || comparison.direction !== direction || trail.score <= (found?.score ?? 0)) continue;
    if (isConfirmed(comparison, trail)) found = { name: comparison.name, score: trail.score };
  }
  return found?.name;
};

/** Stays up until its own score is back at 0. */
const firedAfter = (
  before: Fired | undefined,
  standing: Standing,
  trails: SketchHot['trails'],
  atMs: number,
  direction: Comparison['direction'],
): Fired | undefined => {
  if (before && trails[before.trail]) return before;
  const trail = strongest(standing, trails, direction);
  return trail && { trail, firedMs: atMs };
};

/** Once something has fired no score goes higher than this, so that recovery is soon seen, by all of them. */
const capped = (
  { comparisons }: Standing,
  trails: SketchHot['trails'],
  hasFired: Readonly<Record<Comparison['direction'], boolean>>,
): SketchHot['trails'] => {
  const kept = { ...trails };
  for (const { name, direction } of comparisons) {
    const trail = kept[name];
    if (trail && hasFired[direction]) kept[name] = { ...trail, score: Math.min(trail.score, recoveryScore) };
  }
  return kept;
};

const scoresAfter = (standing: Standing, hot: Scores | undefined, open: OpenBlock): Scores => {
  const stepped = stepTrails(standing, hot?.trails ?? {}, open);
  const alarm = firedAfter(hot?.alarm, standing, stepped, open.toMs, 'slower');
  const faster = firedAfter(hot?.faster, standing, stepped, open.toMs, 'faster');
  const hasFired = { slower: alarm !== undefined, faster: faster !== undefined };
  return {
    trails: alarm || faster ? capped(standing, stepped, hasFired) : stepped,
    ...(alarm ? { alarm } : {}),
    ...(faster ? { faster } : {}),
  };
};

/** Blocks of a change wait apart; those that only might be one join the baseline when the scores are back at 0. */
const baseAfter = (before: SketchBase, chunk: Chunk, scores: Scores): SketchBase => {
  const level = isLevel(chunk.counts);
  const confirmed = scores.alarm !== undefined || scores.faster !== undefined;
  const base = before.held?.confirmed && !confirmed ? drop(before) : before;
  if (Object.keys(scores.trails).length > 0) return level ? hold(base, chunk, confirmed) : base;
  // The block that ends a change is of both levels.
  if (base !== before) return base;
  return absorb(release(base), level ? [chunk] : []);
};

/** The last two chunks tell the same level, to half of what would be a regression. */
const isStable = ({ held }: SketchBase, maxRegression: number): boolean => {
  const [one, two] = held?.chunks ?? [];
  if (!one || !two || two.blocks < heldBlocks) return false;
  return [0.5, 0.95].every((share) => {
    const [a, b] = [quantileOf(one.counts, share), quantileOf(two.counts, share)];
    return a !== null && b !== null && Math.max(a / b, b / a) <= 1 + maxRegression / 2;
  });
};

const p95Of = (chunk: Chunk | undefined): number | null => (chunk ? quantileOf(chunk.counts, 0.95) : null);

const settled = (
  standing: Standing,
  base: SketchBase,
  { alarm, faster }: Scores,
  atMs: number,
): Judgment | undefined => {
  const sinceMs = Math.min(alarm?.firedMs ?? atMs, faster?.firedMs ?? atMs);
  if (base.pinned || atMs - sinceMs < settleMs || !isStable(base, standing.rule.maxRegression)) return undefined;
  const moved = settle(base);
  const [from, to] = [p95Of(standing.rolling), p95Of(rollingOf(moved))];
  const ratio = from === null || to === null ? null : to / from;
  const days = Math.floor((atMs - sinceMs) / dayMs);
  const why = `the same level for ${days} days, and nobody accepted or ended it: it is compared with from now on`;
  return { trails: {}, base: moved, act: { act: 'settled', ratio, why } };
};

/** What a whole block does to the scores and to the baseline. */
export const judgeBlock = (
  standing: Standing,
  hot: Scores | undefined,
  base: SketchBase,
  open: OpenBlock,
): Judgment => {
  const { reference, spread } = standing;
  const chunk = chunkOf(open, reference && spreadOf(reference, spread, open.counts));
  if (standing.state !== 'active') return { trails: {}, base: absorb(base, isLevel(open.counts) ? [chunk] : []) };
  const scores = scoresAfter(standing, hot, open);
  const after = baseAfter(base, chunk, scores);
  return settled(standing, after, scores, open.toMs) ?? { ...scores, base: after };
};
