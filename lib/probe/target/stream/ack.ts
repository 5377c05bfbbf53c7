import type { Json, Operation } from '../../../config/plan.ts';
import type { Finding, StreamHead } from '../../../drill/record.ts';
import { CodecError } from '../../../sequence/codec/codec.ts';
import { showJson } from '../../../sequence/pattern.ts';
import { ask } from '../../websocket/answer.ts';
import { answerWithinMs, connectionName, type Following } from './following.ts';

/** What the server says to an ack: yes, no with a code, or nothing that could be understood. */
export type Acked =
  | { readonly said: 'yes' }
  | { readonly said: 'no'; readonly code: string }
  | { readonly problem: string };

export const acknowledge = async (stream: string, cursor: Json, following: Following): Promise<Acked> => {
  const { conversation, signal } = following;
  const operation: Operation = { do: 'ack', stream, cursor };
  const asking = { as: connectionName, operation, withinMs: answerWithinMs, step: 'ack', conversation, signal };
  const asked = await ask(asking).catch((error: unknown) => {
    if (error instanceof CodecError) return { failure: { message: error.message } };
    throw error;
  });
  if ('failure' in asked) return { problem: asked.failure.message };
  return asked.answer.accepted ? { said: 'yes' } : { said: 'no', code: asked.answer.code };
};

type Ack = Omit<Finding, 'area'>;

const checksOf = (stream: string) => ({
  kept: `the ack of ${stream} is where it was`,
  stale: `a stale ack of ${stream} is refused`,
});

/** The cursor behind the acknowledged one. */
const behind = ({ events, acked }: StreamHead, from: Json): Json => {
  const at = events.findIndex(({ cursor }) => JSON.stringify(cursor) === JSON.stringify(acked));
  return events[at - 1]?.cursor ?? from;
};

const both = (stream: string, result: Finding['result'], actual: string): readonly Ack[] =>
  Object.values(checksOf(stream)).map((check) => ({ check, result, actual, witnesses: [] }));

/** It went through though it lies behind. Forward and back once more tells whether any goes through, or the ack was lost. */
const judgeAccepted = async (
  { stream, acked = null }: StreamHead,
  stale: Json,
  following: Following,
): Promise<readonly Ack[]> => {
  const { redact } = following.conversation.context;
  const { kept, stale: refused } = checksOf(stream);
  const shown = showJson(stale, redact);
  const witnesses = [`cursor ${shown}`];
  const actual = `the ack at ${shown} was accepted, behind ${showJson(acked, redact)}`;
  await acknowledge(stream, acked, following);
  const again = await acknowledge(stream, stale, following);
  await acknowledge(stream, acked, following);
  if ('said' in again && again.said === 'no') {
    return [
      { check: kept, result: 'fail', actual: `${actual}: the ack was lost`, witnesses },
      {
        check: refused,
        result: 'pass',
        actual: `refused with ${again.code}, once the ack was made again`,
        witnesses: [],
      },
    ];
  }
  return [
    { check: kept, result: 'inconclusive', actual: `${actual}: where it stood cannot be told`, witnesses: [] },
    { check: refused, result: 'fail', actual, witnesses },
  ];
};

/**
 * Whether what was acknowledged before the restart still is: an ack one place behind must be refused, which one whose
 * ack was lost would accept.
 */
export const checkAcks = async (before: StreamHead, following: Following): Promise<readonly Ack[]> => {
  const { stream, acked } = before;
  const { staleAck, from } = following.plan;
  if (staleAck === 'allowed') return [];
  if (acked === undefined) return both(stream, 'inconclusive', 'no ack was accepted before the restart');
  const stale = behind(before, from);
  const answer = await acknowledge(stream, stale, following);
  if ('problem' in answer) return both(stream, 'inconclusive', answer.problem);
  if (answer.said === 'yes') return judgeAccepted(before, stale, following);
  const { kept, stale: refused } = checksOf(stream);
  const right = staleAck === 'any' || staleAck === answer.code;
  const actual = `the ack at ${showJson(stale, following.conversation.context.redact)} is refused with ${answer.code}`;
  return [
    right
      ? { check: kept, result: 'pass', actual, witnesses: [] }
      : { check: kept, result: 'inconclusive', actual: `${actual}, not ${staleAck}`, witnesses: [] },
    {
      check: refused,
      result: right ? 'pass' : 'fail',
      actual: right ? actual : `${actual}, not ${staleAck}`,
      witnesses: [],
    },
  ];
};
