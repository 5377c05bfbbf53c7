import type { Random } from '../random.ts';
import type { Draw, ValuesFamily } from './family.ts';
import { slowFamilies } from './slow.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const autoregression = (random: Random, memory: number, spread: number): (() => number) => {
  let state = spread * random.normal();
  return () => {
    state = memory * state + Math.sqrt(1 - memory * memory) * spread * random.normal();
    return state;
  };
};

const isWeekend = (atMs: number): boolean => [0, 6].includes(new Date(atMs).getUTCDay());
const daily = (atMs: number, peakHour: number): number =>
  Math.cos((2 * Math.PI * ((atMs % dayMs) / hourMs - peakHour)) / 24);

const poisson = (random: Random, mean: number): number => {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  const least = Math.exp(-mean);
  let [count, product] = [0, random.uniform()];
  for (; product > least; count++) product *= random.uniform();
  return count;
};

const studentT = (random: Random, freedom: number): number => {
  let squares = 0;
  for (let index = 0; index < freedom; index++) squares += random.normal() ** 2;
  return random.normal() / Math.sqrt(squares / freedom);
};

/** Eight weeks of hourly values with three-hour events, every eight days. */
const hourly = {
  cadenceMs: hourMs,
  points: 56 * 24,
  spacing: { first: 9 * 24, every: 8 * 24 },
  incident: { points: 3, factors: [1.3, 1.5, 2, 3] },
  gaps: 0.002,
} as const;

/** Thirty days of values every five minutes, with events of two hours, every five days. */
const fiveMinutes = {
  cadenceMs: 300_000,
  points: 30 * 288,
  spacing: { first: 4 * 288, every: 5 * 288 },
  incident: { points: 24, factors: [1.3, 1.5, 2, 3] },
  gaps: 0.0005,
} as const;

const tuned: readonly ValuesFamily[] = [
  {
    ...hourly,
    name: 'seasonal, hourly',
    tunedOn: true,
    draw: (random) => {
      const noise = autoregression(random, 0.4, 0.05 + 0.1 * random.uniform());
      const [amplitude, peak, weekend] = [
        0.15 + 0.5 * random.uniform(),
        10 + 8 * random.uniform(),
        0.4 * random.uniform(),
      ];
      return (atMs, effect) =>
        50 * effect * Math.exp(amplitude * daily(atMs, peak) - (isWeekend(atMs) ? weekend : 0) + noise());
    },
  },
  {
    ...hourly,
    name: 'AR(1) 0.6 to 0.95, hourly',
    tunedOn: true,
    draw: (random) => {
      const noise = autoregression(random, 0.6 + 0.35 * random.uniform(), 0.08 + 0.1 * random.uniform());
      return (_, effect) => 200 * effect * Math.exp(noise());
    },
  },
  {
    ...hourly,
    name: 'walking level, hourly',
    tunedOn: true,
    draw: (random) => {
      const step = 0.01 + 0.03 * random.uniform();
      let level = 0;
      return (_, effect) => {
        level += step * random.normal();
        return 200 * effect * Math.exp(level + 0.08 * random.normal());
      };
    },
  },
  {
    ...hourly,
    name: 'lone outliers, hourly',
    tunedOn: true,
    draw: (random) => {
      const share = 0.01 + 0.03 * random.uniform();
      return (_, effect) =>
        120 * effect * Math.exp(0.08 * random.normal()) * (random.uniform() < share ? 2 + 8 * random.uniform() : 1);
    },
  },
  {
    ...hourly,
    name: 'counts of 4 to 34, half-hourly',
    cadenceMs: hourMs / 2,
    incident: { points: 6, factors: [1.3, 1.5, 2, 3] },
    spacing: { first: 9 * 48, every: 6 * 48 },
    tunedOn: true,
    draw: (random) => {
      const [mean, amplitude] = [4 + 30 * random.uniform(), 0.6 * random.uniform()];
      return (atMs, effect) => poisson(random, mean * effect * Math.exp(amplitude * daily(atMs, 15)));
    },
  },
  {
    ...fiveMinutes,
    name: 'gauge, every 5 min',
    tunedOn: true,
    draw: (random) => {
      const noise = autoregression(random, 0.8, 0.08 + 0.12 * random.uniform());
      const amplitude = 0.3 * random.uniform();
      return (atMs, effect) =>
        Math.min(100, 20 * effect * Math.exp(amplitude * daily(atMs, 14) + noise() + 0.05 * random.normal()));
    },
  },
  {
    ...fiveMinutes,
    name: 'bursts, every 5 min',
    tunedOn: true,
    draw: (random) => {
      let [left, height] = [0, 0];
      return (_, effect) => {
        if (left > 0) left--;
        else if (random.uniform() < 0.01)
          [left, height] = [1 + Math.floor(8 * random.uniform() ** 2), 0.5 + 2 * random.uniform()];
        return 5 * effect * Math.exp((left > 0 ? height : 0) + 0.1 * random.normal());
      };
    },
  },
  {
    ...hourly,
    name: 'a handful, weekly',
    cadenceMs: 7 * dayMs,
    points: 20,
    spacing: { first: 11, every: 20 },
    incident: { points: 9, factors: [1.5] },
    gaps: 0,
    tunedOn: true,
    draw: (random) => {
      const noise = 0.03 + 0.06 * random.uniform();
      return (_, effect) => 300 * effect * Math.exp(noise * random.normal());
    },
  },
  {
    ...hourly,
    name: 'slow growth over 8 days, hourly',
    spacing: { first: 12 * 24, every: 30 * 24 },
    incident: { points: 8 * 24, factors: [1.6], gradual: true },
    tunedOn: true,
    draw: (random) => {
      const noise = autoregression(random, 0.5, 0.08);
      return (atMs, effect) => 200 * effect * Math.exp(0.2 * daily(atMs, 14) + noise());
    },
  },
];

