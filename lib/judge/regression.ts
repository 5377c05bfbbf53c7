import { accept, clear, describe, pin, unpin } from './regression/baseline.ts';
import type {
  BaselineDescription,
  RegressionAct,
  RegressionFinding,
  RegressionRule,
  RegressionSample,
} from './regression/finding.ts';
import type { SketchBase, SketchHot } from './regression/memory.ts';
import { advanceSketches } from './regression/sketches.ts';
import {
  acceptValues,
  advanceValues,
  clearValues,
  describeValues,
  openValues,
  pinValues,
  unpinValues,
  type ValuesBase,
  type ValuesHot,
} from './regression/values.ts';

export { runsToDetect } from './regression/delay.ts';
export type {
  BaselineDescription,
  BaselineState,
  RatioInterval,
  RegressionAct,
  RegressionFinding,
  RegressionRule,
  RegressionSample,
} from './regression/finding.ts';

/** Written after each run: scores, onsets and the block that is still open. Plain JSON, less than 2 kB. */
export type RegressionHot = SketchHot | ValuesHot;

/** The accepted past. Plain JSON, less than 12 kB; the same object until a block closes or somebody changes it. */
export type RegressionBase = SketchBase | ValuesBase;

export type RegressionMemory = { readonly hot: RegressionHot; readonly base: RegressionBase };

export type RegressionAdvance = {
  readonly memory: RegressionMemory;
  readonly finding: RegressionFinding;
  /** What the baseline did by itself. */
  readonly act?: RegressionAct;
};

/**
 * Takes in one run of a series and says what it makes of it. Samples come in the order of their time. Another kind of
 * sample than before starts anew; a base that a person has changed keeps, and only the scores start anew.
 *
 * @param before `undefined` for the first run. Without `hot` the base is kept and nothing is suspected.
 */
export const advanceRegression = (
  rule: RegressionRule,
  before: { readonly hot?: RegressionHot; readonly base: RegressionBase } | undefined,
  sample: RegressionSample,
): RegressionAdvance => {
  const { hot, base } = before ?? {};
  if ('sketch' in sample) {
    const known = base?.kind === 'sketches' ? { base, ...(hot?.kind === 'sketches' ? { hot } : {}) } : undefined;
    return advanceSketches(rule, known, sample);
  }
  const known = base?.kind === 'values' ? { base, ...(hot?.kind === 'values' ? { hot } : {}) } : undefined;
  return advanceValues(rule, known, sample);
};

/** The same judge over a whole history, with a memory of its own: no copy of it is made for each sample. */
export type RegressionReplay = {
  /** `p95`: of the base as it is now; `null` of aggregated values, which are compared hour by hour. */
  take(sample: RegressionSample): { readonly finding: RegressionFinding; readonly p95: number | null };
};

/** All samples of one replay are of the same kind: sketches, or values. */
export const openRegression = (rule: RegressionRule): RegressionReplay => {
  const values = openValues(rule);
  let memory: { readonly hot: SketchHot; readonly base: SketchBase } | undefined;
  let p95: number | null = null;
  return {
    take: (sample) => {
      if (!('sketch' in sample)) return { finding: values.take(sample).finding, p95: null };
      const step = advanceSketches(rule, memory, sample);
      // It is another object when it has learnt, which is seldom.
      if (memory?.base !== step.memory.base) p95 = describe(step.memory.base).p95;
      memory = step.memory;
      return { finding: step.finding, p95 };
    },
  };
};

/** The level of today is right from now on: that of the change which was confirmed, else the rolling baseline's. */
export const acceptLevel = (base: RegressionBase): RegressionBase =>
  base.kind === 'sketches' ? accept(base) : acceptValues(base);

/** Learns nothing more, and settles nowhere, until unpinned. */
export const pinBaseline = (base: RegressionBase): RegressionBase =>
  base.kind === 'sketches' ? pin(base) : pinValues(base);

export const unpinBaseline = (base: RegressionBase): RegressionBase =>
  base.kind === 'sketches' ? unpin(base) : unpinValues(base);

/** Forgets all: the next run is the first. */
export const clearBaseline = (base: RegressionBase): RegressionBase =>
  base.kind === 'sketches' ? clear(base) : clearValues(base);

export const describeBaseline = (base: RegressionBase): BaselineDescription =>
  base.kind === 'sketches' ? describe(base) : describeValues(base);
