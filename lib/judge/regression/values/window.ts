/**
 * A run of points and the order statistic that stands for it: `3 of 3` is the least of the last three, so it is high only
 * when all three are, and a lone outlier is nothing.
 */
export type Window = {
  readonly points: number;
  /** 1 is the least of them; 3 is the third lowest: two may be back to normal. */
  readonly rank: number;
  /** Evidence asked for beside the limit. */
  readonly extra: number;
  readonly against: 'rolling' | 'anchor';
  /** Every how many points its record is kept, for values that come often: neighbours of a long window say the same. */
  readonly stride: number;
  /** Only counted, to know how far single points stray. */
  readonly silent?: true;
};

/**
 * Shortest first. Two points in a row are enough where single points never stray that far; the last looks for drift, against
 * the slowest level.
 */
export const windows: readonly Window[] = [
  { points: 1, rank: 1, extra: 0, against: 'rolling', stride: 1, silent: true },
  { points: 2, rank: 1, extra: 2, against: 'rolling', stride: 1 },
  { points: 3, rank: 1, extra: 0, against: 'rolling', stride: 1 },
  { points: 12, rank: 3, extra: 0, against: 'rolling', stride: 3 },
  { points: 24, rank: 6, extra: 0, against: 'anchor', stride: 6 },
];

export const longestWindow = 24;

/** The `rank`-th lowest of the `points` values that end before `end`. */
export const lowOf = (
  series: readonly number[],
  end: number,
  { points, rank }: Pick<Window, 'points' | 'rank'>,
): number => {
  if (rank === 1) {
    let least = Number.POSITIVE_INFINITY;
    for (let index = end - points; index < end; index++) least = Math.min(least, series[index] ?? 0);
    return least;
  }
  const lowest: number[] = [];
  for (let index = end - points; index < end; index++) {
    const value = series[index] ?? 0;
    if (lowest.length === rank && value >= (lowest[rank - 1] ?? 0)) continue;
    let place = lowest.length === rank ? rank - 1 : lowest.length;
    for (; place > 0 && (lowest[place - 1] ?? 0) > value; place--) lowest[place] = lowest[place - 1] ?? 0;
    lowest[place] = value;
  }
  return lowest[rank - 1] ?? 0;
};

/** How many residuals in a record share a point with one of them. */
export const overlapOf = ({ points, stride }: Window, withinDay: boolean): number =>
  withinDay ? points / stride : points;
