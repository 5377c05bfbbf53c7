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
