import type { Json, Operation, Payload } from '../../config/plan.ts';
import type { Failure } from '../../result/result.ts';
import type { RawFrame } from '../../sequence/codec/codec.ts';
import { failureOf, timeoutFailure } from '../failure.ts';
import type { Connection } from './connection.ts';
import { type Conversation, downOf } from './conversation.ts';

/** Over which connection something is sent, in whose name, and how long that may take. */
export type Sending = {
  readonly as: string;
  /** Name of the step. */
  readonly step: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly conversation: Conversation;
};

/** A frame as it goes, and the message that it is where it is a whole one. */
type Outgoing = { readonly raw: RawFrame; readonly said?: Json };

/** Waits until the last frame has left for the kernel: a peer that reads nothing would hold it for ever. */
const flush = (
  connection: Connection,
  frames: readonly Outgoing[],
  { step, timeoutMs, signal }: Sending,
): Promise<Failure | undefined> => {
  const { promise, resolve, reject } = Promise.withResolvers<Failure | undefined>();
  const timer = setTimeout(() => resolve(timeoutFailure(timeoutMs, 'the peer to take the frame')), timeoutMs);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let unsent = frames.length;
  if (unsent === 0) resolve(undefined);
  for (const { raw, ...said } of frames) {
    connection.send(raw, { step, ...said }, (error) => {
      unsent -= 1;
      if (error) resolve(failureOf(error));
      else if (unsent === 0) resolve(undefined);
    });
  }
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
};

/** In the spelling of the codec. @throws CodecError for what the protocol cannot say. */
const framesOf = (
  payload: Exclude<Payload, { kind: 'operation' }>,
  { as, conversation }: Sending,
): readonly Outgoing[] => {
  const frames = conversation.dialogues.of(as)?.encode(payload) ?? [];
  const said = payload.kind === 'json' && frames.length === 1 ? { said: payload.json } : {};
  return frames.map((raw) => ({ raw, ...said }));
};

const sendFrames = async (frames: readonly Outgoing[], sending: Sending): Promise<Failure | undefined> => {
  const { as, signal, conversation } = sending;
  signal.throwIfAborted();
  const connection = conversation.connections.get(as);
  const down = downOf(as, conversation);
  if (down || !connection) return down;
  const unsent = await flush(connection, frames, sending);
  // A connection that died meanwhile says more than the error of the write.
  return unsent && unsent.kind !== 'timeout' ? (downOf(as, conversation) ?? unsent) : unsent;
};

/**
 * Carries an operation out in the words of the protocol. Answers what kept them from leaving.
 *
 * @throws CodecError for what the protocol cannot say.
 */
export const operate = async (operation: Operation, sending: Sending): Promise<Failure | undefined> => {
  const { as, conversation } = sending;
  const down = downOf(as, conversation);
  if (down) return down;
  const messages = conversation.dialogues.of(as)?.carryOut(operation);
  if (!messages) {
    const { name } = conversation.probe.codec;
    return { kind: 'template', message: `${name} has no words for "${operation.do}": send the message itself` };
  }
  return sendFrames(
    messages.flatMap((json) => framesOf({ kind: 'json', json }, sending)),
    sending,
  );
};

/** Sends a payload whose templates are filled in, whatever its kind; as `operate`. */
export const sendPayload = async (payload: Payload, sending: Sending): Promise<Failure | undefined> =>
  payload.kind === 'operation' ? operate(payload.operation, sending) : sendFrames(framesOf(payload, sending), sending);
