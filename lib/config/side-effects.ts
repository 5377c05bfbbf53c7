import type { HttpMethod, ProbePlan, Step } from './plan.ts';
import { stepsOf } from './plan-walk.ts';

const safeMethods: readonly HttpMethod[] = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a request may change its target: then it is made once, where others are repeated. Default method GET. */
export const mayChange = (method: HttpMethod = 'GET'): boolean => !safeMethods.includes(method);

/** What a frame does, nobody knows but its receiver. Connecting and reading again, which a replay does, change nothing. */
const changesTarget = (step: Step): boolean => {
  if (step.type === 'request') return mayChange(step.request.method);
  if (step.type === 'idempotent') return step.action.kind === 'send' || mayChange(step.action.request.method);
  return step.type === 'send' || step.type === 'ack';
};

/** Whether a run may change its target, its cleanup included: then it is claimed before it is made. */
export const hasSideEffects = (probe: Pick<ProbePlan, 'steps' | 'cleanup'>): boolean =>
  stepsOf(probe).some(changesTarget);
