export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

const squaresOf = (values: readonly number[], mean: number): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0);

/** Student's t of two samples, pooled variance; positive when the second is the greater one. */
export const tStatistic = (before: readonly number[], after: readonly number[]): number => {
  const [a, b] = [meanOf(before), meanOf(after)];
  const freedom = before.length + after.length - 2;
  const variance = (squaresOf(before, a) + squaresOf(after, b)) / freedom;
  return variance === 0 ? 0 : (b - a) / Math.sqrt(variance * (1 / before.length + 1 / after.length));
};

/** 97.5 % point of the normal distribution. */
const z = 1.959964;

/** Half of the chi square quantile, by Wilson and Hilferty's cube: within 1 % from two degrees of freedom on. */
const halfChiSquare = (freedom: number, sign: 1 | -1): number => {
  const ninth = 2 / (9 * freedom);
  return (freedom / 2) * (1 - ninth + sign * z * Math.sqrt(ninth)) ** 3;
};

/** Garwood's exact 95 % interval of a Poisson mean from one count. */
export const poissonInterval = (count: number): readonly [low: number, high: number] => [
  count === 0 ? 0 : halfChiSquare(2 * count, -1),
  count === 0 ? Math.log(40) : halfChiSquare(2 * (count + 1), 1),
];
