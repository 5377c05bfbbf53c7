import type { CodecName, CodecPlan, MessageField, OperationName, Role } from './plan.ts';
import { templateNames } from './templates.ts';

/** What a step or a pattern may want of a codec, beside fields and roles. */
export type Want = OperationName | 'cursor' | 'replay' | 'resumption' | 'replica';

/** What a codec can do, for who writes a config and for the codec itself: pure data, and no codec comes with it. */
export type Abilities = {
  /** What its protocol has words for. */
  readonly operations: readonly OperationName[];
  /** A subscription may go on from a cursor. */
  readonly cursors: boolean;
  /** What it says by itself of a session that a reconnect is to go on with. */
  readonly resumptions: readonly ('resumed' | 'reset')[];
  /** It says that of connections whose handshake steps play, and of no others. */
  readonly resumesByHand?: true;
  /** A reconnect may be told where to go on, though there is nothing to subscribe to. */
  readonly takesPlaces?: true;
  /** It holds a state that ends can be compared by. */
  readonly replica: boolean;
  /** The types are the protocol's own, not an application's: one that is unknown can be told. */
  readonly types: boolean;
  /** What it can read out of a message. */
  readonly fields: readonly MessageField[];
  readonly roles: readonly Role[];
  /** What to do where it has not what is wanted. */
  readonly instead: Readonly<Partial<Record<Want, string>>>;
};

const byAddress = 'the url names the document, and all of it comes: there is nothing to subscribe to';
const byEvent = 'send an event that the server knows: { publish: { stream: EVENT, payload: … } }';
const byMethod = 'call a method that the server has: { publish: { stream: METHOD, payload: … } }';

const jsonRpc = {
  operations: ['subscribe', 'publish'],
  cursors: false,
  resumptions: [],
  replica: false,
  types: false,
  fields: ['type', 'role', 'id', 'stream', 'code'],
  roles: ['event', 'ack', 'error'],
  instead: { unsubscribe: byMethod, ack: byMethod, cursor: 'give it in the payload, where the method takes one' },
} as const satisfies Abilities;

