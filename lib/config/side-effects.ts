import type { HttpMethod, ProbePlan, Step } from './plan.ts';

const safeMethods: readonly HttpMethod[] = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a request may change its target: then it is made once, where others are repeated. Default method GET. */
export const mayChange = (method: HttpMethod = 'GET'): boolean => !safeMethods.includes(method);

/** What a frame does, nobody knows but its receiver. */
const changesTarget = (step: Step): boolean =>
  step.type === 'send' || (step.type === 'request' && mayChange(step.request.method));

/** Whether a run may change its target, its cleanup included: then it is claimed before it is made. */
export const hasSideEffects = ({ steps, cleanup }: Pick<ProbePlan, 'steps' | 'cleanup'>): boolean =>
  [...steps, ...cleanup].some(changesTarget);
