import type { ProbePlan, Step } from '../config/plan.ts';
import { withInner } from '../config/plan-walk.ts';
import { runFlow } from './flow.ts';
import { openHttpSessions } from './http.ts';
import type { Prober } from './prober.ts';
import type { OpenSessions, Session } from './session.ts';
import { TemplateError } from './template.ts';
import { checkConversation, recordConversation } from './websocket/conclusion.ts';
import { type Conversation, createCodecSource, type Equipment, openConversation } from './websocket/conversation.ts';
import { cutShort } from './websocket/cut-short.ts';
import { loadFrameEngines } from './websocket/engines.ts';
import { createExecute } from './websocket/execute.ts';
import { requestsIn } from './websocket/idempotent-attempt.ts';
import { createPatterns } from './websocket/patterns.ts';
import { warmUpOrigins } from './websocket/warm-up.ts';

const openSession = (conversation: Conversation, http: Session): Session => {
  const { connections, dialogues } = conversation;
  return {
    execute: createExecute(conversation, http),
    finish: async () => {
      await Promise.all([...connections.values()].map((connection) => connection.close()));
      dialogues.hush();
      return [...(await http.finish()), ...checkConversation(conversation)];
    },
    cutShort: (step) => cutShort(step, conversation),
    sequence: () => recordConversation(conversation),
    abort: () => {
      dialogues.hush();
      for (const connection of connections.values()) void connection.drop();
      http.abort();
    },
  };
};

/** Loads the codec before anything is timed. Where a variable is not set, the steps that need it will say so. */
const loadAhead = async (codecOf: Equipment['codecOf']): Promise<void> => {
  try {
    await codecOf();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
  }
};

const layOut = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap(withInner).flatMap((step) => [step, ...requestsIn(step)]);

/** The probe with what lies inside its steps beside them: what that needs is loaded and warmed up like all the rest. */
const laidOut = (probe: ProbePlan): ProbePlan => ({
  ...probe,
  steps: layOut(probe.steps),
  cleanup: layOut(probe.cleanup),
});

/** Sessions for websocket steps, and for request steps beside them. */
export const openWebsocketSessions: OpenSessions = async (probe, context, mode) => {
  const flat = laidOut(probe);
  const codecOf = createCodecSource(probe.codec, context.values);
  const [engines, http] = await Promise.all([
    loadFrameEngines([...probe.steps, ...probe.cleanup], probe.invariants),
    openHttpSessions(flat, context, mode),
    loadAhead(codecOf),
  ]);
  const patternOf = createPatterns(engines, context.redact);
  const equipment: Equipment = { probe, context, codecOf, engines, patternOf };
  return {
    warmUp: async (values, signal) => {
      await warmUpOrigins(flat, values, context, signal);
      return http.warmUp(values, signal);
    },
    open: (passStartMs) => openSession(openConversation(equipment, passStartMs), http.open(passStartMs)),
    close: http.close,
  };
};

/** Measures a websocket sequence. */
export const probeWebsocket: Prober = (probe, context, signal) =>
  runFlow(probe, context, signal, openWebsocketSessions);
