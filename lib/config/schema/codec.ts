import { z } from 'zod';
import type { CodecName } from '../plan.ts';
import { somePattern } from './matcher.ts';
import { byKey, duration, json, listOf, object, text } from './shape.ts';

const place = z.union([text(), listOf(text())], {
  error: () => "write a key, a JSONPath, or a list of them: the first that is there, such as ['seq', '$.meta.seq']",
});

const jsonDialect = object('json', {
  fields: object('fields', {
    type: place.optional().describe('default type'),
    id: place.optional().describe('default id'),
    stream: place.optional().describe('default stream'),
    cursor: place.optional().describe('default cursor'),
    sequence: place.optional().describe('default event_seq or eventSeq'),
    code: place.optional().describe('default code or event_code'),
  })
    .optional()
    .describe('where a message has them: a key, or a JSONPath'),
  roles: object('roles', {
    ack: somePattern().optional(),
    event: somePattern().optional(),
    error: somePattern().optional(),
    heartbeat: somePattern().optional(),
  })
    .optional()
    .describe('what messages are for'),
  types: listOf(text()).optional().describe('types that the protocol has; default any'),
  operations: object('operations', {
    subscribe: json().optional(),
    unsubscribe: json().optional(),
    publish: json().optional(),
    ack: json().optional(),
  })
    .optional()
    .describe(
      'the message of each, with {{op.stream}}, {{op.cursor}}, {{op.payload}} and a number of its own, {{op.id}}',
    ),
  epoch: text().optional().describe('field whose change says that the server has lost its history'),
});

const mqtt = object('mqtt', {
  version: z.literal([4, 5]).optional().describe('4 is MQTT 3.1.1; default 4'),
  clientId: text().optional(),
  username: text().optional(),
  password: text().optional(),
  keepAlive: duration().optional().describe('default 60s'),
  clean: z.boolean().optional().describe('a new session at each connect; default true'),
  qos: z.literal([0, 1, 2]).optional().describe('of subscriptions and of what is published; default 1'),
});

export const codecNames = [
  'json',
  'raw',
  'notes',
  'graphql-transport-ws',
  'socket.io',
  'json-rpc',
  'mqtt',
  'yjs',
  'appsync-events',
  'phoenix',
  'signalr',
] as const satisfies readonly CodecName[];

/** A name, or an object with that one key and its options. */
export const codec = z.union(
  [
    z.enum(codecNames),
    object('a codec', { json: jsonDialect }),
    object('a codec', { raw: object('raw', {}) }),
    object('a codec', { notes: object('notes', {}) }),
    object('a codec', {
      'graphql-transport-ws': object('graphql-transport-ws', { connectionParams: json().optional() }),
    }),
    object('a codec', {
      'socket.io': object('socket.io', {
        namespace: text().optional().describe('default /'),
        auth: json().optional(),
      }),
    }),
    object('a codec', {
      'json-rpc': object('json-rpc', {
        variant: z.enum(['standard', 'rpc-websockets']).optional().describe('shape of notifications; default standard'),
      }),
    }),
    object('a codec', { mqtt }),
    object('a codec', { yjs: object('yjs', {}) }),
    object('a codec', {
      'appsync-events': object('appsync-events', {
        authorization: json().optional().describe('as AppSync wants it, such as { host, x-api-key }'),
      }),
    }),
    object('a codec', { phoenix: object('phoenix', {}) }),
    object('a codec', { signalr: object('signalr', {}) }),
  ],
  byKey('a codec', ['', ...codecNames]),
);
