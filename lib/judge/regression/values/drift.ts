import type { RegressionRule } from '../finding.ts';
import { selectMiddle } from '../middle.ts';

/**
 * Whole weeks held against a frozen line, so that growth which every rolling level follows cannot hide. Its units are
 * UTC days, or single values where they come more seldom. Plain JSON, about 500 B.
 */
export type Drift = {
  /** Number of the latest unit: UTC days since 1970, or values. */
  readonly unit: number;
  /** ln(1 + level / floor) of the units, oldest first; `null` where one is missing. */
  readonly levels: readonly (number | null)[];
  /** The same of the first good stretch, or of what was last settled at or accepted. Absent until there was one. */
  readonly line?: number;
  /** The line that a person accepted, or the first: a settled one comes back down to it with the level. */
  readonly anchor?: number;
  /** Units since the line was drawn. */
  readonly age: number;
  /** While it has been found: when that was, and how many units ago. */
  readonly foundMs?: number;
  readonly found: number;
};

export type OpenDrift = { -readonly [Key in keyof Omit<Drift, 'levels'>]: Drift[Key] } & { levels: (number | null)[] };

export const newDrift = (): OpenDrift => ({ unit: 0, levels: [], age: 0, found: 0 });

/** Eight weeks are remembered; a line is drawn through the first two, and the last one is held against it. */
const remembered = 56;
const firstStretch = 14;
export const driftStretch = 7;
const stretch = driftStretch;
/** Fewer say too little of how the level wanders. */
const fewest = 21;
/** A stretch may miss two days of seven. */
const leastShare = 5 / 7;

/**
 * Half the square of a normal deviate: about -ln of how rare it is that a level wanders so far by itself. Looked at daily,
 * week upon week, that is once in a year and a half at worst: bench/detection, levels that walk.
 */
const limits = { ticket: 1.5, page: 2 } as const;
const fewKeys = 50;
export const driftLimit = ({ severity, keys = 1 }: RegressionRule): number =>
  limits[severity] + Math.log(Math.max(1, keys / fewKeys));

/** The middle of the last so many levels; `undefined` when too many are missing. */
const middleOfLast = (levels: readonly (number | null)[], units: number): number | undefined => {
  const known = new Float64Array(units);
  let count = 0;
  for (let index = Math.max(0, levels.length - units); index < levels.length; index++) {
    const level = levels[index] ?? null;
    if (level !== null) known[count++] = level;
  }
  return count < leastShare * units ? undefined : selectMiddle(known, 0, count);
};

/** Takes the level of a unit that has ended. */
export const recordLevel = (drift: OpenDrift, unit: number, log: number): void => {
  const missing = drift.levels.length === 0 ? 0 : Math.min(remembered, unit - drift.unit - 1);
  for (let index = 0; index < missing; index++) drift.levels.push(null);
  drift.levels.push(Math.round(1e4 * log) / 1e4);
  if (drift.levels.length > remembered) drift.levels.splice(0, drift.levels.length - remembered);
  drift.unit = unit;
  drift.age += missing + 1;
  drift.found += missing + 1;
};

/** What is usual on this day of the week, as far as it shows: means over the weeks, each less its own. */
const weekdaysOf = (levels: readonly (number | null)[]): Float64Array => {
  const [sums, counts] = [new Float64Array(stretch), new Float64Array(stretch)];
  for (let middle = 3; middle + 3 < levels.length; middle++) {
    const level = levels[middle] ?? null;
    let [sum, count] = [0, 0];
    for (let index = middle - 3; index <= middle + 3; index++) {
      const near = levels[index] ?? null;
      if (near !== null) count++;
      sum += near ?? 0;
    }
    if (level === null || count < stretch) continue;
    const weekday = (levels.length - middle) % stretch;
    sums[weekday] = (sums[weekday] ?? 0) + level - sum / count;
    counts[weekday] = (counts[weekday] ?? 0) + 1;
  }
  return sums.map((sum, weekday) => sum / Math.max(1, counts[weekday] ?? 0));
};

const noWeekdays = new Float64Array(stretch);

/** No level is quieter than half a percent. */
const leastNoise = 0.005 ** 2;

/** Mean square of second differences: steady growth has none, whatever its speed. */
const bend = (levels: Float64Array, lag: number): number => {
  let [sum, count] = [0, 0];
  for (let index = 2 * lag; index < levels.length; index++) {
    const bent = (levels[index] ?? 0) - 2 * (levels[index - lag] ?? 0) + (levels[index - 2 * lag] ?? 0);
    if (Number.isNaN(bent)) continue;
    sum += bent * bent;
    count++;
  }
  return count === 0 ? 0 : sum / count;
};

/** Weight of the longest look: it knows least of a level that walks, and most of one that does not. */
const longLook = 0.6;

/**
 * How the level moves by itself: variances of its steps from unit to unit, and of what comes and goes with each. Over lag L
 * second differences of a random walk with noise have variance 2 L × walk + 6 × noise; those of a steady growth add nothing.
 */