/** Response time of a busy server: 1 / (1 - load), the load by the hour of the week and with a memory; stragglers. */
const queue = (random: Random): Draw => {
  const demand = autoregression(random, 0.7, 0.15 + 0.15 * random.uniform());
  const [centre, amplitude, peak] = [
    -0.4 - 0.6 * random.uniform(),
    0.5 + 0.5 * random.uniform(),
    9 + 9 * random.uniform(),
  ];
  const shape = 20 + Math.floor(60 * random.uniform());
  return (atMs, effect) => {
    const logit = centre + amplitude * daily(atMs, peak) - (isWeekend(atMs) ? 0.5 : 0) + demand();
    const load = 1 / (1 + Math.exp(-logit));
    let total = 0;
    for (let index = 0; index < shape; index++) total += random.exponential();
    const straggler = random.uniform() < 0.01 ? 2 + 3 * random.exponential() : 1;
    return ((12 * effect) / (1 - load)) * (total / shape) * straggler;
  };
};

/** A service that changes its manners now and then: three levels, heavy tails, a nightly job of varying hour, whole numbers. */
const regimes =
  (pointsPerHour: number) =>
  (random: Random): Draw => {
    const levels = [1, 1.15, 0.8];
    let level = 1;
    let job = 2 * hourMs;
    return (atMs, effect) => {
      if (random.uniform() < 1 / (90 * pointsPerHour)) level = levels[Math.floor(3 * random.uniform())] ?? 1;
      if (atMs % dayMs < hourMs / pointsPerHour) job = (1.5 + random.uniform()) * hourMs;
      const busy = atMs % dayMs >= job && atMs % dayMs < job + 1.5 * hourMs ? 1.5 : 1;
      return Math.round(60 * level * busy * effect * Math.exp(0.06 * studentT(random, 4)));
    };
  };

const untuned: readonly ValuesFamily[] = [
  { ...hourly, name: 'queue, hourly', tunedOn: false, draw: queue },
  { ...fiveMinutes, name: 'queue, every 5 min', tunedOn: false, draw: queue },
  { ...hourly, name: 'regimes, hourly', tunedOn: false, draw: regimes(1) },
  { ...fiveMinutes, name: 'regimes, every 5 min', tunedOn: false, draw: regimes(12) },
];

export const valuesFamilies: readonly ValuesFamily[] = [...tuned, ...slowFamilies, ...untuned];
