/** A share of `total` events, 0 to 1. */
export type Interval = readonly [low: number, high: number];

// Lanczos approximation (g = 7, n = 9), good to 15 digits for positive arguments.
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

const logGamma = (x: number): number => {
  const t = x + 6.5;
  const series = lanczos.reduce((sum, term, index) => (index === 0 ? term : sum + term / (x - 1 + index)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
};

/** Continued fraction of the incomplete beta function, by Lentz's method. */
const betaFraction = (a: number, b: number, x: number): number => {
  const tiny = 1e-300;
  const guard = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let delta = 1;
    for (const term of [even, odd]) {
      d = 1 / guard(1 + term * d);
      c = guard(1 + term / c);
      delta = d * c;
      fraction *= delta;
    }
    if (Math.abs(delta - 1) < 1e-14) break;
  }
  return fraction;
};

/** P(X <= x) of a Beta(a, b) variable. */
const betaCdf = (a: number, b: number, x: number): number => {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast on this side of the mean; the other side is its mirror.
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b;
};

const betaQuantile = (a: number, b: number, p: number): number => {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (betaCdf(a, b, middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/**
 * Exact (Clopper-Pearson) two-sided interval of a share from `bad` of `total` events. Conservative: it covers the truth
 * at least as often as it says.
 *
 * @param confidence 0 to 1, default 0.95; 0.9 gives the two one-sided 95 % bounds.
 */
export const clopperPearson = (bad: number, total: number, confidence = 0.95): Interval => {
  if (total === 0) return [0, 1];
  const tail = (1 - confidence) / 2;
  return [
    bad === 0 ? 0 : betaQuantile(bad, total - bad + 1, tail),
    bad === total ? 1 : betaQuantile(bad + 1, total - bad, 1 - tail),
  ];
};

/** P(X <= k) of a Binomial(n, p) variable. */
export const binomialCdf = (k: number, n: number, p: number): number =>
  k < 0 ? 0 : k >= n ? 1 : 1 - betaCdf(k + 1, n - k, p);
