import { minuteMs, type Tally, tallyOf } from './history.ts';
import { type Turn, windowOf } from './judgment.ts';
import type { Scene, SloCount, SloMemory } from './memory.ts';
import { runsToFire } from './outlook.ts';
import { type BurnSeverity, burnOf } from './pair.ts';
import { runsToEnd, type Trouble } from './trouble.ts';
import { sayBudget, sayCalmer, sayCount, sayMore, sayTrouble } from './wording.ts';

/** How an objective stands after a run. */
export type SloFinding = {
  readonly firing: null | {
    readonly severity: BurnSeverity;
    /** `1h/5m`, or `outage`: runs in a row without one good event. */
    readonly pair: string;
    readonly longMs: number;
    readonly shortMs: number;
    /** Burn at which it fires: times as fast as the budget allows. */
    readonly factor: number;
    /** Burn over the long window as it is now. */
    readonly burn: number;
    /** Start of the bad runs that brought it, epoch ms. */
    readonly sinceMs: number;
  };
  /** Share of the window's error budget that is left; below 0 it is overspent. `null`: the budget is none. */
  readonly budgetLeft: number | null;
  /** In the window. */
  readonly bad: number;
  readonly total: number;
  /** About so many more runs settle it: such bad ones until it fires, good ones until it recovers. `null`: nothing is open. */
  readonly moreRuns: number | null;
  /** Plain words with the figures. */
  readonly reason: string;
};

/**
 * The error budget is a share of all events of the window. Of a window that has not been lived through yet, the events
 * to come count as well: one bad event of the first day is not the budget of a month.
 */
const budgetLeftOf = ({ rule, cadenceMs, nowMs }: Scene, memory: SloMemory, { bad, total }: Tally): number | null => {
  if (rule.budget <= 0) return null;
  const livedMs = nowMs - memory.firstMs + (cadenceMs ?? 0);
  const ahead = cadenceMs === undefined ? 0 : Math.max(0, rule.windowMs - livedMs) / cadenceMs;
  const events = total + ahead * memory.events;
  return events === 0 ? 1 : 1 - bad / (rule.budget * events);
};

const runsToAlarm = ({ rule, pairs, cadenceMs, nowMs }: Scene, memory: SloMemory, run: SloCount): number | null => {
  if (cadenceMs === undefined) return null;
  return runsToFire({
    rule,
    pairs,
    cadenceMs,
    events: run.total,
    badEvents: run.bad,
    streak: memory.streak ?? { runs: 0, events: 0 },
    badRow: memory.badRow ?? 0,
    past: (lengthMs, inMs) => tallyOf(memory.history, nowMs + inMs, lengthMs, memory.recoveredMin),
  });
};

type Said = Pick<SloFinding, 'firing' | 'moreRuns'> & { readonly words: string };

const sayFiring = (scene: Scene, memory: SloMemory, trouble: Trouble): Said => {
  const { rule, cadenceMs } = scene;
  const { severity, pair, longMs, shortMs, factor, sinceMs } = trouble;
  const [long, short] = [windowOf(scene, memory, longMs), windowOf(scene, memory, shortMs)];
  const burn = burnOf(long, rule.budget);
  const pace = { samples: memory.events, cadenceMs: cadenceMs ?? minuteMs };
  return {
    firing: { severity, pair, longMs, shortMs, factor, burn, sinceMs },
    moreRuns: runsToEnd(trouble, memory.history, pace, rule.budget),
    words: sayTrouble(rule, trouble, long, short),
  };
};

const sayQuiet = (scene: Scene, { memory, recoveredFrom }: Turn, spent: Tally, badRun: SloCount | undefined): Said => {
  if (recoveredFrom) {
    const short = tallyOf(memory.history, scene.nowMs, recoveredFrom.shortMs);
    return { firing: null, moreRuns: null, words: sayCalmer(recoveredFrom, short) };
  }
  if (!badRun) return { firing: null, moreRuns: null, words: sayCount(spent) };
  const moreRuns = runsToAlarm(scene, memory, badRun);
  return { firing: null, moreRuns, words: `${sayCount(badRun)} in this run${sayMore(moreRuns)}` };
};

/** @param badRun the run that it is about, where that was bad by itself. */
export const report = (scene: Scene, turn: Turn, badRun?: SloCount): SloFinding => {
  const { memory } = turn;
  const { rule, nowMs } = scene;
  const spent = tallyOf(memory.history, nowMs, rule.windowMs);
  const budgetLeft = budgetLeftOf(scene, memory, spent);
  const { words, ...said } = memory.trouble
    ? sayFiring(scene, memory, memory.trouble)
    : sayQuiet(scene, turn, spent, badRun);
  const reason = `${rule.objective}: ${words}; ${sayBudget(rule, budgetLeft)}`;
  return { ...said, budgetLeft, bad: spent.bad, total: spent.total, reason };
};
