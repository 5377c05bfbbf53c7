import type { CodecPlan, Json } from '../../config/plan.ts';
import { parseDocument } from '../../match/json-document.ts';
import { setLatest } from './bounded-map.ts';
import { carrying, type OperationOf } from './carry.ts';
import {
  type Codec,
  CodecError,
  type Dialogue,
  type DialogueOptions,
  type Message,
  type Role,
  type Standing,
} from './codec.ts';
import { isObject, type JsonObject, memberOf, present, readFrame, textOf } from './document.ts';
import { readParts } from './frame-parts.ts';
import { createQuestions } from './questions.ts';
import { encodePayload } from './raw.ts';

type AppsyncPlan = Extract<CodecPlan, { readonly name: 'appsync-events' }>;

const maxEvents = 5;

const roles: ReadonlyMap<string, Role> = new Map([
  ['connection_ack', 'control'],
  ['ka', 'heartbeat'],
  ['subscribe_success', 'ack'],
  ['unsubscribe_success', 'ack'],
  ['publish_success', 'ack'],
  ['data', 'event'],
]);

/** `errorType` of what failed, or the code of the first event of a batch that did. */
const failureOf = (body: Json, type: string): string | undefined => {
  const first = (list: Json | undefined) => (Array.isArray(list) ? (list as readonly Json[])[0] : undefined);
  const error = first(memberOf(body, 'errors'));
  const failed = first(memberOf(body, 'failed'));
  if (error === undefined && failed === undefined && !type.endsWith('error')) return undefined;
  return textOf(memberOf(error, 'errorType')) ?? textOf(memberOf(failed, 'code')) ?? type;
};

const messageOf = (body: Json, channels: ReadonlyMap<string, string>): Message => {
  const type = String(memberOf(body, 'type'));
  const id = textOf(memberOf(body, 'id'));
  const code = failureOf(body, type);
  return {
    body,
    type,
    role: code === undefined ? (roles.get(type) ?? 'unknown') : 'error',
    ...present({ id, stream: channels.get(id ?? ''), code }),
  };
};

/** An event comes as JSON inside JSON, alone or in a list: one message each. */
const readDocument = (document: Json, channels: ReadonlyMap<string, string>): readonly Message[] => {
  const message = messageOf(document, channels);
  const events: readonly Json[] = message.type === 'data' ? [memberOf(document, 'event') ?? null].flat() : [];
  if (!isObject(document) || events.length === 0) return [message];
  return readParts(events, (event) => {
    const read = typeof event === 'string' ? parseDocument(event) : { problem: 'no text' };
    return 'problem' in read
      ? { ...message, body: { ...document, event }, problem: `an event that is ${read.problem}` }
      : { ...message, body: { ...document, event: read.document } };
  });
};

const messageFor = (
  operation: OperationOf<'appsync-events'>,
  subscriptionOf: (channel: string) => string,
): JsonObject => {
  const { stream: channel } = operation;
  switch (operation.do) {
    case 'subscribe':
      return { type: 'subscribe', channel };
    case 'unsubscribe':
      return { type: 'unsubscribe', id: subscriptionOf(channel) };
    case 'publish':
      return { type: 'publish', channel, events: [operation.payload].flat() as readonly Json[] };
  }
};

const writeEvents = (message: JsonObject): JsonObject => {
  if (message.type !== 'publish') return message;
  const { events } = message;
  if (!Array.isArray(events) || events.length === 0 || events.length > maxEvents) {
    const got = Array.isArray(events) ? events.length : JSON.stringify(events);
    throw new CodecError(`appsync publishes 1 to ${maxEvents} events at once: got ${got}`);
  }
  return { ...message, events: events.map((event: Json) => JSON.stringify(event)) };
};

const openAppsync = (plan: AppsyncPlan, { handshake }: DialogueOptions): Dialogue => {
  const { authorization } = plan;
  let lastId = 0;
  let standing: Standing = { state: 'greeting', awaited: 'connection_ack' };
  const channels = new Map<string, string>();
  const questions = createQuestions();

  /** Gives an id, and the authorization that each of these needs for itself. */
  const complete = (message: JsonObject): JsonObject => {
    const { type } = message;
    if (type !== 'subscribe' && type !== 'publish') return message;
    if (message.id === undefined) lastId += 1;
    const whole = { id: String(lastId), authorization, ...message };
    if (type === 'subscribe') setLatest(channels, String(whole.id), String(message.channel));
    return whole;
  };

  const hear = ({ type, role, code, body }: Message) => {
    if (standing.state !== 'greeting') return;
    const [error] = [memberOf(body, 'errors')].flat();
    if (type === 'connection_ack') standing = { state: 'ready' };
    else if (role === 'error') {
      standing = { state: 'refused', code: code ?? '', reason: String(memberOf(error, 'message') ?? type) };
    }
  };

  const subscriptionOf = (channel: string): string => {
    const found = [...channels].findLast(([, name]) => name === channel);
    if (found) return found[0];
    throw new CodecError(`appsync: nothing is subscribed to ${channel}`);
  };

  return {
    decode: (raw) => {
      const read = readFrame(raw);
      if ('misread' in read) return [read.misread];
      const messages = readDocument(read.document, channels);
      messages.forEach(hear);
      return messages;
    },
    encode: (payload) =>
      payload.kind === 'json' && isObject(payload.json)
        ? [JSON.stringify(writeEvents(complete(payload.json)))]
        : encodePayload(payload),
    greet: () => (handshake === 'auto' ? [{ type: 'connection_init' }] : []),
    react: () => [],
    standing: () => standing,
    carryOut: carrying<'appsync-events'>(plan, (operation) => {
      const whole = complete(messageFor(operation, subscriptionOf));
      questions.ask(operation, String(whole.id));
      return [whole];
    }),
    answerTo: (operation, message) =>
      message.type?.startsWith(`${operation.do}_`) ? questions.answer(operation, message) : undefined,
    resumption: () => undefined,
  };
};

/**
 * AWS AppSync Events. Tested against an emulator by others (MiniStack) and published frames, not against AppSync itself:
 * https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-websocket-protocol.html
 *
 * Messages are those of the protocol, but that events are JSON, not JSON in a text: `{ type: 'data', id, event }`, one for
 * each event, and `{ type: 'publish', channel, events }` of at most five: a payload that is a list is so many. The stream is the channel that was subscribed to,
 * wildcard and all; the code is the `errorType`.
 *
 * `authorization` is offered in the handshake, and goes with each subscribe and publish that has none of its own. It is for an
 * API key or a token; signing for IAM is not done. The server's `ka` is a heartbeat: `connection_ack` says in
 * `connectionTimeoutMs` how long it may be missed, which is what `maxSilence` is for. After a reconnect there is nothing to resume.
 */
export const createAppsyncCodec = (plan: AppsyncPlan): Codec => ({
  name: 'appsync-events',
  subprotocols: [
    'aws-appsync-event-ws',
    `header-${Buffer.from(JSON.stringify(plan.authorization)).toString('base64url')}`,
  ],
  open: (options) => openAppsync(plan, options),
});
