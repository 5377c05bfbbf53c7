import { addRun, expire, type History, minuteOf } from './history.ts';
import { extendStreak, type Streak } from './outage.ts';
import { type BurnPair, isBadRun, pairsOf, reachOf, type SloRule } from './pair.ts';
import { type Suspicion, suspect } from './suspicion.ts';
import type { Trouble } from './trouble.ts';

/** Events of one run against an objective. */
export type SloCount = { readonly atMs: number; readonly bad: number; readonly total: number };

/** What is remembered of an objective: plain JSON, about 2 kB, and less than 4 kB up to a thousand samples a run. */
export type SloMemory = {
  /** First and last run, epoch ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Events of the last run. */
  readonly events: number;
  readonly history: History;
  /** Runs in a row, up to now, without one good event. */
  readonly streak?: Streak;
  /** Bad runs in a row, up to now. */
  readonly badRow?: number;
  /** While the last runs look like trouble. */
  readonly suspicion?: Suspicion;
  /** While it fires. */
  readonly trouble?: Trouble;
  /** Minute of the last recovery: the windows of a new alarm begin after it. */
  readonly recoveredMin?: number;
  /** Between the last runs, where no schedule says. */
  readonly gapsMs?: readonly number[];
};

/** The rule at one time. */
export type Scene = {
  readonly rule: SloRule;
  /** `undefined`: not known yet. */
  readonly cadenceMs: number | undefined;
  readonly pairs: readonly BurnPair[];
  readonly nowMs: number;
};

/** Gaps that an unknown cadence is the median of. */
const gapsKept = 5;

export const sceneOf = (rule: SloRule, gapsMs: readonly number[] = [], nowMs: number): Scene => {
  const cadenceMs = rule.cadenceMs ?? gapsMs.toSorted((a, b) => a - b)[Math.floor(gapsMs.length / 2)];
  return { rule, cadenceMs, pairs: pairsOf(rule, cadenceMs), nowMs };
};

export const gapsWith = (before: SloMemory | undefined, atMs: number): readonly number[] =>
  before ? [...(before.gapsMs ?? []), atMs - before.lastMs].slice(-gapsKept) : [];

/** Before its first run. */
export const emptyMemory = (atMs: number, events: number): SloMemory => {
  const minute = minuteOf(atMs);
  return { firstMs: atMs, lastMs: atMs, events, history: { firstMin: minute, lastMin: minute, cells: [] } };
};

/** Without what is too old for every window; without anything else, too, when that is all. */
export const forget = (memory: SloMemory, { rule, pairs, nowMs }: Scene): SloMemory => {
  const history = expire(memory.history, nowMs, reachOf(rule, pairs));
  if (history === memory.history) return memory;
  if (history.cells.length > 0) return { ...memory, history };
  const { firstMs, lastMs, events, gapsMs } = memory;
  return { firstMs, lastMs, events, history, ...(gapsMs ? { gapsMs } : {}) };
};

/** With one more run, which nothing has been made of yet. */
export const count = (
  before: SloMemory | undefined,
  run: SloCount,
  scene: Scene,
  gapsMs: readonly number[],
): SloMemory => {
  const { rule, pairs } = scene;
  const known: Partial<SloMemory> = before ? forget(before, scene) : {};
  const { streak: row, badRow = 0, suspicion: suspected, trouble, recoveredMin } = known;
  const streak = extendStreak(row, before?.lastMs, run);
  const suspicion = suspect(suspected, run, rule.budget);
  const isBad = isBadRun(run.bad, run.total, rule.budget);
  return {
    firstMs: before?.firstMs ?? run.atMs,
    lastMs: run.atMs,
    events: run.total,
    history: addRun(known.history, { ...run, isBad }, reachOf(rule, pairs)),
    ...(streak ? { streak } : {}),
    ...(isBad ? { badRow: badRow + 1 } : {}),
    ...(suspicion ? { suspicion } : {}),
    ...(trouble ? { trouble } : {}),
    ...(recoveredMin === undefined ? {} : { recoveredMin }),
    ...(rule.cadenceMs === undefined ? { gapsMs } : {}),
  };
};
