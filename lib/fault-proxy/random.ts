import { hash } from 'node:crypto';
import { type Distribution, limits } from './fault.ts';

/**
 * A number from 0 up to 1 that depends on the seed and the keys alone. Counter-based, not a running generator: what
 * falls on the third frame of a connection stays the same however other traffic is interleaved with it.
 */
export const draw = (seed: number, ...keys: readonly (string | number)[]): number =>
  hash('sha256', [seed, ...keys].join('/'), 'buffer').readUIntBE(0, 6) / 2 ** 48;

/** Box and Muller: two uniform numbers make a standard normal one. `1 - u` keeps the logarithm finite. */
const standardNormal = (uniform: (label: string) => number): number =>
  Math.sqrt(-2 * Math.log(1 - uniform('radius'))) * Math.cos(2 * Math.PI * uniform('angle'));

const sampleOf = (delay: Distribution, uniform: (label: string) => number): number => {
  switch (delay.kind) {
    case 'constant':
      return delay.ms;
    case 'uniform':
      return delay.minMs + (delay.maxMs - delay.minMs) * uniform('uniform');
    case 'normal':
      return delay.meanMs + delay.deviationMs * standardNormal(uniform);
    case 'lognormal':
      return delay.medianMs * Math.exp(delay.sigma * standardNormal(uniform));
  }
};

/** A delay in ms from a distribution; `uniform` answers a number from 0 up to 1 for each label. */
export const sampleDelayMs = (delay: Distribution, uniform: (label: string) => number): number =>
  Math.min(limits.delayMs, Math.max(0, sampleOf(delay, uniform)));
