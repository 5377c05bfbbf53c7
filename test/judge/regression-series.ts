import {
  advanceRegression,
  type RegressionAdvance,
  type RegressionMemory,
  type RegressionRule,
} from '../../lib/judge/regression.ts';
import { openRandom } from '../../lib/local/rehearsal/random.ts';
import { sketchOf } from '../../lib/result/sketch.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A Monday, 00:00 UTC. */
export const originMs = Date.UTC(2026, 0, 5);

export type Run = { readonly atMs: number; readonly latenciesMs: readonly number[]; readonly unanswered?: number };

export type ServiceOptions = {
  readonly seed?: number;
  readonly samples?: number;
  readonly cadenceMs?: number;
  /** Factor on all samples of a run. */
  readonly factor?: (run: number, atMs: number) => number;
  /** Share of samples that are three times slower. */
  readonly slowShare?: (run: number) => number;
  readonly unanswered?: (run: number) => number;
};

/** Runs of a service around 200 ms whose runs differ by 5 %, from `originMs` on. */
export const serviceRuns = (
  count: number,
  { seed = 1, samples = 100, cadenceMs = dayMs, factor, slowShare, unanswered }: ServiceOptions = {},
): readonly Run[] => {
  const { uniform: next, normal } = openRandom(seed);
  return Array.from({ length: count }, (_, run): Run => {
    const atMs = originMs + run * cadenceMs;
    const level = 200 * Math.exp(0.05 * normal()) * (factor?.(run, atMs) ?? 1);
    const slow = slowShare?.(run) ?? 0;
    const latenciesMs = Array.from({ length: samples }, () => {
      const body = level * Math.exp(0.5 * normal());
      return next() < slow ? 3 * body : body;
    });
    return { atMs, latenciesMs, unanswered: unanswered?.(run) ?? 0 };
  });
};

export const daily: RegressionRule = { maxRegression: 0.2, severity: 'page', cadenceMs: dayMs };

/** What the judge says after each of these runs. */
export const replay = (
  runs: readonly Run[],
  rule: RegressionRule = daily,
  from?: RegressionMemory,
): readonly RegressionAdvance[] => {
  let memory = from;
  return runs.map(({ atMs, latenciesMs, unanswered = 0 }) => {
    const step = advanceRegression(rule, memory, { atMs, sketch: sketchOf(latenciesMs), unanswered });
    memory = step.memory;
    return step;
  });
};

export const lastOf = <T>(steps: readonly T[]): T => {
  const step = steps.at(-1);
  if (step === undefined) throw new Error('nothing was replayed');
  return step;
};

/** Indexes of the runs that raised an alarm. */
export const alarmsOf = (steps: readonly RegressionAdvance[]): readonly number[] =>
  steps.flatMap(({ finding }, run) => (finding.firing && !steps[run - 1]?.finding.firing ? [run] : []));

/** From the run `at` on. */
export const from =
  (at: number, value: number, before = 1) =>
  (run: number): number =>
    run >= at ? value : before;
