import type { Place } from '../place.ts';
import type { Step } from '../plan.ts';
import type { RequestInput, StepInput } from '../schema/config.ts';
import { mayChange } from '../side-effects.ts';
import { compileConnect, compileExpect, compileExpectClose, compileSend, connectionOf } from './frames.ts';
import { compileRequestStep, type StepDefaults } from './request.ts';

/** `/api/notes/:firstId` of `{{baseUrl}}/api/notes/{{firstId}}?limit=1`: short, and the same in every environment. */
const pathOf = ({ url }: RequestInput): string => {
  const path = url.replace(/^\s*(?:\{\{[^{}]*\}\}|[a-z]+:\/\/[^/?#]*)/i, '').replace(/[?#].*$/s, '');
  return path.replace(/\{\{\s*([\w.]+)\s*\}\}/g, ':$1').slice(0, 80) || '/';
};

const purpose = (step: StepInput): string => {
  if ('request' in step) return `${step.request.method ?? 'GET'} ${pathOf(step.request)}`;
  if ('connect' in step) return `connect ${connectionOf(step.connect.as)}`;
  if ('send' in step) return `send ${connectionOf(step.send.as)}`;
  if ('expect' in step) return `expect ${connectionOf(step.expect.as)}`;
  return `expect close ${connectionOf(step.expectClose.as)}`;
};

/** Position, what it does and to whom: `2 send a`, `1 GET /api/notes`. */
export const defaultStepName = (step: StepInput, position: number): string => `${position} ${purpose(step)}`;

export const compileStep = (step: StepInput, place: Place, defaults: StepDefaults): Step => {
  if ('request' in step) return compileRequestStep(step, place, defaults);
  if ('connect' in step) return compileConnect(step, place, defaults);
  if ('send' in step) return compileSend(step, place, defaults);
  if ('expect' in step) return compileExpect(step, place, defaults);
  return compileExpectClose(step, place, defaults);
};

/** Repeating it would change the target. */
export const hasSideEffects = (step: StepInput): boolean => 'request' in step && mayChange(step.request.method);
