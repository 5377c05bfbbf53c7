import {
  advanceRegression,
  type RegressionMemory,
  type RegressionRule,
  type RegressionSample,
} from '../../lib/judge/regression.ts';
import { sketchOf } from '../../lib/result/sketch.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 5);
const samplesPerRun = 200;

/** Latencies around a level, the same each time: from 0.6 to 1.8 of it, with a thin tail. */
const latenciesAt = (level: number, run: number): readonly number[] =>
  Array.from({ length: samplesPerRun }, (_, index) => {
    const share = (index + 0.5) / samplesPerRun;
    const wobble = 1 + 0.02 * Math.sin(run * 2.4);
    return level * wobble * (0.6 + 0.6 * share + 0.6 * share ** 12);
  });

/** What the judge has learnt from hourly runs at one level after another, each for so many runs. */
export const learn = (levels: readonly (readonly [level: number, runs: number])[]) => {
  const rule: RegressionRule = { maxRegression: 0.2, severity: 'ticket', cadenceMs: hourMs };
  let run = 0;
  const next = (level: number): RegressionSample => {
    run += 1;
    return { atMs: startMs + run * hourMs, sketch: sketchOf(latenciesAt(level, run)), unanswered: 0 };
  };
  let memory: RegressionMemory | undefined;
  let finding: ReturnType<typeof advanceRegression>['finding'] | undefined;
  for (const [level, runs] of levels) {
    for (let index = 0; index < runs; index += 1) ({ memory, finding } = advanceRegression(rule, memory, next(level)));
  }
  if (!memory || !finding) throw new Error('nothing to learn from');
  return {
    rule,
    memory,
    finding,
    next,
    more: (level: number, runs: number) => Array.from({ length: runs }, () => next(level)),
  };
};