/** Of each codec but `json`, whose dialect decides; `rpc-websockets` is a variant of `json-rpc`. */
export const abilities = {
  raw: {
    operations: [],
    cursors: false,
    resumptions: [],
    replica: false,
    types: false,
    fields: [],
    roles: [],
    instead: {},
  },
  notes: {
    operations: ['subscribe', 'unsubscribe', 'ack'],
    cursors: true,
    resumptions: ['resumed', 'reset'],
    replica: false,
    types: true,
    fields: ['type', 'role', 'id', 'stream', 'cursor', 'sequence', 'code'],
    roles: ['ack', 'event', 'error', 'heartbeat', 'unknown'],
    instead: { publish: 'write over HTTP: { request: … }' },
  },
  'graphql-transport-ws': {
    operations: ['subscribe', 'unsubscribe', 'publish'],
    cursors: false,
    resumptions: [],
    replica: false,
    types: true,
    fields: ['type', 'role', 'id', 'stream', 'code'],
    roles: ['event', 'error', 'heartbeat', 'control', 'unknown'],
    instead: {
      ack: 'where the schema has a mutation for it, { publish: { stream: ID, payload: { query: … } } }',
      cursor: 'where the schema has one, give it in payload.variables',
    },
  },
  'socket.io': {
    operations: ['publish'],
    cursors: false,
    resumptions: ['resumed', 'reset'],
    takesPlaces: true,
    replica: false,
    types: false,
    fields: ['type', 'role', 'id', 'stream', 'cursor', 'code'],
    roles: ['event', 'ack', 'error', 'heartbeat', 'control', 'unknown'],
    instead: {
      subscribe: byEvent,
      unsubscribe: byEvent,
      ack: "answer an event that asks for it: { json: { type: 'ack', ack: NUMBER, args: [] } }",
      replay: 'what was missed comes by itself after { reconnect: … }',
    },
  },
  'json-rpc': jsonRpc,
  'rpc-websockets': {
    ...jsonRpc,
    operations: ['subscribe', 'unsubscribe', 'publish'],
  },
  mqtt: {
    operations: ['subscribe', 'unsubscribe', 'publish'],
    cursors: false,
    resumptions: ['resumed', 'reset'],
    replica: false,
    types: true,
    fields: ['type', 'role', 'id', 'stream', 'code'],
    roles: ['event', 'ack', 'error', 'heartbeat', 'control', 'unknown'],
    instead: {
      ack: "it is done by itself; with handshake: 'manual' send { json: { type: 'puback', packetId: … } }",
      cursor: 'with clean: false the broker keeps what a client misses',
      resumption: 'write clean: false and a clientId: a clean session is a new one each time',
    },
  },
  yjs: {
    operations: ['publish'],
    cursors: false,
    resumptions: ['resumed', 'reset'],
    replica: true,
    types: true,
    fields: ['type', 'role', 'code'],
    roles: ['ack', 'event', 'error', 'heartbeat', 'control', 'unknown'],
    instead: {
      subscribe: byAddress,
      unsubscribe: 'disconnect: the url names the document',
      ack: "hold two ends against each other: { converge: { as: ['a', 'b'] } }",
      cursor: byAddress,
    },
  },
  'appsync-events': {
    operations: ['subscribe', 'unsubscribe', 'publish'],
    cursors: false,
    resumptions: [],
    replica: false,
    types: true,
    fields: ['type', 'role', 'id', 'stream', 'code'],
    roles: ['ack', 'event', 'error', 'heartbeat', 'control', 'unknown'],
    instead: {
      ack: 'nothing is kept that could be acknowledged: expect the event itself',
      cursor: 'events are not kept: subscribe before they are published',
    },
  },
  phoenix: {
    operations: ['subscribe', 'unsubscribe', 'publish'],
    cursors: false,
    resumptions: [],
    replica: false,
    types: false,
    fields: ['type', 'role', 'id', 'stream', 'code'],
    roles: ['ack', 'event', 'error', 'heartbeat', 'control'],
    instead: {
      ack: 'push an event that the channel knows: { publish: { stream: TOPIC, payload: { event, payload } } }',
      cursor: 'what the channel goes on from belongs into the payload of the join',
    },
  },
  signalr: {
    operations: ['subscribe', 'unsubscribe', 'publish'],
    cursors: false,
    resumptions: [],
    resumesByHand: true,
    replica: false,
    types: true,
    fields: ['type', 'role', 'id', 'stream', 'sequence', 'code'],
    roles: ['ack', 'event', 'error', 'heartbeat', 'control', 'unknown'],
    instead: {
      ack: 'of a stateful connection, { json: { type: 8, sequenceId: … } }',
      cursor: 'what a stream goes on from belongs into the payload, its arguments',
      resumption:
        "with handshake: 'manual' steps may ask for a stateful connection: { json: { protocol: 'json', version: 2 } }",
    },
  },
} as const satisfies Readonly<Record<Exclude<CodecName, 'json'> | 'rpc-websockets', Abilities>>;

export type SpokenName = keyof typeof abilities;

const write = (what: string): string => `write them: codec: { json: { operations: { ${what}: { … } } } }`;

/** What a dialect says of itself is what it can do. */
const abilitiesOfDialect = ({
  operations,
  roles,
  types,
  epoch,
}: Extract<CodecPlan, { name: 'json' }>['dialect']): Abilities => {
  const known = Object.keys(operations) as OperationName[];
  const given = Object.keys(roles) as Role[];
  const cursors = templateNames(operations.subscribe).includes('op.cursor');
  const returns = cursors && given.includes('ack');
  const allRoles: readonly Role[] = types.length > 0 ? [...given, 'unknown'] : given;
  return {
    operations: known,
    cursors,
    resumptions: returns ? ['resumed', 'reset'] : epoch === undefined ? [] : ['reset'],
    replica: false,
    types: types.length > 0,
    fields: ['type', ...(allRoles.length > 0 ? (['role'] as const) : []), 'id', 'stream', 'cursor', 'sequence', 'code'],
    roles: allRoles,
    instead: {
      subscribe: write('subscribe'),
      unsubscribe: write('unsubscribe'),
      publish: write('publish'),
      ack: write('ack'),
      cursor: 'its words for `subscribe` never say {{op.cursor}}: write it where the cursor goes',
      resumption:
        "say how it subscribes from a cursor and what an answer is like: operations: { subscribe: { from: '{{op.cursor}}' } } and roles: { ack: { … } }",
    },
  };
};

/** What a codec can do with these options. */
export const abilitiesOf = (codec: CodecPlan): Abilities => {
  switch (codec.name) {
    case 'json':
      return abilitiesOfDialect(codec.dialect);
    case 'json-rpc':
      return abilities[codec.variant === 'standard' ? 'json-rpc' : codec.variant];
    case 'mqtt':
      return codec.clean ? { ...abilities.mqtt, resumptions: ['reset'] } : abilities.mqtt;
    default:
      return abilities[codec.name];
  }
};