const wanderOf = (levels: Drift['levels'], weekly: boolean): { readonly walk: number; readonly noise: number } => {
  const weekdays = weekly ? weekdaysOf(levels) : noWeekdays;
  const plain = new Float64Array(levels.length);
  for (let index = 0; index < plain.length; index++) {
    plain[index] = (levels[index] ?? Number.NaN) - (weekdays[(levels.length - index) % stretch] ?? 0);
  }
  const [near, far, farthest] = [bend(plain, 1), bend(plain, 3), bend(plain, 7)];
  const walk = (1 - longLook) * ((far - near) / 4) + longLook * ((farthest - near) / 12);
  // Known from few weeks only: a variance of so many degrees of freedom.
  const weeks = Math.max(1, (levels.length - 2 * stretch) / stretch);
  return { walk: Math.max(0, walk) * (1 + 1 / weeks), noise: Math.max(leastNoise, near / 6) };
};

/** Logs as in {@link Drift}: of the last week, and of the line. */
type Heights = { readonly level: number; readonly line: number };

/** `undefined` while there is too little of either. */
const heightsOf = ({ levels, line }: Drift): Heights | undefined => {
  const level = middleOfLast(levels, stretch);
  return line === undefined || level === undefined ? undefined : { level, line };
};

export type Standing = Heights & {
  /** Half the square of how many standard deviations of its wandering it is over the line. */
  readonly score: number;
  /** Standard error of the distance as measured. */
  readonly error: number;
};

/** A median of seven is that much less certain than their mean. */
const medianOfWeek = 1.57 / stretch;

const standingAt = (heights: Heights, { levels, age }: Drift, weekly: boolean): Standing => {
  const { walk, noise } = wanderOf(levels, weekly);
  const measured = 2 * medianOfWeek * noise;
  const over = Math.max(0, heights.level - heights.line);
  return { ...heights, score: (over * over) / (2 * (walk * age + measured)), error: Math.sqrt(measured) };
};

/**
 * The last week beside the line; `undefined` while there is too little of either.
 *
 * @param weekly units are days: those of a week need not be alike
 */
export const standingOf = (drift: Drift, weekly: boolean): Standing | undefined => {
  const heights = heightsOf(drift);
  return heights && standingAt(heights, drift, weekly);
};

const drawLine = (drift: OpenDrift, line: number): void => {
  drift.line = line;
  drift.age = 0;
  delete drift.foundMs;
};

/** A person says that the level of now is right: what is found from here on has grown from there. */
export const acceptDrift = (drift: OpenDrift): void => {
  const level = middleOfLast(drift.levels, stretch);
  if (level === undefined) {
    delete drift.line;
    delete drift.foundMs;
    return;
  }
  drawLine(drift, level);
  drift.anchor = level;
};

/** In logs, beside the ratio itself: near nothing any value is a multiple. */
const leastOver = 0.75;

const isMuch = (drift: OpenDrift, { level, line }: Heights, { maxRegression }: RegressionRule): boolean => {
  const least = leastOver * Math.log1p(maxRegression);
  const latest = drift.levels.at(-1) ?? line;
  return Math.expm1(level) > (1 + maxRegression) * Math.expm1(line) && level - line > least && latest - line > least;
};

/** The first line, through the first good stretch. */
const findLine = (drift: OpenDrift): void => {
  const first = drift.levels.length < firstStretch ? undefined : middleOfLast(drift.levels, firstStretch);
  if (first === undefined) return;
  drift.line = first;
  drift.anchor = first;
  drift.age = firstStretch / 2;
};

/**
 * Looks at a unit that has ended. Found is a week that lies more than `maxRegression` over the line, and farther than the
 * level wanders by itself. A week later that is the line; half of it gone, and it is over.
 *
 * @returns how it stood when it has settled
 */
export const judgeDrift = (
  drift: OpenDrift,
  rule: RegressionRule,
  weekly: boolean,
  atMs: number,
): Standing | undefined => {
  if (drift.line === undefined) findLine(drift);
  const heights = drift.levels.length < fewest ? undefined : heightsOf(drift);
  if (!heights) return undefined;
  const over = heights.level - heights.line;
  const half = Math.log1p(rule.maxRegression) / 2;
  const anchor = drift.anchor ?? heights.line;
  if (over < -half && heights.line > anchor) drawLine(drift, Math.max(anchor, heights.level));
  else if (drift.foundMs === undefined) {
    if (!isMuch(drift, heights, rule) || standingAt(heights, drift, weekly).score <= driftLimit(rule)) return undefined;
    drift.foundMs = atMs;
    drift.found = 0;
  } else if (over < half) delete drift.foundMs;
  else if (drift.found >= stretch) {
    const standing = standingAt(heights, drift, weekly);
    drawLine(drift, heights.level);
    return standing;
  }
  return undefined;
};

/** The level has moved at once, and that is known: it is neither growth nor wandering. */
export const shiftDrift = (drift: OpenDrift, shift: number): void => {
  drift.levels = drift.levels.map((log) => (log === null ? null : log + shift));
  if (drift.line !== undefined) drift.line += shift;
};

/** The same logs with another floor. */
export const rescaleDrift = (drift: OpenDrift, move: (log: number) => number): void => {
  drift.levels = drift.levels.map((log) => (log === null ? null : move(log)));
  if (drift.line !== undefined) drift.line = move(drift.line);
  if (drift.anchor !== undefined) drift.anchor = move(drift.anchor);
};
