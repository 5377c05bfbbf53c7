import type { TraceBucket } from '../../judge/backtest/trace.ts';
import { weekOf } from '../../judge/backtest/week.ts';
import type { Episode } from '../../judge/backtest.ts';

/** One stretch of a history on one line of a terminal. */
export type StripRow = {
  readonly label: string;
  readonly cells: readonly StripCell[];
  readonly pages: number;
  readonly tickets: number;
};

export type StripCell = {
  /** Mean of its points, from 0 to 1; `null`: none. */
  readonly level: number | null;
  /** What begins in it. */
  readonly begins: Episode['severity'] | null;
  /** What is open in it, the loudest. */
  readonly open: Episode['severity'] | null;
};

/** `lowest` and `highest`: what the levels 0 and 1 stand for. */
export type Strip = { readonly rows: readonly StripRow[]; readonly lowest: number; readonly highest: number };

type Period = { readonly fromMs: number; readonly toMs: number; readonly label: string };

const dayMs = 86_400_000;

/** How to count time: where a period begins, where the next does, and what it is called. */
type Unit = {
  readonly start: (atMs: number) => number;
  readonly next: (startMs: number) => number;
  readonly label: (startMs: number) => string;
};

const fixed = (lengthMs: number, label: Unit['label'], offsetMs = 0): Unit => ({
  start: (atMs) => Math.floor((atMs - offsetMs) / lengthMs) * lengthMs + offsetMs,
  next: (startMs) => startMs + lengthMs,
  label,
});

const isoOf = (atMs: number): string => new Date(atMs).toISOString();

const months = (count: number, label: Unit['label']): Unit => {
  const at = (atMs: number, more: number) => {
    const date = new Date(atMs);
    return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / count) * count + more, 1);
  };
  return { start: (atMs) => at(atMs, 0), next: (startMs) => at(startMs, count), label };
};

const units: readonly Unit[] = [
  fixed(3_600_000, (atMs) => isoOf(atMs).slice(5, 16).replace('T', ' ')),
  fixed(dayMs, (atMs) => isoOf(atMs).slice(0, 10)),
  // Mondays: 1970-01-05 was the first.
  fixed(7 * dayMs, weekOf, 4 * dayMs),
  months(1, (atMs) => isoOf(atMs).slice(0, 7)),
  months(12, (atMs) => isoOf(atMs).slice(0, 4)),
];

/** About a screen of lines. */
const mostRows = 14;

const periodsOf = (unit: Unit, fromMs: number, toMs: number): readonly Period[] => {
  const periods: Period[] = [];
  for (let at = unit.start(fromMs); at <= toMs && periods.length <= 200; at = unit.next(at)) {
    periods.push({ fromMs: at, toMs: unit.next(at), label: unit.label(at) });
  }
  return periods;
};

const choosePeriods = (fromMs: number, toMs: number): readonly Period[] => {
  const all = units.map((unit) => periodsOf(unit, fromMs, toMs));
  return all.find((periods) => periods.length <= mostRows) ?? all.at(-1) ?? [];
};

type Means = readonly (number | null)[];

const meansOf = ({ fromMs, toMs }: Period, width: number, trace: readonly TraceBucket[]): Means => {
  const sums = Array.from({ length: width }, () => ({ sum: 0, count: 0 }));
  for (const { atMs, sum, count } of trace) {
    if (atMs < fromMs || atMs >= toMs) continue;
    const cell = sums[Math.floor(((atMs - fromMs) / (toMs - fromMs)) * width)];
    if (!cell) continue;
    cell.sum += sum;
    cell.count += count;
  }
  return sums.map(({ sum, count }) => (count === 0 ? null : sum / count));
};

const loudest = (episodes: readonly Episode[]): Episode['severity'] | null =>
  episodes.some(({ severity }) => severity === 'page') ? 'page' : episodes.length > 0 ? 'ticket' : null;

const cellAt = (
  { fromMs, toMs }: Period,
  index: number,
  width: number,
  level: number | null,
  episodes: readonly Episode[],
): StripCell => {
  const start = fromMs + ((toMs - fromMs) * index) / width;
  const end = fromMs + ((toMs - fromMs) * (index + 1)) / width;
  const open = episodes.filter(({ atMs, untilMs }) => atMs < end && (untilMs ?? Number.POSITIVE_INFINITY) > start);
  return { level, begins: loudest(open.filter(({ atMs }) => atMs >= start)), open: loudest(open) };
};

const usualGap = (trace: readonly TraceBucket[]): number => {
  const gaps = trace.slice(1).map(({ atMs }, index) => atMs - (trace[index]?.atMs ?? atMs));
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 1;
};

/** No more cells than there are points for, or every second one would be empty. */
const cellsFor = ([period]: readonly Period[], trace: readonly TraceBucket[], most: number): number =>
  period ? Math.max(1, Math.min(most, Math.floor((period.toMs - period.fromMs) / usualGap(trace)))) : 1;

/** The least that a strip spans from its lowest bar to its highest, as a share of the latter. */
const leastSpan = 0.2;

/** A history as lines of at most `mostCells` cells, a line a period: hours, days, weeks, months or years, whichever fit a screen. */
export const stripOf = (
  trace: readonly TraceBucket[],
  episodes: readonly Episode[],
  fromMs: number,
  toMs: number,
  mostCells: number,
): Strip => {
  const periods = choosePeriods(fromMs, toMs);
  const width = cellsFor(periods, trace, mostCells);
  const rows = periods.map((period) => ({ period, means: meansOf(period, width, trace) }));
  const known = rows.flatMap(({ means }) => means.filter((mean) => mean !== null));
  const lowest = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  // What hardly moves shall not look like mountains.
  const highest = Math.max(most, lowest + leastSpan * most);
  const levelOf = (mean: number | null) =>
    mean === null ? null : highest > lowest ? (mean - lowest) / (highest - lowest) : 0;
  return {
    lowest,
    highest,
    rows: rows.map(({ period, means }) => {
      const begun = episodes.filter(({ atMs }) => atMs >= period.fromMs && atMs < period.toMs);
      const near = episodes.filter(
        ({ atMs, untilMs }) => atMs < period.toMs && (untilMs ?? Number.POSITIVE_INFINITY) > period.fromMs,
      );
      return {
        label: period.label,
        cells: means.map((mean, index) => {
          const ended = period.fromMs + ((period.toMs - period.fromMs) * index) / width > toMs;
          return cellAt(period, index, width, levelOf(mean), ended ? [] : near);
        }),
        pages: begun.filter(({ severity }) => severity === 'page').length,
        tickets: begun.filter(({ severity }) => severity === 'ticket').length,
      };
    }),
  };
};
