import type { ProbePlan } from '../config/plan.ts';
import { changesTarget } from '../config/side-effects.ts';

/** Whether a run may change its target, its cleanup included: then it is claimed before it is made. */
export const hasSideEffects = ({ steps, cleanup }: Pick<ProbePlan, 'steps' | 'cleanup'>): boolean =>
  [...steps, ...cleanup].some(changesTarget);
