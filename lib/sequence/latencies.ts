import { compareLatencies, nearestRank } from '../result/percentiles.ts';
import { add, newSketch, quantile, type Sketch, toData } from '../result/sketch.ts';

/** So many are kept as they are; more, and a sketch takes over, within 1 % of each. */
const maxExact = 1_000;

/** Latencies (ms) in a memory that their number does not grow. */
export type Latencies = {
  add(latencyMs: number): void;
  count(): number;
  /** By nearest rank, 0 to 1, with `unanswered` more above them all: `null` when it falls among those, or there is none. */
  rankMs(rank: number, unanswered?: number): number | null;
};

export const createLatencies = (): Latencies => {
  let exact: number[] = [];
  let sketch: Sketch | undefined;
  const count = () => sketch?.count ?? exact.length;
  return {
    add: (latencyMs) => {
      if (!sketch && exact.length >= maxExact) {
        sketch = newSketch();
        for (const known of exact) add(sketch, known);
        exact = [];
      }
      if (sketch) add(sketch, latencyMs);
      else exact.push(latencyMs);
    },
    count,
    rankMs: (rank, unanswered = 0) => {
      const total = count() + unanswered;
      if (total === 0) return null;
      const wanted = nearestRank(rank, total);
      if (wanted > count()) return null;
      if (!sketch) return exact.toSorted(compareLatencies)[wanted - 1] ?? null;
      // Half a rank lower names the same value, and no rounding can push it over.
      return quantile(toData(sketch), (wanted - 0.5) / sketch.count);
    },
  };
};
