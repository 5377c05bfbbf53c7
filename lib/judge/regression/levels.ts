import type { SketchBase } from './memory.ts';
import { learnSeason, seasonLog } from './season.ts';

const hourMs = 3_600_000;

/** Four weeks of hours: what a profile of the week is learnt from. */
const mostHours = 28 * 24;

/** A profile is learnt anew this often. */
const learnEveryHours = 24;

/** Rarer runs than this have no hours to tell apart. */
const rarestMs = 6 * hourMs;

/** Medians of past hours, in thousandths of a natural log; `null`: no block began in that hour. */
export type Levels = {
  readonly fromHour: number;
  readonly logs: readonly (number | null)[];
  readonly learntHour: number;
  /** When a profile last proved itself. */
  readonly provenHour?: number;
};

/** ln of what the time of day and week does to latencies, 0 until a profile has proved itself. */
export const seasonAt = (base: SketchBase, atMs: number, cadenceMs: number | undefined): number =>
  base.season && cadenceMs !== undefined ? seasonLog(base.season, atMs, Math.max(cadenceMs, 1)) : 0;

const noted = (levels: Levels | undefined, hour: number, log: number): Levels => {
  const thousandths = Math.round(log * 1000);
  if (!levels || hour - levels.fromHour >= 2 * mostHours) {
    return { fromHour: hour, logs: [thousandths], learntHour: levels?.learntHour ?? hour };
  }
  const index = hour - levels.fromHour;
  // The first block of an hour stands for it.
  if (index < levels.logs.length) return levels;
  const logs = [...levels.logs, ...new Array<null>(index - levels.logs.length).fill(null), thousandths];
  const surplus = Math.max(0, logs.length - mostHours);
  return { ...levels, fromHour: levels.fromHour + surplus, logs: logs.slice(surplus) };
};

/** One bad week is no end of a season: a profile that did prove itself is kept until four weeks have not. */
const relearnt = (base: SketchBase, levels: Levels, hour: number, cadenceMs: number): SketchBase => {
  const points = levels.logs.flatMap((log, index) =>
    log === null ? [] : [{ atMs: (levels.fromHour + index) * hourMs, log: log / 1000 }],
  );
  const season = learnSeason(points, cadenceMs);
  if (season) return { ...base, season, levels: { ...levels, learntHour: hour, provenHour: hour } };
  const kept = { ...base, levels: { ...levels, learntHour: hour } };
  if (hour - (levels.provenHour ?? hour) < mostHours) return kept;
  const { season: _, ...without } = kept;
  return without;
};

/**
 * Remembers the level of a healthy block, and learns the season from the last four weeks once a day.
 *
 * @param log ln of its median in ms, with its season.
 */
export const noteLevel = (
  base: SketchBase,
  atMs: number,
  log: number | null,
  cadenceMs: number | undefined,
): SketchBase => {
  if (log === null || base.pinned || cadenceMs === undefined || cadenceMs > rarestMs) return base;
  const hour = Math.floor(atMs / hourMs);
  const levels = noted(base.levels, hour, log);
  if (levels === base.levels) return base;
  return hour - levels.learntHour < learnEveryHours ? { ...base, levels } : relearnt(base, levels, hour, cadenceMs);
};
