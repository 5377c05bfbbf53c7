import type { ExpectStep, FramePattern, Invariant, Matcher, Step } from '../config/plan.ts';
import { loadMatchEngines, type MatchEngines } from '../match/engines.ts';
import { usesPatterns } from '../match/json-path.ts';
import { showValue } from '../result/redact.ts';
import { loadCodec } from '../sequence/codec/codec.ts';
import { runFlow } from './flow.ts';
import { openHttpSessions } from './http.ts';
import type { Prober, Redactor } from './prober.ts';
import { doneStep, type OpenSessions, type Session, type SessionOutcome, type Values } from './session.ts';
import { TemplateError } from './template.ts';
import { executeConnect } from './websocket/connect-step.ts';
import { type Conversation, checkConversation, openConversation } from './websocket/conversation.ts';
import { executeExpectClose } from './websocket/expect-close-step.ts';
import { executeExpect } from './websocket/expect-step.ts';
import { executeSend } from './websocket/send-step.ts';
import { warmUpOrigins } from './websocket/warm-up.ts';

const patternsOf = ({ expectation }: ExpectStep): readonly FramePattern[] => {
  const patterns = expectation.kind === 'inOrder' ? expectation.patterns : [expectation.pattern];
  return expectation.kind === 'absent' && expectation.afterSeen ? [...patterns, expectation.afterSeen] : patterns;
};

const matchersOf = (step: Step): readonly Matcher[] => {
  if (step.type === 'connect') return step.expectRefused ? [step.expectRefused.status] : [];
  if (step.type === 'expectClose') return [step.code];
  return step.type === 'expect' ? patternsOf(step).flatMap((pattern) => Object.values(pattern.paths)) : [];
};

/** Whether a capture or a path of the step searches texts. */
const searchesTexts = (step: Step): boolean =>
  step.type === 'expect' &&
  (Object.values(step.capture).some((one) => one.from === 'body' || (one.from === 'json' && usesPatterns(one.path))) ||
    patternsOf(step).some(({ paths }) => Object.keys(paths).some(usesPatterns)));

const fieldOf = (invariant: Invariant): string => (invariant.kind === 'noDuplicates' ? invariant.key : invariant.field);

const loadFrameEngines = (steps: readonly Step[], invariants: readonly Invariant[]): Promise<MatchEngines> => {
  const patterns = steps.some(searchesTexts) || invariants.map(fieldOf).some(usesPatterns);
  return loadMatchEngines(steps.flatMap(matchersOf), { patterns });
};

const executeStep = (step: Step, values: Values, signal: AbortSignal, conversation: Conversation, http: Session) => {
  switch (step.type) {
    case 'request':
      return http.execute(step, values, signal);
    case 'connect':
      return executeConnect(step, values, signal, conversation);
    case 'send':
      return executeSend(step, values, signal, conversation);
    case 'expect':
      return executeExpect(step, values, signal, conversation);
    case 'expectClose':
      return executeExpectClose(step, values, signal, conversation);
  }
};

/** Takes secrets out of what a step says, and settles whether it failed. */
const conclude = (outcome: SessionOutcome, redact: Redactor): SessionOutcome => {
  const { failure } = outcome;
  const checks = outcome.checks.map((check) => ({ ...check, actual: showValue(check.actual, redact, 1_000) }));
  const failed = failure !== undefined || checks.some((check) => check.result === 'fail');
  return {
    ...outcome,
    status: failed ? 'failed' : outcome.status,
    checks,
    ...(failure ? { failure: { ...failure, message: showValue(failure.message, redact, 1_000) } } : {}),
  };
};

const openSession = (conversation: Conversation, http: Session): Session => {
  const { connections, context, told } = conversation;
  const tell = (outcome: SessionOutcome): SessionOutcome => {
    if (outcome.failure) told.push(outcome.failure.message);
    return conclude(outcome, context.redact);
  };
  return {
    execute: async (step, values, signal) => {
      try {
        return tell(await executeStep(step, values, signal, conversation, http));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        const failure = { kind: 'template', message: error.message } as const;
        return tell({ ...doneStep(step, 0), latencyMs: null, attempts: 0, failure });
      }
    },
    finish: async () => {
      await Promise.all([...connections.values()].map((connection) => connection.close()));
      return [...(await http.finish()), ...checkConversation(conversation)];
    },
    abort: () => {
      for (const connection of connections.values()) connection.terminate();
      http.abort();
    },
  };
};

/** Sessions for websocket steps, and for request steps beside them. */
export const openWebsocketSessions: OpenSessions = async (probe, context, mode) => {
  const [codec, engines, http] = await Promise.all([
    loadCodec(probe.codec),
    loadFrameEngines([...probe.steps, ...probe.cleanup], probe.invariants),
    openHttpSessions(probe, context, mode),
  ]);
  return {
    warmUp: async (values, signal) => {
      await warmUpOrigins(probe, values, context, signal);
      return http.warmUp(values, signal);
    },
    open: (passStartMs) =>
      openSession(openConversation(probe, context, codec, engines, passStartMs), http.open(passStartMs)),
    close: http.close,
  };
};

/** Measures a websocket sequence. */
export const probeWebsocket: Prober = (probe, context, signal) =>
  runFlow(probe, context, signal, openWebsocketSessions);
