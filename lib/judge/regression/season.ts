import { middle, selectMiddle } from './middle.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const hoursOfWeek = 168;

/**
 * What a series usually does in each hour of the week (UTC): 168 natural logs of a factor on its level, Sunday 00:00
 * first. Plain JSON; about 1 kB.
 */
export type Season = { readonly logFactors: readonly number[] };

/** A value that stands for one hour, or for a longer stretch that began in it; `log` is the natural log of it. */
export type SeasonPoint = { readonly atMs: number; readonly log: number };

/** From how many days of history an hour of the day is told apart; a weekend; each day of the week by itself. */
const enoughDays = { hour: 3, weekend: 10, weekday: 20 } as const;

/** Observations that the coarser guess weighs as much as: hour against none, weekend against hour, weekday against both. */
const shrinkage = { hour: 1.5, weekend: 2, weekday: 4 } as const;

/** A week is detrended by its own median once it has this many points. */
const pointsOfWeek = 72;

/** 0 is Sunday 00:00 UTC. */
const hourOfWeek = (atMs: number): number => {
  const hour = Math.floor(atMs / hourMs);
  // 1970-01-01 was a Thursday.
  return (((hour + 4 * 24) % hoursOfWeek) + hoursOfWeek) % hoursOfWeek;
};

const isWeekend = (hour: number): boolean => hour < 24 || hour >= 6 * 24;

/** Logs without the level of their week, so that a shift of the level is not taken for a season. */
const detrend = (points: readonly SeasonPoint[], lastMs: number): Float64Array => {
  const logs = new Float64Array(points.length);
  for (let index = 0; index < logs.length; index++) logs[index] = points[index]?.log ?? 0;
  let all: number | undefined;
  const weekOf = (index: number) => Math.floor((lastMs - (points[index]?.atMs ?? 0)) / (7 * dayMs));
  let to = points.length;
  while (to > 0) {
    const week = weekOf(to - 1);
    let from = to - 1;
    while (from > 0 && weekOf(from - 1) === week) from--;
    const few = to - from < pointsOfWeek;
    if (few) all ??= middle(points.map((point) => point.log));
    const level = few ? (all ?? 0) : selectMiddle(logs.slice(from, to), 0, to - from);
    for (let index = from; index < to; index++) logs[index] = (logs[index] ?? 0) - level;
    to = from;
  }
  return logs;
};

type Cells = { readonly medians: Float64Array; readonly counts: Uint32Array };

