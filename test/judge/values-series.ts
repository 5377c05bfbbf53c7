import { openRandom } from '../../lib/local/rehearsal/random.ts';

/** A stream of standard normal numbers that depends on its seed alone. */
export const normals = (seed: number): (() => number) => openRandom(seed).normal;

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** Monday. */
export const mondayMs = Date.UTC(2026, 0, 5);

export type Point = { readonly atMs: number; readonly value: number };

/** `count` values around `level`, `cadenceMs` apart, with log-normal noise; `at` changes one of them. */
export const series = (
  count: number,
  options: {
    readonly cadenceMs?: number;
    readonly noise?: number;
    readonly seed?: number;
    readonly level?: number;
    readonly at?: (index: number, atMs: number) => number;
  } = {},
): readonly Point[] => {
  const { cadenceMs = hourMs, noise = 0.08, seed = 1, level = 200, at = () => 1 } = options;
  const normal = normals(seed);
  return Array.from({ length: count }, (_, index) => {
    const atMs = mondayMs + index * cadenceMs;
    return { atMs, value: level * at(index, atMs) * Math.exp(noise * normal()) };
  });
};

/** Busy by day, quiet by night, quieter at weekends. */
export const seasonal = (atMs: number): number => {
  const hour = (atMs / hourMs) % 24;
  const weekday = new Date(atMs).getUTCDay();
  return Math.exp(0.5 * Math.cos((2 * Math.PI * (hour - 14)) / 24) - (weekday === 0 || weekday === 6 ? 0.3 : 0));
};
