import { needed } from './baseline.ts';
import type { RegressionFinding } from './finding.ts';
import { binWidth, type Histogram, placeOf } from './histogram.ts';
import type { Chunk, SketchHot, Trail, TrailName } from './memory.ts';
import { ranksAroundP95 } from './order.ts';
import { dispersionOf } from './reference.ts';
import type { Standing } from './standing.ts';
import type { Comparison } from './trail.ts';
import { sayAsUsual, sayChange, sayLearning } from './wording.ts';

/** p95 of some samples beside that of a baseline; places are on the ruler, in bins. */
export type Measured = Pick<RegressionFinding, 'ratio' | 'interval'> & {
  readonly place: number | null;
  readonly basePlace: number | null;
};

/** With 95 % order statistics. Samples of one run have more in common than chance, so they count as fewer than they are. */
const measure = (basePlace: number | null, pool: Histogram, dispersion: number): Measured => {
  const place = placeOf(pool, 0.95);
  if (basePlace === null || pool.total === 0) return { ratio: null, interval: null, place, basePlace };
  const alike = Math.max(1, Math.round(pool.total / dispersion));
  const [low, high] = ranksAroundP95(alike);
  const over = (at: number | null) => (at === null ? null : Math.exp((at - basePlace) * binWidth));
  const from = over(placeOf(pool, (low - 0.5) / alike));
  const to = high === null ? null : over(placeOf(pool, (high - 0.5) / alike));
  return { ratio: over(place), interval: from === null ? null : [from, to], place, basePlace };
};

type Lead = { readonly comparison: Comparison; readonly trail: Trail };

/** The alarm's trail, else the highest of those that look for a regression. */
const leadOf = ({ comparisons }: Standing, { trails, alarm }: SketchHot): Lead | undefined => {
  let lead: Lead | undefined;
  for (const comparison of comparisons) {
    const trail = trails[comparison.name];
    if (!trail || comparison.direction === 'faster') continue;
    if (alarm ? alarm.trail === comparison.name : trail.score > (lead?.trail.score ?? 0)) lead = { comparison, trail };
  }
  return lead;
};

const armOf = (name: TrailName): Pick<RegressionFinding, 'arm' | 'against'> => {
  const [against, arm] = name.split(' ');
  return { arm: arm === 'tail' ? 'tail' : 'shift', against: against === 'anchor' ? 'anchor' : 'rolling' };
};

const improvementOf = (standing: Standing, hot: SketchHot): Pick<RegressionFinding, 'improvement'> => {
  const trail = hot.faster && hot.trails[hot.faster.trail];
  const comparison = standing.comparisons.find(({ direction }) => direction === 'faster');
  if (!trail || !comparison) return {};
  const { ratio, interval } = measureTrail(standing, { comparison, trail });
  return ratio === null ? {} : { improvement: { ratio, interval } };
};

const measureTrail = ({ spread }: Standing, { comparison, trail }: Lead): Measured =>
  measure(
    comparison.reference.p95Place,
    trail.pool,
    dispersionOf(spread, comparison.arm, trail.pool.total / trail.blocks),
  );

/** Share of the limit from which a score is more than the ups and downs of every healthy service. */
const worthAWord = 0.25;

/** Wald's delay: what is missing over what a run has brought so far. */
const moreRunsOf = ({ limit }: Comparison, { score, runs }: Trail): number | null =>
  score < worthAWord * limit ? null : Math.max(1, Math.ceil(((limit - score) * runs) / score));

/** Runs like those so far until a baseline has what it needs. */
const runsUntil = (
  least: typeof needed.active,
  rolling: Chunk | undefined,
  run: Histogram,
  cadenceMs: number,
): number => {
  const { blocks = 0, fromMs = 0, toMs = 0 } = rolling ?? {};
  const samples = rolling?.counts.total ?? 0;
  const perBlock = blocks > 0 ? samples / blocks : run.total;
  const runsPerBlock = Math.max(1, Math.round(perBlock / Math.max(1, run.total)));
  const missing = Math.max((least.blocks - blocks) * runsPerBlock, (least.samples - samples) / Math.max(1, run.total));
  return Math.max(1, Math.ceil(Math.max(missing, cadenceMs > 0 ? (least.spanMs - (toMs - fromMs)) / cadenceMs : 0)));
};

const learning = (standing: Standing, run: Histogram, cadenceMs: number): RegressionFinding => {
  const { state, rolling, reference, limit, spread } = standing;
  const measured = measure(reference?.p95Place ?? null, run, dispersionOf(spread, 'shift', run.total));
  const moreRuns = runsUntil(needed.active, rolling, run, cadenceMs);
  return {
    state,
    firing: false,
    ratio: measured.ratio,
    interval: measured.interval,
    n: run.total,
    runs: 0,
    score: 0,
    limit,
    moreRuns,
    reason: sayLearning(state, rolling, measured, moreRuns),
  };
};

/** The baseline over the accepted one, once it has moved by half of what would be a regression. */
const driftOf = ({ reference, acceptedP95, rule }: Standing): number | null => {
  if (acceptedP95 === undefined || !reference || reference.p95Place === null) return null;
  const drift = Math.exp(reference.p95Place * binWidth) / acceptedP95;
  return Math.max(drift, 1 / drift) > 1 + rule.maxRegression / 2 ? drift : null;
};

/** What the memory says after this run. */
export const findingOf = (
  standing: Standing,
  hot: SketchHot,
  run: Histogram,
  cadenceMs: number | undefined,
): RegressionFinding => {
  if (standing.state !== 'active') return learning(standing, run, cadenceMs ?? 0);
  const lead = leadOf(standing, hot);
  const common = { state: standing.state, ...improvementOf(standing, hot) };
  if (!lead) {
    const usual = measure(standing.reference?.p95Place ?? null, run, dispersionOf(standing.spread, 'shift', run.total));
    const { ratio, interval } = usual;
    const reason = sayAsUsual(usual, run, common.improvement, driftOf(standing));
    return {
      ...common,
      firing: false,
      ratio,
      interval,
      n: run.total,
      runs: 0,
      score: 0,
      limit: standing.limit,
      moreRuns: null,
      reason,
    };
  }
  const { trail, comparison } = lead;
  const measured = measureTrail(standing, lead);
  const firing = hot.alarm !== undefined;
  const moreRuns = firing ? null : moreRunsOf(comparison, trail);
  const known = armOf(comparison.name);
  return {
    ...common,
    ...known,
    firing,
    ratio: measured.ratio,
    interval: measured.interval,
    n: trail.pool.total,
    runs: trail.runs,
    onsetMs: trail.onsetMs,
    score: trail.score,
    limit: comparison.limit,
    moreRuns,
    reason: sayChange({ ...known, firing, moreRuns, trail }, measured),
  };
};
