import { meanOf, tStatistic } from './statistics.ts';

/** Otava's: fewer points than this are no segment, and a split must be this sure. */
const fewest = 5;

/** Two-sided p = 0.001 of Student's t, by Cornish and Fisher's expansion from the normal point 3.2905. */
const criticalT = (freedom: number): number => {
  const z = 3.2905;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
};

/**
 * Best split of a series by the energy distance of its halves (Matteson and James, 2014): twice the mean distance between
 * the halves, less the mean distances within each, weighed by their sizes.
 */
const bestSplit = (values: readonly number[]): number | undefined => {
  const size = values.length;
  const distance = (i: number, j: number) => Math.abs((values[i] ?? 0) - (values[j] ?? 0));
  let [left, right, between] = [0, 0, 0];
  for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) right += distance(i, j);
  let best: { readonly at: number; readonly energy: number } | undefined;
  for (let split = 1; split <= size - fewest; split++) {
    // The point before the split goes over from the right half to the left.
    for (let j = 0; j < size; j++) {
      const off = distance(split - 1, j);
      if (j < split) left += off;
      else right -= off;
      between += j < split ? -off : off;
    }
    if (split < fewest) continue;
    const other = size - split;
    const apart = (2 * between) / (split * other);
    const within = (2 * left) / (split * (split - 1)) + (2 * right) / (other * (other - 1));
    const energy = ((split * other) / size) * (apart - within);
    if (!best || energy > best.energy) best = { at: split, energy };
  }
  return best?.at;
};

/**
 * Positions where the series changes upwards for sure: split at its best place while a t-test has p < 0.001, and then each
 * half, as Otava does in place of the permutations of the original.
 */
export const changesUp = (values: readonly number[], offset = 0): readonly number[] => {
  if (values.length < 2 * fewest) return [];
  const split = bestSplit(values);
  if (split === undefined) return [];
  const [before, after] = [values.slice(0, split), values.slice(split)];
  if (Math.abs(tStatistic(before, after)) < criticalT(values.length - 2)) return [];
  const here = meanOf(after) > meanOf(before) ? [offset + split] : [];
  return [...changesUp(before, offset), ...here, ...changesUp(after, offset + split)];
};
