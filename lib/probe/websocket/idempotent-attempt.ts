import type { IdempotentStep, Json, RequestStep, Step } from '../../config/plan.ts';
import { compilePath, findFirst } from '../../match/json-path.ts';
import type { Evidence, Failure } from '../../result/result.ts';
import type { Message } from '../../sequence/codec/codec.ts';
import { inMs } from '../../sequence/words.ts';
import type { Values } from '../session.ts';
import { awaitMessage } from './await-message.ts';
import { captureAll } from './capture.ts';
import type { Conversation } from './conversation.ts';
import type { ExecuteStep } from './execute.ts';
import { renderPayload } from './render.ts';
import { sendPayload } from './say.ts';

/** One of several times that the same thing is done. */
export type Attempt = {
  readonly latencyMs: number;
  /** Where its answer is: `#7`, `the 201 answer`. */
  readonly where: string;
  /** What the paths to compare found in the answer, in their order. */
  readonly values: readonly (Json | undefined)[];
  readonly captures: Readonly<Record<string, Json>>;
  readonly frames: readonly number[];
  readonly failure?: Failure;
  readonly unexpectedStatus?: number;
  readonly evidence?: Evidence;
};

/** Does it once, within the given time; what is to be captured is, if it is there. */
export type MakeAttempt = (
  withinMs: number,
  capture: IdempotentStep['capture'],
  signal: AbortSignal,
) => Promise<Attempt>;

type Sending = Extract<IdempotentStep['action'], { readonly kind: 'send' }>;

const unanswered = (failure: Failure): Attempt => ({
  latencyMs: 0,
  where: 'no answer',
  values: [],
  captures: {},
  frames: [],
  failure,
});

const sending = (step: IdempotentStep, action: Sending, values: Values, conversation: Conversation): MakeAttempt => {
  const { engines, context, journal, patternOf } = conversation;
  const { as } = action;
  const payload = renderPayload(action.payload, values);
  const pattern = patternOf(action.answer, values);
  const queries = step.same.map((path) => compilePath(path, engines.search));
  const find = (message: Message) => (pattern.matches(message) ? message : undefined);
  return async (withinMs, capture, signal) => {
    const sinceMs = context.clock.monotonic();
    const from = journal.positionAfter(as, journal.last());
    const unsent = await sendPayload(payload, { as, step: step.name, timeoutMs: withinMs, signal, conversation });
    if (unsent) return unanswered(unsent);
    const leftMs = Math.max(0, sinceMs + withinMs - context.clock.monotonic());
    const awaiting = { as, find, withinMs: leftMs, step: step.name, conversation, signal, from, sinceMs };
    const seen = await awaitMessage(awaiting);
    if ('down' in seen) {
      return unanswered({ ...seen.down, message: `${seen.down.message}; its answer ${pattern.text} had not come` });
    }
    if ('silent' in seen) {
      const message = `its answer ${pattern.text} never came within ${inMs(step.withinMs)}`;
      return unanswered({ kind: 'timeout', message });
    }
    const { found, entry, latencyMs } = seen;
    const { n } = entry.frame;
    const compared = queries.map((query) => findFirst(query, found.body) as Json | undefined);
    const captured = captureAll(capture, [entry], `#${n}`, conversation);
    return { latencyMs, where: `#${n}`, values: compared, frames: [n], ...captured };
  };
};

type Requesting = Extract<IdempotentStep['action'], { readonly kind: 'request' }>;

const compareName = (path: string): string => `same ${path}`;

/** One attempt as a request step. */
const requestOf = (step: IdempotentStep, { request }: Requesting): RequestStep => ({
  type: 'request',
  name: step.name,
  timeoutMs: step.timeoutMs,
  thresholds: [],
  request,
  expect: { header: {}, cookie: {}, json: {}, tls: {} },
  capture: {
    ...step.capture,
    ...Object.fromEntries(step.same.map((path) => [compareName(path), { from: 'json', path, secret: false }])),
  },
});

/** The request that a step makes several times, where it makes one. */
export const requestsIn = (step: Step): readonly RequestStep[] =>
  step.type === 'idempotent' && step.action.kind === 'request' ? [requestOf(step, step.action)] : [];

const requesting = (step: IdempotentStep, action: Requesting, values: Values, execute: ExecuteStep): MakeAttempt => {
  const once = requestOf(step, action);
  return async (withinMs, capture, signal) => {
    const wanted = Object.entries(once.capture).filter(
      ([name]) => Object.hasOwn(capture, name) || !Object.hasOwn(step.capture, name),
    );
    const timeoutMs = Math.min(once.timeoutMs, withinMs);
    const outcome = await execute({ ...once, timeoutMs, capture: Object.fromEntries(wanted) }, values, signal);
    const { captures, failure, unexpectedStatus, evidence } = outcome;
    const kept = Object.entries(captures).filter(([name]) => Object.hasOwn(capture, name));
    return {
      latencyMs: outcome.latencyMs ?? 0,
      where: `the ${evidence?.response?.status ?? 'missing'} answer`,
      values: step.same.map((path) => captures[compareName(path)]),
      captures: Object.fromEntries(kept),
      frames: [],
      ...(failure ? { failure } : {}),
      ...(unexpectedStatus === undefined ? {} : { unexpectedStatus }),
      ...(evidence ? { evidence } : {}),
    };
  };
};

/** Prepares what is to be done several times: the same thing each time. @throws TemplateError */
export const prepareAttempt = (
  step: IdempotentStep,
  values: Values,
  conversation: Conversation,
  execute: ExecuteStep,
): MakeAttempt =>
  step.action.kind === 'send'
    ? sending(step, step.action, values, conversation)
    : requesting(step, step.action, values, execute);
