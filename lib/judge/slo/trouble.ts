import { binomialCdf } from '../interval.ts';
import { type History, minuteMs, type Tally, tallyOf } from './history.ts';
import { type BurnSeverity, burnOf, leastBudget } from './pair.ts';

/** An alarm of an objective, until it is over. */
export type Trouble = {
  readonly severity: BurnSeverity;
  /** `1h/5m`, or `outage`. */
  readonly pair: string;
  readonly longMs: number;
  readonly shortMs: number;
  readonly factor: number;
  /** Of the first of the runs that brought it. */
  readonly sinceMs: number;
  /** Events from then to the last troubled run, and those of them that were bad. */
  readonly total: number;
  readonly bad: number;
  /** The same of the runs after the last troubled one. */
  readonly calmTotal: number;
  readonly calmBad: number;
};

/** Chance of so good a stretch while the trouble goes on, at which it is believed to be over. */
const calmChance = 0.01;

/** Own share of bad events, in budgets, beyond which a run is part of the trouble and not of a calm. */
const troubledShare = 2;

export const isTroubled = (bad: number, total: number, budget: number): boolean =>
  bad > Math.min(troubledShare * Math.max(budget, leastBudget), (1 + budget) / 2) * total;

/** Counts a run; a troubled one takes what seemed to be a calm into the trouble. */
export const extendTrouble = (
  trouble: Trouble,
  { bad, total }: { readonly bad: number; readonly total: number },
  troubled: boolean,
): Trouble => {
  const calmTotal = trouble.calmTotal + total;
  const calmBad = trouble.calmBad + bad;
  if (!troubled) return { ...trouble, calmTotal, calmBad };
  return { ...trouble, total: trouble.total + calmTotal, bad: trouble.bad + calmBad, calmTotal: 0, calmBad: 0 };
};

/** Burn from which on the short window is not calm: half of what fired, and never less than the budget allows. */
export const calmBurn = ({ factor }: Pick<Trouble, 'factor'>): number => Math.max(1, factor / 2);

const isCalm = ({ total, bad, calmTotal, calmBad }: Trouble): boolean =>
  calmTotal > 0 && binomialCdf(calmBad, calmTotal, bad / total) < calmChance;

/**
 * Whether a good run ends it: its short window burns less than half as fast as what fired, and so good a stretch since the
 * last troubled run would be rare (1 %) had nothing changed. After a total outage that is one good run; when one event in
 * five failed it takes 21 good ones, for less would end and begin the alarm again every hour.
 */
export const isOver = (trouble: Trouble, short: Tally, budget: number): boolean =>
  burnOf(short, budget) < calmBurn(trouble) && isCalm(trouble);

/** Good runs until the stretch since the last troubled one is long enough. */
const runsToCalm = ({ total, bad, calmTotal }: Trouble, samples: number): number => {
  const events = bad >= total ? 1 : Math.ceil(Math.log(calmChance) / Math.log1p(-bad / total));
  return Math.ceil((events - calmTotal) / samples);
};

/** Good runs until the short window burns slowly enough: what is in it leaves it in time. */
const runsToCool = (
  { shortMs, factor }: Trouble,
  history: History,
  run: { readonly samples: number; readonly cadenceMs: number },
  budget: number,
): number => {
  const nowMs = history.lastMin * minuteMs;
  const limit = calmBurn({ factor }) * Math.max(budget, leastBudget);
  const most = Math.ceil(shortMs / run.cadenceMs);
  const cooled = (runs: number): boolean => {
    const old = tallyOf(history, nowMs + runs * run.cadenceMs, shortMs);
    return old.bad < limit * (old.total + runs * run.samples);
  };
  let [low, high] = [0, most];
  // The more good runs, the lower the share: the least number is found by halving.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (cooled(middle)) high = middle;
    else low = middle;
  }
  return high;
};

/** About so many good runs end it. */
export const runsToEnd = (
  trouble: Trouble,
  history: History,
  run: { readonly samples: number; readonly cadenceMs: number },
  budget: number,
): number => Math.max(1, runsToCalm(trouble, run.samples), runsToCool(trouble, history, run, budget));
