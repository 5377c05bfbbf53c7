import type { CodecPlan, Json } from '../../config/plan.ts';
import { carrying } from './carry.ts';
import { type Codec, CodecError, type Dialogue, type DialogueOptions, type Message, type Role } from './codec.ts';
import { isObject, type JsonObject, memberOf, present, textOf } from './document.ts';
import { encodePayload } from './raw.ts';
import { createAssembly } from './socket-io/assembly.ts';
import { writePacket } from './socket-io/packet.ts';
import { createSession } from './socket-io/session.ts';

type SocketIoPlan = Extract<CodecPlan, { readonly name: 'socket.io' }>;

const roles: Readonly<Record<string, Role>> = {
  event: 'event',
  ack: 'ack',
  connect_error: 'error',
  ping: 'heartbeat',
  pong: 'heartbeat',
};

const errorCodeOf = (data: Json | undefined): string | undefined =>
  textOf(memberOf(memberOf(data, 'data'), 'code')) ?? textOf(data) ?? textOf(memberOf(data, 'message'));

const messageOf = (body: JsonObject, cursor: string | undefined): Message => {
  const kind = String(body.type);
  const name = textOf(body.event);
  const id = textOf(body.ack);
  const code = kind === 'connect_error' ? errorCodeOf(body.data) : undefined;
  const isNameless = kind === 'connect' && textOf(memberOf(body.data, 'sid')) === undefined;
  const problem = isNameless ? 'connect without a session id, as servers before Socket.IO 3 answer it' : undefined;
  return {
    body,
    type: name ?? kind,
    role: roles[kind] ?? 'control',
    ...present({ stream: name, id, cursor, code, problem }),
  };
};

const openDialogue = (
  namespace: string,
  auth: JsonObject | undefined,
  { handshake, resume }: DialogueOptions,
): Dialogue => {
  const session = createSession(namespace, resume);
  const assembly = createAssembly((body) => {
    const message = messageOf(body, body.type === 'event' ? session.cursorOf(body) : undefined);
    if (message.problem === undefined) session.hear(message);
    return message;
  });
  return {
    decode: assembly,
    encode: (payload) => (payload.kind === 'json' ? writePacket(payload.json, namespace) : encodePayload(payload)),
    greet: () => [],
    react: ({ body, problem }) => {
      if (problem !== undefined) return [];
      const data = { ...session.credentials(), ...auth };
      switch (memberOf(body, 'type')) {
        case 'ping':
          return [{ ...(body as JsonObject), type: 'pong' }];
        case 'open':
          if (handshake === 'manual') return [];
          return [{ type: 'connect', namespace, ...(Object.keys(data).length > 0 ? { data } : {}) }];
        default:
          return [];
      }
    },
    standing: () => (handshake === 'manual' ? { state: 'ready' } : session.standing()),
    carryOut: carrying<'socket.io'>({ name: 'socket.io', namespace }, ({ stream, payload }) => [
      { type: 'event', namespace, event: stream, args: Array.isArray(payload) ? payload : [payload] },
    ]),
    answerTo: () => undefined,
    resumption: session.remembered,
  };
};

/**
 * Socket.IO 5 over Engine.IO 4, websocket only: the URL must have `?EIO=4&transport=websocket`, as in
 * `wss://host/socket.io/?EIO=4&transport=websocket`. Messages are spelt `{ type: 'event', namespace, event, args, ack? }`,
 * `{ type: 'ack', namespace, ack, args }`, `{ type: 'connect' | 'connect_error' | 'disconnect', namespace, data? }` and
 * `{ type: 'open' | 'ping' | 'pong' | 'close' | 'upgrade' | 'noop', data? }`; bytes are `{ $base64 }`; `namespace` may be left
 * out when sending. `publish` emits the event of that name with the payload, a list or one argument, and asks for no answer:
 * send an event with an `ack` number for that. An event's type and stream are its name, its cursor is its offset.
 *
 * @throws CodecError for a namespace or an `auth` that the protocol cannot say.
 */
export const createSocketIoCodec = ({ namespace, auth }: SocketIoPlan): Codec => {
  if (!/^\/[^,]*$/.test(namespace)) {
    throw new CodecError(`a namespace of socket.io begins with "/" and has no comma, got ${JSON.stringify(namespace)}`);
  }
  if (auth !== undefined && !isObject(auth)) {
    // What it is is not told: it may be a secret.
    throw new CodecError('auth of socket.io must be an object, as { token: "{{token}}" }');
  }
  return { name: 'socket.io', subprotocols: [], open: (options) => openDialogue(namespace, auth, options) };
};