/** Medians by cell. `cells` says for each hour of the week which of the `size` cells is its. */
const collect = (logs: Float64Array, hours: Uint8Array, cells: Uint8Array, size: number): Cells => {
  const counts = new Uint32Array(size);
  for (let index = 0; index < hours.length; index++) {
    const cell = cells[hours[index] ?? 0] ?? 0;
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const next = new Uint32Array(size);
  for (let cell = 1; cell < size; cell++) next[cell] = (next[cell - 1] ?? 0) + (counts[cell - 1] ?? 0);
  const sorted = new Float64Array(logs.length);
  for (let index = 0; index < logs.length; index++) {
    const cell = cells[hours[index] ?? 0] ?? 0;
    const place = next[cell] ?? 0;
    sorted[place] = logs[index] ?? 0;
    next[cell] = place + 1;
  }
  const medians = new Float64Array(size);
  for (let cell = 0; cell < size; cell++) {
    const to = next[cell] ?? 0;
    medians[cell] = selectMiddle(sorted, to - (counts[cell] ?? 0), to);
  }
  return { medians, counts };
};

/** The median of a cell, shrunk towards a coarser guess. */
const shrink = ({ medians, counts }: Cells, cell: number, coarser: number, weight: number): number => {
  const count = counts[cell] ?? 0;
  return (count * (medians[cell] ?? 0) + weight * coarser) / (count + weight);
};

/** For each hour of the week: the hour of its day, the same apart at weekends, and itself. */
const hoursTo = (cellOf: (hour: number) => number): Uint8Array => {
  const cells = new Uint8Array(hoursOfWeek);
  for (let hour = 0; hour < hoursOfWeek; hour++) cells[hour] = cellOf(hour);
  return cells;
};
const cellsOf = {
  hour: hoursTo((hour) => hour % 24),
  weekend: hoursTo((hour) => (hour % 24) + (isWeekend(hour) ? 24 : 0)),
  weekday: hoursTo((hour) => hour),
} as const;

/**
 * Learns a profile: medians by hour of the day, split by weekend and then by weekday as the history grows, each shrunk
 * towards the coarser one and the coarsest towards 1. `undefined` with less than three days of history. Whether it is any
 * good is for the caller to find out, on data that it was not learnt from: see {@link learnSeason}.
 *
 * @param points oldest first
 */
export const fitSeason = (points: readonly SeasonPoint[]): Season | undefined => {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return undefined;
  const days = (last.atMs - first.atMs) / dayMs;
  if (days < enoughDays.hour) return undefined;
  const level = detrend(points, last.atMs);
  const hours = new Uint8Array(points.length);
  for (let index = 0; index < hours.length; index++) hours[index] = hourOfWeek(points[index]?.atMs ?? 0);
  const byHour = collect(level, hours, cellsOf.hour, 24);
  const byWeekend = collect(level, hours, cellsOf.weekend, 48);
  const byWeekday = collect(level, hours, cellsOf.weekday, hoursOfWeek);
  const logFactors: number[] = [];
  for (let hour = 0; hour < hoursOfWeek; hour++) {
    const daily = shrink(byHour, cellsOf.hour[hour] ?? 0, 0, shrinkage.hour);
    const split =
      days < enoughDays.weekend ? daily : shrink(byWeekend, cellsOf.weekend[hour] ?? 0, daily, shrinkage.weekend);
    const weekly = days < enoughDays.weekday ? split : shrink(byWeekday, hour, split, shrinkage.weekday);
    logFactors.push(Math.round(weekly * 1000) / 1000);
  }
  return { logFactors };
};

/**
 * Natural log of the factor at an instant. With `cadenceMs` of an hour or more the hour's own; below, a line between the
 * middles of two hours, so that a value every minute meets no step on the hour.
 */
export const seasonLog = ({ logFactors }: Season, atMs: number, cadenceMs: number): number => {
  const hour = hourOfWeek(atMs);
  if (cadenceMs >= hourMs) return logFactors[hour] ?? 0;
  const past = atMs / hourMs - Math.floor(atMs / hourMs) - 0.5;
  const near = (hour + (past < 0 ? hoursOfWeek - 1 : 1)) % hoursOfWeek;
  const share = Math.abs(past);
  return (1 - share) * (logFactors[hour] ?? 0) + share * (logFactors[near] ?? 0);
};

/** What to multiply the usual level by at an instant; 1 without a season. */
export const seasonFactor = (season: Season | undefined, atMs: number, cadenceMs: number): number =>
  season ? Math.exp(seasonLog(season, atMs, cadenceMs)) : 1;

/** Days that a profile must be learnt from before {@link learnSeason} tries it, and days that it is then tried on. */
const trial = { learntDays: 14, triedDays: 7 } as const;

/** Share of the spread that a profile must take away from days that it has not seen. */
const worthwhile = 0.2;

const spreadAround = (points: readonly SeasonPoint[], expected: (atMs: number) => number): number => {
  const rest = points.map(({ atMs, log }) => log - expected(atMs));
  const centre = middle(rest);
  return middle(rest.map((one) => Math.abs(one - centre)));
};

/**
 * A profile that proved itself, or `undefined`: learnt from all but the last 7 days, it must take at least a fifth off the
 * median absolute deviation of those 7. So an aseasonal series is left alone. Needs 21 days.
 *
 * @param points oldest first, one an hour or fewer: the log of a block's median, or of its p95.
 */
export const learnSeason = (points: readonly SeasonPoint[], cadenceMs = hourMs): Season | undefined => {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || last.atMs - first.atMs < (trial.learntDays + trial.triedDays) * dayMs) return undefined;
  const from = last.atMs - trial.triedDays * dayMs;
  const [seen, unseen] = [points.filter(({ atMs }) => atMs < from), points.filter(({ atMs }) => atMs >= from)];
  const tried = fitSeason(seen);
  if (!tried) return undefined;
  const without = spreadAround(unseen, () => 0);
  const withIt = spreadAround(unseen, (atMs) => seasonLog(tried, atMs, cadenceMs));
  return withIt <= (1 - worthwhile) * without && without > 0 ? fitSeason(points) : undefined;
};
