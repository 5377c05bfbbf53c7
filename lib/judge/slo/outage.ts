import { type BurnSeverity, isRare, leastBudget, type SloRule } from './pair.ts';

/** Runs in a row, up to now, of which all events were bad. */
export type Streak = {
  readonly runs: number;
  readonly events: number;
  /** Of the first and of the last two of them. */
  readonly sinceMs: number;
  readonly gapMs: number;
};

const monthMs = 30 * 86_400_000;
const oftenMs = 300_000;

/** False pages in 30 days that a service just within its budget may cause by such a streak. */
const falsePages = 0.005;

const runsNeeded = (cadenceMs: number | undefined): number => (cadenceMs !== undefined && cadenceMs <= oftenMs ? 3 : 2);

export const extendStreak = (
  streak: Streak | undefined,
  lastMs: number | undefined,
  { atMs, bad, total }: { readonly atMs: number; readonly bad: number; readonly total: number },
): Streak | undefined => {
  if (bad < total) return undefined;
  if (!streak) return { runs: 1, events: total, sinceMs: atMs, gapMs: 0 };
  return { ...streak, runs: streak.runs + 1, events: streak.events + total, gapMs: atMs - (lastMs ?? atMs) };
};

/**
 * Two runs in a row without one good event are an outage; three at a cadence of five minutes or less (detection.md §9
 * asks that of single samples only: but with blips of whole runs two in a row are no rarer for having ten samples, and
 * the third is soon there). Where single events may well fail twice in a row, it takes as many as a month of looking
 * would hardly ever show: p(95) of one sample an hour has two slow ones in a row every month.
 */
export const isOutage = (
  rule: SloRule,
  cadenceMs: number | undefined,
  { runs, events }: Pick<Streak, 'runs' | 'events'>,
) => {
  const looks = monthMs / (cadenceMs ?? 3_600_000);
  const chance = Math.max(rule.budget, leastBudget) ** events;
  return runs >= runsNeeded(cadenceMs) && looks * chance < falsePages;
};

/** A rare probe wakes people only when an extra run, soon after, has confirmed the outage. */
export const outageSeverity = (cadenceMs: number | undefined, { gapMs }: Streak): BurnSeverity =>
  cadenceMs !== undefined && isRare(cadenceMs) && gapMs > cadenceMs / 2 ? 'ticket' : 'page';
