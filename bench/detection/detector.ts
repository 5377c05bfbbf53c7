import { advanceRegression, type RegressionMemory, type RegressionRule } from '../../lib/judge/regression.ts';
import type { SimulatedRun } from './run.ts';

/** Takes in one run; answers whether its alarm is up. */
export type Watching = { readonly take: (run: SimulatedRun) => boolean };

/** Learns the baseline from the first runs it is given. */
export type Detector = {
  readonly name: string;
  /** Needs the p95 of each run by itself. */
  readonly readsP95: boolean;
  readonly watch: (baselineRuns: number, cadenceMs: number) => Watching;
};

const watching = (rule: RegressionRule): Watching => {
  let memory: RegressionMemory | undefined;
  return {
    take: ({ atMs, sketch }) => {
      const next = advanceRegression(rule, memory, { atMs, sketch, unanswered: 0 });
      memory = next.memory;
      return next.finding.firing;
    },
  };
};

/** As for a page; a ticket asks for no less. */
export const plimsoll: Detector = {
  name: 'plimsoll, h = 9',
  readsP95: false,
  watch: (_, cadenceMs) => watching({ maxRegression: 0.2, severity: 'page', cadenceMs }),
};
