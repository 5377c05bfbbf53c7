/** A stream of numbers that depends on its seed alone. */
export type Random = {
  /** In [0, 1). */
  readonly uniform: () => number;
  /** Mean 0, standard deviation 1. */
  readonly normal: () => number;
  /** Mean 1. */
  readonly exponential: () => number;
};

/** Spreads a small seed over 32 bits (the finaliser of MurmurHash3). */
const mix = (seed: number): number => {
  let h = seed | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** sfc32 (Chris Doty-Humphrey, PractRand): passes BigCrush, three additions and a rotation a number. */
export const randomOf = (seed: number, stream = 0): Random => {
  let a = mix(seed + 0x9e3779b9);
  let b = mix(a ^ stream);
  let c = mix(b + 0x7f4a7c15);
  let counter = 1;
  const uniform = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  for (let warm = 0; warm < 12; warm++) uniform();
  let spare = Number.NaN;
  /** Marsaglia's polar method: two at a time. */
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    let [x, y, square] = [0, 0, 0];
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    spare = y * factor;
    return x * factor;
  };
  return { uniform, normal, exponential: () => -Math.log(1 - uniform()) };
};
