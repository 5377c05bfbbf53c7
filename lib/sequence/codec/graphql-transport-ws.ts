import type { CodecPlan, Json, Operation } from '../../config/plan.ts';
import { carrying, type OperationOf } from './carry.ts';
import type { Answer, Codec, Dialogue, Message, Role } from './codec.ts';
import { isObject, memberOf, present, readFrame } from './document.ts';
import { encodePayload } from './raw.ts';

type GraphqlPlan = Extract<CodecPlan, { readonly name: 'graphql-transport-ws' }>;

/** `id`: bound to an operation. `client`: never from a server. */
type Kind = { readonly role: Role; readonly id?: true; readonly client?: true };

const kinds: Readonly<Record<string, Kind>> = {
  connection_init: { role: 'control', client: true },
  connection_ack: { role: 'control' },
  ping: { role: 'heartbeat' },
  pong: { role: 'heartbeat' },
  subscribe: { role: 'control', id: true, client: true },
  next: { role: 'event', id: true },
  error: { role: 'error', id: true },
  complete: { role: 'control', id: true },
};

/** The member that GraphQL servers put a machine code into: of the first error, where there are several. */
const codeOf = (errors: Json | undefined): string | undefined => {
  const first = Array.isArray(errors) ? errors[0] : undefined;
  const code = memberOf(memberOf(first, 'extensions'), 'code');
  return typeof code === 'string' ? code : undefined;
};

const isErrors = (payload: Json | undefined): boolean =>
  Array.isArray(payload) &&
  payload.length > 0 &&
  payload.every((error) => typeof memberOf(error, 'message') === 'string');

/** What the protocol wants otherwise in a message of this type. */
const problemIn = (type: string, kind: Kind, body: Json): string | undefined => {
  const [id, payload] = [memberOf(body, 'id'), memberOf(body, 'payload')];
  if (kind.client) return `"${type}" comes from clients only`;
  if (kind.id && (typeof id !== 'string' || id === '')) return `"${type}" without an id`;
  if (type === 'next' && !isObject(payload)) return '"next" whose payload is no object';
  if (type === 'error' && !isErrors(payload)) return '"error" whose payload is no list of errors with a message';
  if (!kind.id && payload !== undefined && payload !== null && !isObject(payload)) {
    return `"${type}" whose payload is no object`;
  }
  return undefined;
};

const messageOf = (body: Json): Message => {
  const type = memberOf(body, 'type');
  if (typeof type !== 'string') return { body, problem: 'a message without a type' };
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (!kind) return { body, type, role: 'unknown' };
  const id = kind.id && memberOf(body, 'id');
  const name = typeof id === 'string' ? id : undefined;
  const payload = memberOf(body, 'payload');
  const code = codeOf(type === 'error' ? payload : memberOf(payload, 'errors'));
  const problem = problemIn(type, kind, body);
  return { body, type, role: kind.role, ...present({ id: name, stream: name, code, problem }) };
};

const messageFor = (operation: OperationOf<'graphql-transport-ws'>): Json => {
  const { stream: id } = operation;
  if (operation.do === 'unsubscribe') return { type: 'complete', id };
  return { type: 'subscribe', id, payload: operation.payload ?? null };
};

const answerTo = ({ do: what, stream }: Operation, { type, id, code }: Message): Answer | undefined => {
  if (id !== stream || (what !== 'subscribe' && what !== 'publish')) return undefined;
  if (type === 'next' || type === 'complete') return { accepted: true };
  return type === 'error' ? { accepted: false, code: code ?? 'error' } : undefined;
};

/**
 * GraphQL over WebSocket (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). A stream is an operation's id;
 * `subscribe` and `publish` (a query or a mutation) want `payload: { query, variables? }`, and are answered by the first
 * `next`, `error` or `complete` with that id, for the protocol confirms no subscription. It has no cursors: a new generation
 * starts anew.
 */
export const createGraphqlCodec = (plan: GraphqlPlan): Codec => ({
  name: 'graphql-transport-ws',
  subprotocols: ['graphql-transport-ws'],
  open: ({ handshake }): Dialogue => {
    let acknowledged = handshake === 'manual';
    return {
      decode: (raw) => {
        const read = readFrame(raw);
        const message = 'misread' in read ? read.misread : messageOf(read.document);
        if (message.type === 'connection_ack' && message.problem === undefined) acknowledged = true;
        return [message];
      },
      encode: encodePayload,
      greet: () => {
        if (handshake === 'manual') return [];
        return [{ type: 'connection_init', ...present({ payload: plan.connectionParams }) }];
      },
      react: ({ type, body, problem }) => {
        if (type !== 'ping' || problem !== undefined) return [];
        return [{ type: 'pong', ...present({ payload: memberOf(body, 'payload') }) }];
      },
      standing: () => (acknowledged ? { state: 'ready' } : { state: 'greeting', awaited: 'connection_ack' }),
      carryOut: carrying<'graphql-transport-ws'>(plan, (operation) => [messageFor(operation)]),
      answerTo,
      resumption: () => undefined,
    };
  },
});
