import type { SendStep } from '../../config/plan.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { awaiting, type Conversation } from './conversation.ts';
import { framesAround } from './frames.ts';
import { renderPayload } from './render.ts';
import { sendPayload } from './say.ts';

/** Sends a message, a frame or what an operation takes; its latency is the time until it has left. */
export const executeSend = async (
  step: SendStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const { clock } = conversation.context;
  const payload = renderPayload(step.payload, values);
  const startMs = clock.monotonic();
  const { as, name, timeoutMs } = step;
  awaiting(conversation, () => 'the peer had not taken the frame');
  const failure = await sendPayload(payload, { as, step: name, timeoutMs, signal, conversation });
  const elapsedMs = clock.monotonic() - startMs;
  return {
    ...doneStep(step, elapsedMs),
    ...(failure ? { latencyMs: failure.kind === 'timeout' ? elapsedMs : null, failure } : {}),
    evidence: { frames: framesAround([], conversation) },
  };
};
