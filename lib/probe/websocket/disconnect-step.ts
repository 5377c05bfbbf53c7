import type { DisconnectStep } from '../../config/plan.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import { inMs } from '../../sequence/words.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderText } from '../template.ts';
import type { Connection } from './connection.ts';
import { awaiting, type Conversation, describeClose, downOf } from './conversation.ts';
import { framesAround } from './frames.ts';
import type { Ended } from './listening.ts';
import { waitFor } from './wait.ts';

type Closed = {
  readonly endMs: number;
  readonly checks: readonly CheckOutcome[];
  readonly failure?: Failure;
};

const withoutAnswer = 1006;

/** A server must answer a close with one of its own (RFC 6455 §5.5.1), and then hang up first (§7.1.1). */
const checkAnswer = (ended: Ended): CheckOutcome =>
  ended.code === withoutAnswer
    ? { name: 'close is answered', result: 'fail', actual: 'the server hung up without a close frame (1006)' }
    : { name: 'close is answered', result: 'pass', actual: describeClose(ended) };

const closeInTime = async (
  connection: Connection,
  { close, reason }: { readonly close: number; readonly reason: string },
  withinMs: number,
  signal: AbortSignal,
  { journal, context }: Conversation,
): Promise<Closed> => {
  const untilMs = context.clock.monotonic() + withinMs;
  connection.startClose(close, reason);
  const ended = await waitFor(connection.ended, untilMs, journal, context.clock, signal);
  if (ended) return { endMs: ended.at, checks: [checkAnswer(ended)] };
  await connection.drop();
  // `ws` keeps the code of a close frame that came, though nobody hung up after it.
  const answered = connection.ended()?.code !== withoutAnswer;
  const what = answered ? 'answered the close, and did not hang up' : 'never answered the close';
  const message = `connection "${connection.name}": the server ${what} within ${inMs(withinMs)}`;
  return { endMs: untilMs, checks: [], failure: { kind: 'timeout', message } };
};

const terminate = async (connection: Connection, { context }: Conversation): Promise<Closed> => {
  await connection.drop();
  return { endMs: connection.ended()?.at ?? context.clock.monotonic(), checks: [] };
};

/**
 * Ends a connection: by the close handshake, whose time from our close to the end is the phase `close`, or by dropping
 * the socket, which takes no time that says anything of the server.
 */
export const executeDisconnect = async (
  step: DisconnectStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const { how, withinMs } = step;
  const reason = how === 'terminate' ? '' : renderText(how.reason, values);
  const startMs = conversation.context.clock.monotonic();
  const connection = conversation.connections.get(step.as);
  const down = downOf(step.as, conversation);
  if (down || !connection) return { ...doneStep(step, 0), latencyMs: null, ...(down ? { failure: down } : {}) };
  awaiting(conversation, () => `connection "${step.as}": the server had not answered the close`);
  const { endMs, checks, failure } =
    how === 'terminate'
      ? await terminate(connection, conversation)
      : await closeInTime(connection, { close: how.close, reason }, withinMs, signal, conversation);
  const closeMs = Math.max(0, endMs - startMs);
  return {
    ...doneStep(step, closeMs),
    ...(how === 'terminate' ? {} : { phasesMs: { close: closeMs } }),
    checks,
    ...(failure ? { failure } : {}),
    evidence: { frames: framesAround([], conversation, failure !== undefined) },
  };
};
