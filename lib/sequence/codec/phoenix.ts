import type { Json } from '../../config/plan.ts';
import { carrying, type OperationOf } from './carry.ts';
import { type Codec, CodecError, type Dialogue, type Message, type RawFrame, type Role } from './codec.ts';
import { isObject, memberOf, present, readFrame, textOf } from './document.ts';
import { createQuestions } from './questions.ts';
import { bodyOf, encodePayload } from './raw.ts';

/** The topic of the socket itself. */
const socketTopic = 'phoenix';
/** What Phoenix's own client does; the server hangs up after 60 s. */
const heartbeatMs = 30_000;

const roles: ReadonlyMap<string, Role> = new Map([
  ['phx_reply', 'ack'],
  ['phx_error', 'error'],
  ['phx_close', 'control'],
]);

const roleOf = (topic: Json | undefined, event: Json | undefined, status: Json | undefined): Role => {
  if (event === 'phx_reply' && status !== 'ok') return 'error';
  if (topic === socketTopic) return 'heartbeat';
  return roles.get(String(event)) ?? 'event';
};

const messageOf = (fields: readonly Json[]): Message => {
  const [joinRef = null, ref = null, topic = null, event = null, payload = null] = fields;
  const role = roleOf(topic, event, memberOf(payload, 'status'));
  const told = textOf(memberOf(memberOf(payload, 'response'), 'reason')) ?? textOf(memberOf(payload, 'status'));
  const id = event === 'phx_reply' ? textOf(ref) : undefined;
  return {
    body: { join_ref: joinRef, ref, topic, event, payload },
    type: String(event),
    role,
    stream: String(topic),
    ...present({ id, code: role === 'error' ? (told ?? String(event)) : undefined }),
  };
};

const decode = (raw: RawFrame): readonly Message[] => {
  const read = readFrame(raw);
  if ('misread' in read) return [read.misread];
  const { document } = read;
  if (!Array.isArray(document) || document.length !== 5) {
    return [{ body: bodyOf(raw), problem: 'not the five elements of a Phoenix 2 message: is `vsn=2.0.0` in the URL?' }];
  }
  return [messageOf(document)];
};

const messageFor = (operation: OperationOf<'phoenix'>): Json => {
  const { stream: topic } = operation;
  switch (operation.do) {
    case 'subscribe':
      return { topic, event: 'phx_join', payload: operation.payload ?? {} };
    case 'unsubscribe':
      return { topic, event: 'phx_leave', payload: {} };
    case 'publish': {
      const { payload } = operation;
      return { topic, event: memberOf(payload, 'event') ?? null, payload: memberOf(payload, 'payload') ?? {} };
    }
  }
};

const openPhoenix = (): Dialogue => {
  let lastRef = 0;
  /** By topic: a reference of the join belongs to all that is said there. */
  const joins = new Map<string, Json>();
  const questions = createQuestions();

  const complete = (message: Json): { readonly [key: string]: Json } => {
    if (!isObject(message)) throw new CodecError('phoenix: a message is `{ topic, event, payload }`');
    const { topic = null, event = null, payload = {} } = message;
    if (message.ref === undefined) lastRef += 1;
    const { ref = String(lastRef) } = message;
    const { join_ref = event === 'phx_join' ? ref : (joins.get(String(topic)) ?? null) } = message;
    if (event === 'phx_join') joins.set(String(topic), join_ref);
    return { join_ref, ref, topic, event, payload };
  };

  return {
    decode,
    encode: (payload) => {
      if (payload.kind !== 'json') return encodePayload(payload);
      const { join_ref, ref, topic, event, payload: body } = complete(payload.json);
      return [JSON.stringify([join_ref, ref, topic, event, body])];
    },
    greet: () => [],
    react: () => [],
    keepAlive: { everyMs: heartbeatMs, messages: () => [{ topic: socketTopic, event: 'heartbeat', payload: {} }] },
    standing: () => ({ state: 'ready' }),
    carryOut: carrying<'phoenix'>({ name: 'phoenix' }, (operation) => {
      const whole = complete(messageFor(operation));
      questions.ask(operation, String(whole.ref));
      return [whole];
    }),
    answerTo: questions.answer,
    resumption: () => undefined,
  };
};

/**
 * Phoenix Channels with the JSON serializer of version 2; the URL says `vsn=2.0.0`. Tested against the frames of Phoenix's own
 * client, and against published ones: https://hexdocs.pm/phoenix/writing_a_channels_client.html and Phoenix's own tests. No server.
 *
 * A message is `{ join_ref, ref, topic, event, payload }` for the five elements on the wire; the type is the event, the
 * stream the topic, the id the reference that a reply answers, the code the `reason` of an error. What is sent may leave out
 * both references. Subscribe is a join, unsubscribe a leave, and a publish of `{ event, payload }` a push. After a reconnect
 * every topic has to be joined again.
 */
export const phoenixCodec: Codec = { name: 'phoenix', subprotocols: [], open: openPhoenix };
