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

const middle = (values: readonly number[]): number => {
  const sorted = new Float64Array(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
};

/** 0 is Sunday 00:00 UTC. */
const hourOfWeek = (atMs: number): number => {
  const hour = Math.floor(atMs / hourMs);
  // 1970-01-01 was a Thursday.
  return (((hour + 4 * 24) % hoursOfWeek) + hoursOfWeek) % hoursOfWeek;
};

const isWeekend = (hour: number): boolean => hour < 24 || hour >= 6 * 24;

/** Logs without the level of their week, so that a shift of the level is not taken for a season. */
const detrend = (points: readonly SeasonPoint[], lastMs: number): readonly SeasonPoint[] => {
  const weekOf = (atMs: number) => Math.floor((lastMs - atMs) / (7 * dayMs));
  const weeks = new Map<number, number[]>();
  for (const { atMs, log } of points) {
    const week = weeks.get(weekOf(atMs)) ?? [];
    week.push(log);
    weeks.set(weekOf(atMs), week);
  }
  const all = middle(points.map((point) => point.log));
  const levels = new Map([...weeks].map(([week, logs]) => [week, logs.length < pointsOfWeek ? all : middle(logs)]));
  return points.map(({ atMs, log }) => ({ atMs, log: log - (levels.get(weekOf(atMs)) ?? all) }));
};

const collect = (points: readonly SeasonPoint[], cells: number, cellOf: (hour: number) => number) => {
  const logs = Array.from({ length: cells }, (): number[] => []);
  for (const { atMs, log } of points) logs[cellOf(hourOfWeek(atMs))]?.push(log);
  const medians = logs.map((cell) => ({ count: cell.length, median: middle(cell) }));
  return (hour: number, coarser: number, weight: number): number => {
    const { count, median } = medians[cellOf(hour)] ?? { count: 0, median: 0 };
    return (count * median + weight * coarser) / (count + weight);
  };
};

/**
 * Learns a profile: medians by hour of the day, split by weekend and then by weekday as the history grows, each shrunk
 * towards the coarser one and the coarsest towards 1. `undefined` with less than three days of history. Whether it is any
 * good is for the caller to find out, on data that it was not learnt from: see {@link learnSeason}.
 */
export const fitSeason = (points: readonly SeasonPoint[]): Season | undefined => {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return undefined;
  const days = (last.atMs - first.atMs) / dayMs;
  if (days < enoughDays.hour) return undefined;
  const level = detrend(points, last.atMs);
  const byHour = collect(level, 24, (hour) => hour % 24);
  const byWeekend = collect(level, 48, (hour) => (hour % 24) + (isWeekend(hour) ? 24 : 0));
  const byWeekday = collect(level, hoursOfWeek, (hour) => hour);
  const logFactors = Array.from({ length: hoursOfWeek }, (_, hour) => {
    const daily = byHour(hour, 0, shrinkage.hour);
    const split = days < enoughDays.weekend ? daily : byWeekend(hour, daily, shrinkage.weekend);
    const weekly = days < enoughDays.weekday ? split : byWeekday(hour, split, shrinkage.weekday);
    return Math.round(weekly * 1000) / 1000;
  });
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
