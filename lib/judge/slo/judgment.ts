import { minuteOf, type Tally, tallyOf } from './history.ts';
import type { Scene, SloCount, SloMemory } from './memory.ts';
import { isOutage, outageSeverity } from './outage.ts';
import { type BurnPair, isBurning, nameOf } from './pair.ts';
import { extendTrouble, isOver, isTroubled, type Trouble } from './trouble.ts';

/** A window that ends now and begins after the last recovery. */
export const windowOf = ({ nowMs }: Scene, { history, recoveredMin }: SloMemory, lengthMs: number): Tally =>
  tallyOf(history, nowMs, lengthMs, recoveredMin);

const calm = { calmTotal: 0, calmBad: 0 } as const;

const findOutage = ({ rule, cadenceMs, pairs }: Scene, { streak }: SloMemory): Trouble | undefined => {
  const [fastest] = pairs;
  if (!streak || !fastest || !isOutage(rule, cadenceMs, streak)) return undefined;
  const { sinceMs, events } = streak;
  const severity = outageSeverity(cadenceMs, streak);
  return { ...fastest, severity, pair: 'outage', sinceMs, total: events, bad: events, ...calm };
};

const isPairBurning = (scene: Scene, memory: SloMemory, pair: BurnPair): boolean => {
  const [long, short] = [windowOf(scene, memory, pair.longMs), windowOf(scene, memory, pair.shortMs)];
  return isBurning(pair, scene.rule.budget, long, short, memory.badRow ?? 0);
};

const findBurn = (scene: Scene, memory: SloMemory): Trouble | undefined => {
  const pair = scene.pairs.find((one) => isPairBurning(scene, memory, one));
  if (!pair) return undefined;
  // A slow burn is no suspicion at any one time: its own short window dates it.
  const { total, bad, sinceMs } = memory.suspicion ?? {
    ...windowOf(scene, memory, pair.shortMs),
    sinceMs: scene.nowMs - pair.shortMs,
  };
  const { severity, longMs, shortMs, factor } = pair;
  return { severity, longMs, shortMs, factor, pair: nameOf(pair), sinceMs, total, bad, ...calm };
};

const isLouder = (one: Trouble, other: Trouble | undefined): boolean =>
  other === undefined || (one.severity === 'page' && other.severity === 'ticket');

/** The loudest that the last run fires; of two as loud the outage, for it says more. */
const findTrouble = (scene: Scene, memory: SloMemory): Trouble | undefined => {
  const outage = findOutage(scene, memory);
  if (outage?.severity === 'page') return outage;
  const burn = findBurn(scene, memory);
  return outage && !(burn && isLouder(burn, outage)) ? outage : burn;
};

/** What became of a run. */
export type Turn = {
  readonly memory: SloMemory;
  /** It ended this. */
  readonly recoveredFrom?: Trouble;
};

/** From a memory that holds the run to whether it fires. Good news never fires, and only a good run recovers. */
export const judge = (scene: Scene, memory: SloMemory, run: SloCount): Turn => {
  const troubled = isTroubled(run.bad, run.total, scene.rule.budget);
  const { trouble: before, ...rest } = memory;
  const open = before && extendTrouble(before, run, troubled);
  const found = run.bad > 0 ? findTrouble(scene, memory) : undefined;
  if (found && isLouder(found, open)) {
    // Grown worse it is still the same trouble.
    const { sinceMs, total, bad, calmTotal, calmBad } = open ?? found;
    return { memory: { ...rest, trouble: { ...found, sinceMs, total, bad, calmTotal, calmBad } } };
  }
  if (!open) return { memory };
  if (!troubled && isOver(open, windowOf(scene, memory, open.shortMs), scene.rule.budget)) {
    const { suspicion: _, ...recovered } = rest;
    return { memory: { ...recovered, recoveredMin: minuteOf(run.atMs) }, recoveredFrom: open };
  }
  return { memory: { ...rest, trouble: open } };
};
