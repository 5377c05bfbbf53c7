import { formatDurationMs } from '../../config/duration.ts';
import { binomialCdf } from '../interval.ts';
import { minuteMs, type Tally } from './history.ts';

/** An objective over a rolling window. */
export type SloRule = {
  /** As reports write it: `objective 99.9%`, `p(95)<400`. */
  readonly objective: string;
  /** Share of events that may be bad, 0 to 1. */
  readonly budget: number;
  readonly windowMs: number;
  /** Time between two runs. Unknown: inferred from the last of them. */
  readonly cadenceMs?: number;
  /** Passes that a run makes. */
  readonly samples: number;
};

export type BurnSeverity = 'page' | 'ticket';

/** Two windows, of which both must burn `factor` times as fast as the budget allows. */
export type BurnPair = {
  readonly severity: BurnSeverity;
  readonly longMs: number;
  readonly shortMs: number;
  readonly factor: number;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The period that the workbook's table is written for. */
const tableMs = 30 * dayMs;

/**
 * The SRE workbook's table 5-8, and its ticket at three times the budget (detection.md §1): a page when 2 % of the budget
 * went in an hour or 5 % in six, a ticket when 10 % did in one day or in three.
 */
const workbook: readonly BurnPair[] = [
  { severity: 'page', longMs: hourMs, shortMs: 5 * minuteMs, factor: 14.4 },
  { severity: 'page', longMs: 6 * hourMs, shortMs: 30 * minuteMs, factor: 6 },
  { severity: 'ticket', longMs: dayMs, shortMs: 2 * hourMs, factor: 3 },
  { severity: 'ticket', longMs: 3 * dayMs, shortMs: 6 * hourMs, factor: 1 },
];

/** Runs that a long window holds at least (detection.md §9). */
const longRuns = 4;

/** From this cadence on a burn is a ticket: days pass between two runs, and nobody need get up for the next one. */
const rareMs = 7 * dayMs;

export const isRare = (cadenceMs: number | undefined): boolean => cadenceMs !== undefined && cadenceMs >= rareMs;

/** A budget of nothing is taken for one of a millionth, so that its burn stays a number. */
export const leastBudget = 1e-6;

/**
 * No budget burns faster than 1 / budget: a loose one would never reach the workbook's factors, and half of the most is
 * enough (detection.md §9). Of a budget of a half that would be what is allowed: it takes half as much again, or half way
 * to all.
 */
const factorOf = (factor: number, budget: number): number =>
  Math.min(factor, Math.max(0.5 / budget, Math.min(1.5, (1 + 1 / budget) / 2)));

/**
 * The pairs of an objective, the fastest first: windows scaled as its window is to 30 days, a long one stretched to four
 * runs and a short one to one; factors at most half of what can be burnt at all.
 */
export const pairsOf = ({ budget, windowMs }: SloRule, cadenceMs: number | undefined): readonly BurnPair[] => {
  const scale = windowMs / tableMs;
  const runMs = Math.max(cadenceMs ?? 0, minuteMs);
  return workbook.map(({ severity, longMs, shortMs, factor }) => ({
    severity: isRare(cadenceMs) ? 'ticket' : severity,
    longMs: Math.max(longMs * scale, longRuns * runMs),
    shortMs: Math.max(shortMs * scale, runMs),
    factor: factorOf(factor, Math.max(budget, leastBudget)),
  }));
};

/** `1h/5m`, as people write it. */
export const nameOf = ({ longMs, shortMs }: BurnPair): string =>
  `${formatDurationMs(longMs)}/${formatDurationMs(shortMs)}`;

/** The longest window that is asked for. */
export const reachOf = (rule: SloRule, pairs: readonly BurnPair[]) => ({
  longestMs: Math.max(rule.windowMs, ...pairs.map(({ longMs }) => longMs)),
});

/** Chance that a service just within its budget looks so bad or worse, at which it is believed (detection.md §9). */
const tails = { page: 1e-4, ticket: 1e-2 } as const;

/**
 * The same without its worst run. Events of one run fail together; the binomial tail takes them for independent, and one
 * bad moment in a run of 200 would be proof by itself.
 */
const tailWithoutWorst = 0.15;

/**
 * Bad runs that it takes, each by itself: two in a row, or three. Two hours with good ones between are two accidents
 * more often than one trouble.
 */
const badRunsInARow = 2;
const badRunsApart = 3;

/**
 * Whether a run spent more than its own share of the budget: a bad run, of which an alarm needs several. Twice the budget
 * (detection.md §9) would be blind to a lasting burn of one and a half times as much in runs of a thousand samples; that a
 * lone bad run is no alarm is the work of the tail without it.
 */
export const isBadRun = (bad: number, total: number, budget: number): boolean =>
  bad > Math.max(budget, leastBudget) * total;

const tailOf = (bad: number, total: number, budget: number): number => 1 - binomialCdf(bad - 1, total, budget);

/** How many times faster than its budget allows. */
export const burnOf = ({ bad, total }: Tally, budget: number): number =>
  total === 0 ? 0 : bad / total / Math.max(budget, leastBudget);

/**
 * Whether both windows burn, and no accident explains the long one.
 * @param badRow bad runs in a row, up to now.
 */
export const isBurning = (pair: BurnPair, allowed: number, long: Tally, short: Tally, badRow: number): boolean => {
  const budget = Math.max(allowed, leastBudget);
  return (
    long.badRuns >= (badRow >= badRunsInARow ? badRunsInARow : badRunsApart) &&
    burnOf(long, budget) > pair.factor &&
    burnOf(short, budget) > pair.factor &&
    tailOf(long.bad - long.worst, long.total, budget) < tailWithoutWorst &&
    tailOf(long.bad, long.total, budget) < tails[pair.severity]
  );
};
