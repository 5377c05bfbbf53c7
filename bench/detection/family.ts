import type { Random } from './random.ts';

/** What happens to the latencies of a run, beside chance. */
export type Effect = {
  /** Factor on all samples. */
  readonly all: number;
  /** Share of samples that `tail` makes slower besides. */
  readonly tailShare: number;
  readonly tail: number;
};

export const nothing: Effect = { all: 1, tailShare: 0, tail: 1 };

/** A service whose runs are drawn one after another: fills `out` with the natural logs of latencies in ms. */
export type Service = (out: Float64Array, atMs: number, effect: Effect) => void;

/** A kind of service. */
export type Family = {
  readonly name: string;
  readonly cadenceMs: number;
  /** Healthy runs before anything is counted. */
  readonly baselineRuns: number;
  /** Healthy runs of one service that are then counted. */
  readonly countedRuns: number;
  readonly serve: (random: Random) => Service;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const draw = (out: Float64Array, random: Random, effect: Effect, level: number, one: () => number): void => {
  const common = level + Math.log(effect.all);
  const slower = Math.log(effect.tail);
  for (let index = 0; index < out.length; index++) {
    const extra = effect.tailShare > 0 && random.uniform() < effect.tailShare ? slower : 0;
    out[index] = common + one() + extra;
  }
};

/** A level that wanders around 0 and remembers a share of where it was. */
const wandering = (random: Random, memory: number, spread: number): (() => number) => {
  let level = spread * random.normal();
  return () => {
    level = memory * level + Math.sqrt(1 - memory * memory) * spread * random.normal();
    return level;
  };
};

/** detection.md §7, the one that was tuned on: log-normal body, 2 % stragglers, runs that differ by 6 %. */
export const logNormal: Family = {
  name: 'log-normal of §7',
  cadenceMs: dayMs,
  baselineRuns: 28,
  countedRuns: 300,
  serve: (random) => {
    const level = wandering(random, 0.3, 0.06);
    const one = () => {
      const body = 0.5 * random.normal();
      return random.uniform() < 0.02 ? body + Math.log(2 + 6 * random.uniform()) : body;
    };
    return (out, _, effect) => draw(out, random, effect, Math.log(200) + level(), one);
  },
};

/** Cache hits (gamma, shape 4) and misses (Weibull, shape 1.5), whose share differs from run to run. */
export const cached: Family = {
  name: 'cache: gamma hits, Weibull misses',
  cadenceMs: dayMs,
  baselineRuns: 28,
  countedRuns: 300,
  serve: (random) => {
    const level = wandering(random, 0.5, 0.05);
    return (out, _, effect) => {
      const misses = 0.15 * Math.exp(0.12 * random.normal());
      const one = () => {
        if (random.uniform() < misses) return Math.log(220) + Math.log(random.exponential()) / 1.5;
        const four = random.exponential() + random.exponential() + random.exponential() + random.exponential();
        return Math.log(10 * four);
      };
      draw(out, random, effect, level(), one);
    };
  },
};

const middleOfDay = (atMs: number): number => Math.sin((2 * Math.PI * (atMs % dayMs)) / dayMs);

/** 1970-01-01 was a Thursday. */
const isWeekend = (atMs: number): boolean => ((Math.floor(atMs / dayMs) + 4) % 7) % 6 === 0;

/** Pareto tail (8 % of samples, index 2.2); busier by day, quieter at weekends; spells in which runs differ threefold. */
export const seasonal: Family = {
  name: 'season: Pareto tail, bursts, day and week',
  cadenceMs: hourMs,
  baselineRuns: 28 * 24,
  countedRuns: 2000,
  serve: (random) => {
    let restless = false;
    const one = () =>
      random.uniform() < 0.08 ? Math.log(150) + random.exponential() / 2.2 : Math.log(80) + 0.25 * random.normal();
    return (out, atMs, effect) => {
      restless = random.uniform() < (restless ? 0.7 : 0.02);
      const season = 0.12 * middleOfDay(atMs) - (isWeekend(atMs) ? 0.08 : 0);
      const level = season + (restless ? 0.12 : 0.04) * random.normal();
      draw(out, random, effect, level, one);
    };
  },
};
