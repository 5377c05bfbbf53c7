import type { Random } from '../random.ts';
import type { Draw, ValuesFamily } from './family.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A working day, a quieter weekend, and noise of 3 to 12 % per hour. */
const service =
  (perHour: number, weekends: boolean) =>
  (random: Random): Draw => {
    const noise = (0.03 + 0.09 * random.uniform()) * Math.sqrt(Math.min(4, Math.max(0.25, perHour)));
    const [amplitude, weekend] = [0.4 * random.uniform(), weekends ? 0.25 * random.uniform() : 0];
    return (atMs, effect) => {
      const rest = [0, 6].includes(new Date(atMs).getUTCDay()) ? weekend : 0;
      const daily = amplitude * Math.cos((2 * Math.PI * ((atMs % dayMs) / hourMs - 14)) / 24);
      return 200 * effect * Math.exp(daily - rest + noise * random.normal());
    };
  };

/** One growth in each series: three healthy weeks or more, then even growth to the end. */
const growing = (name: string, cadenceMs: number, days: number, factor: number, mostMissed: number): ValuesFamily => {
  const perDay = dayMs / cadenceMs;
  const healthy = 30;
  return {
    name,
    tunedOn: true,
    cadenceMs,
    points: (healthy + days) * perDay,
    spacing: { first: 21 * perDay, every: 22 * perDay },
    incident: { points: days * perDay, factors: [factor], gradual: true },
    gaps: 0.002,
    mostFalse: 0.05,
    target: { factor, mostMissed },
    draw: service(hourMs / cadenceMs, true),
  };
};

/** Growth that every level follows which learns from the last days or weeks, and a level that walks by itself. */
export const slowFamilies: readonly ValuesFamily[] = [
  growing('slow drift to ×1.5 in 30 days, hourly', hourMs, 30, 1.5, 0.1),
  growing('slow drift to ×1.4 in 60 days, hourly', hourMs, 60, 1.4, 0.1),
  growing('slow drift to ×1.6 in 14 days, every 15 min', hourMs / 4, 14, 1.6, 0.1),
  growing('slow drift to ×1.5 in 40 days, daily', dayMs, 40, 1.5, 0.25),
  {
    name: 'walking level for a year, every 6 h',
    tunedOn: true,
    cadenceMs: 6 * hourMs,
    points: 4 * 365,
    spacing: { first: Number.POSITIVE_INFINITY, every: 1 },
    incident: { points: 1, factors: [1] },
    gaps: 0.002,
    mostFalse: 0.03,
    draw: (random) => {
      const step = 0.005 + 0.02 * random.uniform();
      let level = 0;
      return (_, effect) => {
        level += step * random.normal();
        return 200 * effect * Math.exp(level + 0.05 * random.normal());
      };
    },
  },
];
