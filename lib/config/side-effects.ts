import type { HttpMethod, Step } from './plan.ts';

const safeMethods: readonly HttpMethod[] = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a request may change its target: then it is made once, where others are repeated. Default method GET. */
export const mayChange = (method: HttpMethod = 'GET'): boolean => !safeMethods.includes(method);

/** Whether a step may change its target. What a frame does, nobody knows but its receiver. */
export const changesTarget = (step: Step): boolean =>
  step.type === 'send' || (step.type === 'request' && mayChange(step.request.method));
