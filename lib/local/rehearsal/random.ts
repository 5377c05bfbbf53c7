/** A stream of numbers that its seed decides. */
export type Random = {
  /** 0 to 1, without 1. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
};

/** One step of a counter through a 32-bit mixer: Steele, Lea & Flood, SplitMix (OOPSLA 2014), cut to 32 bits. */
const mix = (counter: number): number => {
  let word = counter;
  word = Math.imul(word ^ (word >>> 16), 0x21f0_aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a_2d97);
  return (word ^ (word >>> 15)) >>> 0;
};

export const openRandom = (seed: number): Random => {
  let counter = mix(seed ^ 0x9e37_79b9);
  const uniform = (): number => {
    counter = (counter + 0x9e37_79b9) | 0;
    return mix(counter) / 4_294_967_296;
  };
  return {
    uniform,
    // Box and Muller (1958); 1 - u is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
};
