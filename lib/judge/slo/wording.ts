import { formatDurationMs } from '../../config/duration.ts';
import { formatCount, formatFraction, plural } from '../../report/format.ts';
import type { Tally } from './history.ts';
import { burnOf, type SloRule } from './pair.ts';
import type { Trouble } from './trouble.ts';

/** `13 of 80 events bad`. */
export const sayCount = ({ bad, total }: Pick<Tally, 'bad' | 'total'>): string =>
  `${formatCount(bad)} of ${plural(total, 'event')} bad`;

/** `1.4 ×`, `14.4 ×`, `100 ×`. */
const sayBurn = (burn: number): string => `${burn < 99.95 ? Number(burn.toFixed(1)) : formatCount(Math.round(burn))} ×`;

const sayWindow = (length: number, tally: Tally, budget: number): string =>
  `${sayBurn(burnOf(tally, budget))} over ${formatDurationMs(length)} (${sayCount(tally)})`;

export const sayBudget = ({ windowMs }: SloRule, budgetLeft: number | null): string => {
  const window = formatDurationMs(windowMs);
  if (budgetLeft === null) return `none may be bad in ${window}`;
  if (budgetLeft >= 0) return `${formatFraction(budgetLeft)} of the error budget of ${window} is left`;
  return `the error budget of ${window} is overspent by ${formatFraction(-budgetLeft)}`;
};

/** How fast its budget goes, over which windows, and from where on that is an alarm. */
export const sayTrouble = ({ budget }: SloRule, trouble: Trouble, long: Tally, short: Tally): string => {
  const { longMs, shortMs, factor, pair, severity } = trouble;
  const windows = `the error budget burns ${sayWindow(longMs, long, budget)} and ${sayWindow(shortMs, short, budget)}`;
  if (pair === 'outage') return `runs in a row without one good event; ${windows}`;
  return `${windows}; from ${sayBurn(factor)} on it is a ${severity}`;
};

export const sayMore = (moreRuns: number | null): string =>
  moreRuns === null ? '' : `; about ${plural(moreRuns, 'more such run')} would be an alarm`;

export const sayCalmer = ({ shortMs }: Pick<Trouble, 'shortMs'>, short: Tally): string =>
  `no longer burns, ${sayCount(short)} in ${formatDurationMs(shortMs)}`;
