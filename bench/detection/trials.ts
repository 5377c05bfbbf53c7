import type { Detector, Watching } from './detector.ts';
import { type Effect, type Family, nothing } from './family.ts';
import { randomOf } from './random.ts';
import { interpolated, type SimulatedRun, sketchRun } from './run.ts';
import { poissonInterval } from './statistics.ts';

/** Any Monday, 00:00 UTC. */
const originMs = Date.UTC(2024, 0, 1);

/** Draws the runs of one service, one after another. */
const runsOf = (family: Family, samples: number, seed: number, stream: number, withP95: boolean) => {
  const serve = family.serve(randomOf(seed, stream));
  const logs = new Float64Array(samples);
  let index = 0;
  return (effect: Effect): SimulatedRun => {
    const atMs = originMs + index++ * family.cadenceMs;
    serve(logs, atMs, effect);
    const sketch = sketchRun(logs);
    return { atMs, sketch, p95: withP95 ? interpolated(logs, 0.95) : Number.NaN };
  };
};

export type FalseAlarms = {
  readonly detector: string;
  readonly alarms: number;
  /** Healthy runs while no alarm was up. */
  readonly runs: number;
  /** Alarms per 1000 of them, with the Poisson 95 % interval. */
  readonly per1000: number;
  readonly interval: readonly [number, number];
};

/**
 * Counts alarms raised on services where nothing is wrong. An alarm that stays up counts once, and the runs while it is
 * up are not counted; when the detector takes it back the next one counts anew. Nobody resets anything. A history is
 * the family's baseline runs, not counted, and its counted ones.
 */
export const countFalseAlarms = (
  family: Family,
  samples: number,
  detectors: readonly Detector[],
  healthyRuns: number,
  seed: number,
): readonly FalseAlarms[] => {
  const counts = detectors.map(() => ({ alarms: 0, runs: 0 }));
  const withP95 = detectors.some(({ readsP95 }) => readsP95);
  for (let stream = 0; stream < Math.ceil(healthyRuns / family.countedRuns); stream++) {
    const next = runsOf(family, samples, seed, stream, withP95);
    const watched = detectors.map((detector) => detector.watch(family.baselineRuns, family.cadenceMs));
    const up = detectors.map(() => false);
    for (let index = 0; index < family.baselineRuns + family.countedRuns; index++) {
      const run = next(nothing);
      for (const [which, watching] of watched.entries()) {
        const isUp = watching.take(run);
        const count = counts[which];
        if (index < family.baselineRuns || !count) continue;
        if (!up[which]) count.runs++;
        if (isUp && !up[which]) count.alarms++;
        up[which] = isUp;
      }
    }
  }
  return detectors.map(({ name }, which) => {
    const { alarms, runs } = counts[which] ?? { alarms: 0, runs: 0 };
    const [low, high] = poissonInterval(alarms);
    const per = 1000 / Math.max(1, runs);
    return { detector: name, alarms, runs, per1000: alarms * per, interval: [low * per, high * per] };
  });
};

/** A change that begins after the baseline; `effect` by the number of the run since. */
export type Change = {
  readonly name: string;
  readonly effect: (run: number) => Effect;
  /** Runs until the trial is given up. */
  readonly within: number;
};

export type Delay = {
  readonly detector: string;
  readonly change: string;
  /** Runs to the alarm, 1 is the first changed one; `null`: more than half of the trials never raised it. */
  readonly median: number | null;
  /** Share of trials that raised it within 10 runs. */
  readonly within10: number;
};

const runsToAlarm = (watching: Watching, changed: readonly SimulatedRun[]): number => {
  const at = changed.findIndex((run) => watching.take(run));
  return at < 0 ? Number.POSITIVE_INFINITY : at + 1;
};

/** Trials on services of their own, each with its baseline; all detectors see the same runs. */
export const measureDelays = (
  family: Family,
  samples: number,
  detectors: readonly Detector[],
  change: Change,
  trials: number,
  seed: number,
): readonly Delay[] => {
  const delays = detectors.map((): number[] => []);
  for (let stream = 0; stream < trials; stream++) {
    const next = runsOf(
      family,
      samples,
      seed,
      stream,
      detectors.some(({ readsP95 }) => readsP95),
    );
    const baseline = Array.from({ length: family.baselineRuns }, () => next(nothing));
    const changed = Array.from({ length: change.within }, (_, run) => next(change.effect(run + 1)));
    for (const [which, detector] of detectors.entries()) {
      const watching = detector.watch(family.baselineRuns, family.cadenceMs);
      let up = false;
      for (const run of baseline) up = watching.take(run);
      // An alarm that was up before anything happened finds nothing.
      if (!up) delays[which]?.push(runsToAlarm(watching, changed));
    }
  }
  return detectors.map(({ name }, which) => {
    const sorted = (delays[which] ?? []).toSorted((a, b) => a - b);
    const median = sorted[(sorted.length - 1) >> 1] ?? Number.POSITIVE_INFINITY;
    const within10 = sorted.filter((delay) => delay <= 10).length / Math.max(1, sorted.length);
    return { detector: name, change: change.name, median: Number.isFinite(median) ? median : null, within10 };
  });
};
