import { mergeSketches, quantile } from '../../lib/result/sketch.ts';
import type { Detector, Watching } from './detector.ts';
import { changesUp } from './e-divisive.ts';
import type { SimulatedRun } from './run.ts';
import { meanOf, medianOf, tStatistic } from './statistics.ts';

/** Written here from what each publishes of itself; none of their code. */
type Rule = {
  /** Answers whether the alarm is up after the last of these runs. */
  readonly judge: (runs: readonly SimulatedRun[]) => boolean;
};

/** A rule that is set up once by the baseline runs, and looks at all runs so far with each new one. */
const peer = (name: string, prepare: (baseline: readonly SimulatedRun[]) => Rule): Detector => {
  const watch = (baselineRuns: number): Watching => {
    const runs: SimulatedRun[] = [];
    let rule: Rule | undefined;
    return {
      take: (run) => {
        if (runs.length === baselineRuns) rule ??= prepare(runs.slice());
        runs.push(run);
        return rule?.judge(runs) ?? false;
      },
    };
  };
  return { name, readsP95: true, watch };
};

const factor = 1.2;

const pooledP95 = (runs: readonly SimulatedRun[]): number =>
  quantile(mergeSketches(runs.map(({ sketch }) => sketch)), 0.95) ?? Number.POSITIVE_INFINITY;

const naiveLast = peer('naive: over 1.2 × the last run', () => ({
  judge: (runs) => (runs.at(-1)?.p95 ?? 0) > factor * (runs.at(-2)?.p95 ?? Number.POSITIVE_INFINITY),
}));

const overPooled = (inARow: number) => (baseline: readonly SimulatedRun[]) => {
  const limit = factor * pooledP95(baseline);
  return { judge: (runs: readonly SimulatedRun[]) => runs.slice(-inARow).every(({ p95 }) => p95 > limit) };
};

/** Page's cumulative sum with reference value 0.5 and limit 5, on the baseline's median and median deviation. */
const cusum = peer('CUSUM of robust z of ln p95, k 0.5, h 5', (baseline) => {
  const logs = baseline.map(({ p95 }) => Math.log(p95));
  const centre = medianOf(logs);
  const spread = 1.4826 * medianOf(logs.map((log) => Math.abs(log - centre)));
  return {
    judge: (runs) => {
      let sum = 0;
      // Far enough back that the sum has been at 0, unless it is up.
      for (const { p95 } of runs.slice(Math.max(baseline.length, runs.length - 120))) {
        sum = Math.max(0, sum + (Math.log(p95) - centre) / spread - 0.5);
      }
      return sum > 5;
    },
  };
});

/** Perfherder's: the last 12 runs against the 12 before, t over 7 and at least 2 % slower. */
const tTest = peer('t-test 12 + 12, t > 7, 2 % (Perfherder)', () => ({
  judge: (runs) => {
    if (runs.length < 24) return false;
    const [before, after] = [runs.slice(-24, -12), runs.slice(-12)].map((part) => part.map(({ p95 }) => p95));
    return before && after ? tStatistic(before, after) > 7 && meanOf(after) >= 1.02 * meanOf(before) : false;
  },
}));

/** Otava's: E-divisive over the last 60 runs at every run; up while a rise stands in the newest third of them. */
const eDivisive = peer('E-divisive, last 60, p < 0.001 (Otava)', () => ({
  judge: (runs) => {
    const window = runs.slice(-60).map(({ p95 }) => p95);
    return changesUp(window).some((at) => at >= (2 / 3) * window.length);
  },
}));

export const peers: readonly Detector[] = [
  naiveLast,
  peer('naive: over 1.2 × the pooled baseline', overPooled(1)),
  peer('pooled baseline, 3 of 3', overPooled(3)),
  cusum,
  tTest,
  eDivisive,
];
