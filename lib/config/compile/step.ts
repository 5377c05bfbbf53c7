import type { Place } from '../place.ts';
import type { Step } from '../plan.ts';
import type { RequestInput, StepInput } from '../schema/config.ts';
import { mayChange } from '../side-effects.ts';
import { compileExpect } from './expect.ts';
import { compileConnect, compileDisconnect, compileExpectClose, compileSend, connectionOf } from './frames.ts';
import { compileIdempotent } from './idempotent.ts';
import { compileRequestStep, type StepDefaults } from './request.ts';
import { compileAck, compileReconnect, compileReplay } from './resume.ts';
import { compileSoak } from './soak.ts';
import { compileBarrier, compileConverge, compileQuiet } from './wait.ts';

/** `/api/notes/:firstId` of `{{baseUrl}}/api/notes/{{firstId}}?limit=1`: short, and the same in every environment. */
const pathOf = ({ url }: RequestInput): string => {
  const path = url.replace(/^\s*(?:\{\{[^{}]*\}\}|[a-z]+:\/\/[^/?#]*)/i, '').replace(/[?#].*$/s, '');
  return path.replace(/\{\{\s*([\w.]+)\s*\}\}/g, ':$1').slice(0, 80) || '/';
};

const requestPurpose = (request: RequestInput): string => `${request.method ?? 'GET'} ${pathOf(request)}`;

const listed = (as: string | readonly string[] | undefined): string =>
  typeof as === 'object' ? as.join(', ').slice(0, 80) : connectionOf(as);

const purpose = (step: StepInput): string => {
  if ('request' in step) return requestPurpose(step.request);
  if ('connect' in step) return `connect ${connectionOf(step.connect.as)}`;
  if ('send' in step) return `send ${connectionOf(step.send.as)}`;
  if ('expect' in step) return `expect ${listed(step.expect.as)}`;
  if ('expectClose' in step) return `expect close ${connectionOf(step.expectClose.as)}`;
  if ('disconnect' in step) return `disconnect ${connectionOf(step.disconnect.as)}`;
  if ('reconnect' in step) return `reconnect ${connectionOf(step.reconnect.as)}`;
  if ('replay' in step) return `replay ${connectionOf(step.replay.as)}`;
  if ('ack' in step) return `ack ${connectionOf(step.ack.as)}`;
  if ('idempotent' in step) {
    const { send, request } = step.idempotent;
    return `idempotent ${request === undefined ? connectionOf(send?.as) : requestPurpose(request)}`;
  }
  if ('barrier' in step) return `barrier ${listed('as' in step.barrier ? step.barrier.as : step.barrier)}`;
  if ('converge' in step) return `converge ${listed(step.converge.as)}`;
  if ('soak' in step) return 'soak';
  const as = typeof step.quiet === 'string' ? undefined : step.quiet.as;
  return as === undefined ? 'quiet' : `quiet ${listed(as)}`;
};

/**
 * Compiles a step. Its default name says where it stands, what it does and to whom: `2 send a`, `1 GET /api/notes`, and
 * `6.1 send a` within a soak. `position` is the first part of it.
 */
export const compileStep = (
  step: StepInput,
  place: Place,
  bounds: Omit<StepDefaults, 'name'>,
  position: string,
): Step => {
  const defaults = { ...bounds, name: `${position} ${purpose(step)}` };
  if ('request' in step) return compileRequestStep(step, place, defaults);
  if ('connect' in step) return compileConnect(step, place, defaults);
  if ('send' in step) return compileSend(step, place, defaults);
  if ('expect' in step) return compileExpect(step, place, defaults);
  if ('expectClose' in step) return compileExpectClose(step, place, defaults);
  if ('disconnect' in step) return compileDisconnect(step, place, defaults);
  if ('reconnect' in step) return compileReconnect(step, place, defaults);
  if ('replay' in step) return compileReplay(step, place, defaults);
  if ('ack' in step) return compileAck(step, place, defaults);
  if ('idempotent' in step) return compileIdempotent(step, place, defaults);
  if ('barrier' in step) return compileBarrier(step, place, defaults);
  if ('quiet' in step) return compileQuiet(step, place, defaults);
  if ('converge' in step) return compileConverge(step, place, defaults);
  return compileSoak(step, place, defaults, (inner, at, within) =>
    compileStep(inner, at, bounds, `${position}.${within}`),
  );
};

/** Repeating it would change the target. */
export const hasSideEffects = (step: StepInput): boolean => 'request' in step && mayChange(step.request.method);
