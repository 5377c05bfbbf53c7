/** What lies in one stretch of time of a trace. */
export type TraceBucket = {
  /** Of its first point. */
  readonly atMs: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
};

/** A series small enough to draw, however long it was: extremes survive, as a lone outlier is what one looks for. */
export type Trace = {
  add(atMs: number, value: number): void;
  /** By time. */
  buckets(): readonly TraceBucket[];
};

type Open = { -readonly [Key in keyof TraceBucket]: TraceBucket[Key] };

const merge = (into: Open, from: Open): void => {
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  into.sum += from.sum;
  into.count += from.count;
};

/** Buckets of `widthMs`, counted from 1970: the same points give the same buckets, in whatever portions they came. */
const widen = (buckets: readonly Open[], widthMs: number): Open[] => {
  const wide: Open[] = [];
  for (const bucket of buckets) {
    const last = wide.at(-1);
    if (last && Math.floor(last.atMs / widthMs) === Math.floor(bucket.atMs / widthMs)) merge(last, bucket);
    else wide.push({ ...bucket });
  }
  return wide;
};

/**
 * A trace that is being drawn, from points by time, in constant memory: each point by itself until there are twice
 * `detail` of them; from then on buckets whose width doubles as often as it must.
 */
export const openTrace = (detail = 2000): Trace => {
  let open: Open[] = [];
  let widthMs = 1;
  return {
    add: (atMs, value) => {
      const last = open[open.length - 1];
      if (last && Math.floor(last.atMs / widthMs) === Math.floor(atMs / widthMs)) {
        last.min = Math.min(last.min, value);
        last.max = Math.max(last.max, value);
        last.sum += value;
        last.count += 1;
        return;
      }
      open.push({ atMs, min: value, max: value, sum: value, count: 1 });
      while (open.length > 2 * detail) {
        widthMs *= 2;
        open = widen(open, widthMs);
      }
    },
    buckets: () => open.map((bucket) => ({ ...bucket })),
  };
};
