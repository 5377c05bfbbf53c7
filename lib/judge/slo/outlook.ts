import type { Tally } from './history.ts';
import { isOutage } from './outage.ts';
import { type BurnPair, type BurnSeverity, isBadRun, isBurning, type SloRule } from './pair.ts';

/** Runs to come that are all alike. */
export type Outlook = {
  readonly rule: SloRule;
  readonly pairs: readonly BurnPair[];
  readonly cadenceMs: number;
  /** Events of a run, and those of them that are bad on average. */
  readonly events: number;
  readonly badEvents: number;
  /** Runs in a row, up to now, without one good event. */
  readonly streak: { readonly runs: number; readonly events: number };
  /** Bad runs in a row, up to now. */
  readonly badRow: number;
  /** What a window of such a length that ends in so many ms holds of the runs up to now. */
  readonly past: (lengthMs: number, inMs: number) => Tally;
};

/** Looking further ahead tells nobody anything. */
const mostRuns = 100_000;

/** Streaks are that short where they fire at all. */
const streakRuns = 32;

const windowAt = (outlook: Outlook, lengthMs: number, runs: number): Tally => {
  const { past, cadenceMs, events, badEvents, rule } = outlook;
  const old = past(lengthMs, runs * cadenceMs);
  const coming = Math.min(runs, Math.max(1, Math.floor(lengthMs / cadenceMs)));
  const bad = Math.floor(coming * badEvents + 1e-9);
  const perBadRun = Math.max(1, Math.ceil(badEvents - 1e-9));
  const badRuns = isBadRun(perBadRun, events, rule.budget) ? Math.min(coming, bad) : 0;
  return {
    total: old.total + coming * events,
    bad: old.bad + bad,
    badRuns: old.badRuns + badRuns,
    worst: Math.max(old.worst, Math.min(bad, perBadRun)),
  };
};

const firesAfter = (outlook: Outlook, runs: number, severities: readonly BurnSeverity[]): boolean => {
  const { rule, pairs, cadenceMs, events, badEvents, streak } = outlook;
  const badRow = badEvents >= 1 ? outlook.badRow + runs : 1;
  const longer = { runs: streak.runs + runs, events: streak.events + runs * events };
  if (badEvents >= events && isOutage(rule, cadenceMs, longer)) return true;
  return pairs.some(
    (pair) =>
      severities.includes(pair.severity) &&
      isBurning(pair, rule.budget, windowAt(outlook, pair.longMs, runs), windowAt(outlook, pair.shortMs, runs), badRow),
  );
};

/**
 * About how many such runs until it fires, at one of these severities; `null`: they never do. Bad events come evenly spread,
 * as they do on average.
 */
export const runsToFire = (
  outlook: Outlook,
  severities: readonly BurnSeverity[] = ['page', 'ticket'],
): number | null => {
  const longestMs = Math.max(...outlook.pairs.map(({ longMs }) => longMs));
  // Once they fill every window, more of the same change nothing but a streak.
  const most = Math.min(mostRuns, Math.ceil(longestMs / outlook.cadenceMs) + streakRuns);
  let high = 1;
  while (!firesAfter(outlook, high, severities)) {
    if (high >= most) return null;
    high = Math.min(most, high * 2);
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (firesAfter(outlook, middle, severities)) high = middle;
    else low = middle;
  }
  return high;
};
