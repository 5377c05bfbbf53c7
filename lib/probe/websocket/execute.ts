import type { FrameStep, Step } from '../../config/plan.ts';
import { connectionsOf } from '../../config/plan-walk.ts';
import { showValue } from '../../result/redact.ts';
import { CodecError } from '../../sequence/codec/codec.ts';
import { doneStep, framesBlamed, type Session, type SessionOutcome, type Values, whyFailed } from '../session.ts';
import { TemplateError } from '../template.ts';
import { executeAck } from './ack-step.ts';
import { executeBarrier } from './barrier-step.ts';
import { executeConnect } from './connect-step.ts';
import { executeConverge } from './converge-step.ts';
import { awaiting, type Conversation, setMark } from './conversation.ts';
import { executeDisconnect } from './disconnect-step.ts';
import { executeExpectClose } from './expect-close-step.ts';
import { executeExpect } from './expect-step.ts';
import { executeIdempotent } from './idempotent-step.ts';
import { executeQuiet } from './quiet-step.ts';
import { executeReconnect } from './reconnect-step.ts';
import { executeReplay } from './replay-step.ts';
import { executeSend } from './send-step.ts';
import { executeSoak } from './soak-step.ts';

/**
 * Carries out any step of a websocket pass: its mark is set, its outcome is redacted and settled, and what it found
 * broken is noted for the ladder. Rejects when `signal` aborts, with the signal's reason, and when we are broken.
 */
export type ExecuteStep = (step: Step, values: Values, signal: AbortSignal) => Promise<SessionOutcome>;

/** Enough for any report; a soak may fail thousands of times. */
const maxNotes = 50;

/** How a step carries out what lies inside it: the steps of a soak, and a request that is no step of its own. */
type Inside = { readonly step: ExecuteStep; readonly request: ExecuteStep };

const executeFrameStep = (
  step: FrameStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
  inside: Inside,
): Promise<SessionOutcome> => {
  switch (step.type) {
    case 'connect':
      return executeConnect(step, values, signal, conversation);
    case 'send':
      return executeSend(step, values, signal, conversation);
    case 'expect':
      return executeExpect(step, values, signal, conversation);
    case 'expectClose':
      return executeExpectClose(step, values, signal, conversation);
    case 'disconnect':
      return executeDisconnect(step, values, signal, conversation);
    case 'reconnect':
      return executeReconnect(step, values, signal, conversation);
    case 'replay':
      return executeReplay(step, values, signal, conversation);
    case 'ack':
      return executeAck(step, values, signal, conversation);
    case 'idempotent':
      return executeIdempotent(step, values, signal, conversation, inside.request);
    case 'barrier':
      return executeBarrier(step, signal, conversation);
    case 'quiet':
      return executeQuiet(step, signal, conversation);
    case 'converge':
      return executeConverge(step, signal, conversation);
    case 'soak':
      return executeSoak(step, values, signal, conversation, inside.step);
  }
};

/** The connection that a step is about, where it is one alone; a request goes over none of them. */
const connectionOf = (step: Step): string | undefined => {
  if (step.type === 'connect') return step.as;
  if (step.type === 'idempotent' && step.action.kind === 'request') return undefined;
  const [first, ...others] = new Set(connectionsOf(step));
  return others.length === 0 ? first : undefined;
};

/** Notes where the sequence broke, for the ladder: what the step said, and the frames that it found at fault. */
export const noteBroken = (step: Step, outcome: SessionOutcome, conversation: Conversation): void => {
  const { broken, journal, context, passStartMs } = conversation;
  if (outcome.status !== 'failed' || broken.length >= maxNotes) return;
  // Too many failed iterations are no link of their own: each has noted where it broke.
  if (step.type === 'soak' && !outcome.failure) return;
  const connection = connectionOf(step);
  const frames = framesBlamed(outcome);
  broken.push({
    step: step.name,
    atMs: context.clock.monotonic() - passStartMs,
    after: journal.last(),
    text: whyFailed(outcome),
    ...(connection === undefined ? {} : { connection }),
    frames,
  });
};

/** Takes secrets out of what a step says, and settles whether it failed. */
const conclude = (outcome: SessionOutcome, { context: { redact } }: Conversation): SessionOutcome => {
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

/** How the steps of one pass are carried out, requests beside frames. */
export const createExecute = (conversation: Conversation, http: Session): ExecuteStep => {
  let inner: ExecuteStep | undefined;
  const attempt: ExecuteStep = async (step, values, signal) => {
    if (step.mark !== undefined) setMark(step.mark, conversation);
    Object.assign(conversation.awaited, { step: step.name, tell: undefined });
    if (step.type === 'request') {
      awaiting(conversation, () => 'its answer had not come');
      return http.execute(step, values, signal);
    }
    inner ??= createExecute({ ...conversation, terse: true }, http);
    try {
      return await executeFrameStep(step, values, signal, conversation, { step: inner, request: http.execute });
    } catch (error) {
      if (!(error instanceof TemplateError || error instanceof CodecError)) throw error;
      const failure = { kind: 'template', message: error.message } as const;
      return { ...doneStep(step, 0), latencyMs: null, attempts: 0, failure };
    }
  };
  const execute: ExecuteStep = async (step, values, signal) => {
    const outcome = await attempt(step, values, signal);
    conversation.awaited.tell = undefined;
    if (outcome.failure && conversation.told.length < maxNotes) conversation.told.push(outcome.failure.message);
    const settled = conclude(outcome, conversation);
    noteBroken(step, settled, conversation);
    return settled;
  };
  return execute;
};
