import type { HistoryPoint } from './point.ts';

/** How often a history has a point, and how many samples are behind one, as its first points show. */
export type Pace = { readonly cadenceMs: number; readonly samples: number };

/** Points that are enough to tell. */
export const pacePoints = 100;

const dayMs = 86_400_000;

const medianOf = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const samplesOf = (point: HistoryPoint): number => {
  if ('value' in point) return point.n ?? 1;
  return 'samples' in point ? point.samples.length : point.observation.samples;
};

/** Medians over the first `pacePoints`: a gap or a large run among them does not count. A lone point is taken for a daily one. */
export const paceOf = (points: readonly HistoryPoint[]): Pace => {
  const first = points.slice(0, pacePoints);
  const gaps = first.slice(1).map(({ atMs }, index) => atMs - (first[index]?.atMs ?? atMs));
  return { cadenceMs: medianOf(gaps) ?? dayMs, samples: medianOf(first.map(samplesOf)) ?? 1 };
};
