import { rollingOf, stateOf } from './baseline.ts';
import type { BaselineState, RegressionRule } from './finding.ts';
import { limitOf } from './limit.ts';
import type { Chunk, SketchBase, Spread } from './memory.ts';
import { type Reference, referenceOf } from './reference.ts';
import { type Comparison, comparisonsOf } from './trail.ts';

/** What a block is judged by, made from the base. */
export type Standing = {
  readonly rule: RegressionRule;
  readonly state: BaselineState;
  /** All accepted blocks as one. */
  readonly rolling?: Chunk;
  /** `undefined` while there is too little to compare with. */
  readonly reference?: Reference;
  readonly spread: Spread;
  readonly limit: number;
  /** p95 (ms) of the baseline that a person accepted last, or of the first. */
  readonly acceptedP95?: number;
  /** Only while the baseline is active. */
  readonly comparisons: readonly Comparison[];
};

const noSpread: Spread = { blocks: 0, samples: 0, shift: 0, tail: 0 };

export const standingOf = (rule: RegressionRule, base: SketchBase, cadenceMs: number | undefined): Standing => {
  const rolling = rollingOf(base);
  const known = {
    rule,
    state: stateOf(rolling),
    spread: rolling?.spread ?? noSpread,
    limit: limitOf(rule, cadenceMs),
    ...(base.acceptedP95 === undefined ? {} : { acceptedP95: base.acceptedP95 }),
  };
  if (!rolling || known.state === 'none') return { ...known, ...(rolling ? { rolling } : {}), comparisons: [] };
  const reference = referenceOf(rolling.counts, rule.maxRegression);
  if (known.state === 'provisional') return { ...known, rolling, reference, comparisons: [] };
  const anchor = base.anchor && referenceOf(base.anchor.counts, rule.maxRegression);
  return {
    ...known,
    rolling,
    reference,
    comparisons: comparisonsOf(reference, anchor, known.limit, rule.maxRegression),
  };
};
