import type { SendStep } from '../../config/plan.ts';
import type { Failure } from '../../result/result.ts';
import type { RawFrame } from '../../sequence/codec/codec.ts';
import { failureOf, timeoutFailure } from '../failure.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderJson, renderText } from '../template.ts';
import type { Connection } from './connection.ts';
import { type Conversation, downOf } from './conversation.ts';
import { framesAround } from './frames.ts';

const renderPayload = (payload: SendStep['payload'], values: Values): SendStep['payload'] => {
  switch (payload.kind) {
    case 'json':
      return { kind: 'json', json: renderJson(payload.json, values) };
    case 'text':
      return { kind: 'text', text: renderText(payload.text, values) };
    case 'binary':
      return { kind: 'binary', base64: renderText(payload.base64, values) };
  }
};

/** Sends, and waits until the frame has left for the kernel: a peer that reads nothing would hold it for ever. */
const flush = (
  connection: Connection,
  raw: RawFrame,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Failure | undefined> => {
  const { promise, resolve, reject } = Promise.withResolvers<Failure | undefined>();
  const timer = setTimeout(() => resolve(timeoutFailure(timeoutMs, 'the peer to take the frame')), timeoutMs);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  connection.send(raw, (error) => resolve(error ? failureOf(error) : undefined));
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
};

/** Sends one frame; its latency is the time until it has left. */
export const executeSend = async (
  step: SendStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  signal.throwIfAborted();
  const { clock } = conversation.context;
  const raw = conversation.codec.encode(renderPayload(step.payload, values));
  const at = clock.monotonic();
  if (step.mark !== undefined) conversation.marks.set(step.mark, { n: conversation.journal.frames.length, at });
  const connection = conversation.connections.get(step.as);
  const down = downOf(step.as, conversation);
  const unsent = down || !connection ? down : await flush(connection, raw, step.timeoutMs, signal);
  const elapsedMs = clock.monotonic() - at;
  // A connection that died meanwhile says more than the error of the write.
  const failure = unsent && unsent.kind !== 'timeout' ? (downOf(step.as, conversation) ?? unsent) : unsent;
  return {
    ...doneStep(step, elapsedMs),
    ...(failure ? { latencyMs: failure.kind === 'timeout' ? elapsedMs : null, failure } : {}),
    evidence: { frames: framesAround([], conversation) },
  };
};
