import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/parse.ts';
import type { CodecPlan } from '../../lib/config/plan.ts';
import { codecNames } from '../../lib/config/schema/codec.ts';
import { complaints, configOf, type Fields, fullCodec, open, planOf, withCodec } from './sequence-support.ts';

const codecOf = (codec: unknown, variables: Fields = {}): CodecPlan => planOf(withCodec(codec, variables)).codec;

const plain: CodecPlan = {
  name: 'json',
  dialect: {
    fields: {
      type: ['type'],
      id: ['id'],
      stream: ['stream'],
      cursor: ['cursor'],
      sequence: ['event_seq', 'eventSeq'],
      code: ['code', 'event_code'],
    },
    roles: {},
    types: [],
    operations: {},
  },
};

describe('a codec', () => {
  it.each(codecNames)('%s is named, or written with options of which it needs none', (name) => {
    expect(codecOf(name)).toMatchObject({ name });
    expect(codecOf({ [name]: {} })).toEqual(codecOf(name));
  });

  it.each<[unknown, CodecPlan]>([
    [undefined, plain],
    ['json', plain],
    ['raw', { name: 'raw' }],
    ['notes', { name: 'notes' }],
    ['graphql-transport-ws', { name: 'graphql-transport-ws' }],
    ['socket.io', { name: 'socket.io', namespace: '/' }],
    ['json-rpc', { name: 'json-rpc', variant: 'standard' }],
    ['mqtt', { name: 'mqtt', version: 4, keepAliveS: 60, clean: true, qos: 1 }],
    ['yjs', { name: 'yjs' }],
    ['appsync-events', { name: 'appsync-events', authorization: {} }],
    ['phoenix', { name: 'phoenix' }],
    ['signalr', { name: 'signalr' }],
  ])('%j gets its defaults', (codec, plan) => {
    expect(codecOf(codec)).toEqual(plan);
  });

  it.each<[string, unknown, CodecPlan]>([
    [
      'graphql-transport-ws',
      { connectionParams: { a: [1] } },
      { name: 'graphql-transport-ws', connectionParams: { a: [1] } },
    ],
    ['socket.io', { namespace: '/x', auth: { a: 1 } }, { name: 'socket.io', namespace: '/x', auth: { a: 1 } }],
    ['json-rpc', { variant: 'rpc-websockets' }, { name: 'json-rpc', variant: 'rpc-websockets' }],
    [
      'mqtt',
      { version: 5, clientId: 'c', username: 'u', password: 'p', keepAlive: '1m30s', clean: false, qos: 0 },
      {
        name: 'mqtt',
        version: 5,
        clientId: 'c',
        username: 'u',
        password: 'p',
        keepAliveS: 90,
        clean: false,
        qos: 0,
      },
    ],
    ['appsync-events', { authorization: { host: 'h' } }, { name: 'appsync-events', authorization: { host: 'h' } }],
  ])('%s takes its options', (name, options, plan) => {
    expect(codecOf({ [name]: options })).toEqual(plan);
  });

  it('json keeps the fields that its dialect says nothing of', () => {
    const dialect = {
      fields: { type: 'kind', sequence: ['$.meta.n', 'n'] },
      roles: { ack: { kind: 'ok' }, heartbeat: { $type: { oneOf: ['ping', 'pong'] } } },
      types: ['ok', 'ping'],
      operations: { publish: ['pub', '{{op.stream}}', '{{op.payload}}', '{{op.id}}'] },
      epoch: '$.meta.epoch',
    };
    expect(codecOf({ json: dialect })).toEqual({
      name: 'json',
      dialect: {
        fields: { ...plain.dialect.fields, type: ['kind'], sequence: ['$.meta.n', 'n'] },
        roles: {
          ack: { subset: { kind: 'ok' }, paths: {} },
          heartbeat: { subset: {}, paths: {}, fields: { type: [{ op: 'oneOf', value: ['ping', 'pong'] }] } },
        },
        types: ['ok', 'ping'],
        operations: { publish: ['pub', '{{op.stream}}', '{{op.payload}}', '{{op.id}}'] },
        epoch: '$.meta.epoch',
      },
    });
  });
});

describe('a codec is refused for', () => {
  const dialect = (options: Fields): Fields => ({ json: options });

  it.each<[string, unknown, string]>([
    ['a name that there is not', 'graphql', `codec: must be one of ${codecNames.join(', ')}`],
    ['being a number', 5, `codec: must be text, or an object with one of ${codecNames.join(', ')}`],
    ['options of nothing', { jsn: {} }, 'codec.jsn: unknown key `jsn` in a codec'],
    ['two names', { json: {}, raw: {} }, 'codec.raw: a codec has either `json` or `raw`, not both'],
    ['an option that it has not', { yjs: { room: 'x' } }, 'codec.yjs.room: unknown key `room` in yjs'],

    [
      'a field that there is not',
      dialect({ fields: { kind: 'x' } }),
      'codec.json.fields.kind: unknown key `kind` in fields',
    ],
    ['a field without a place', dialect({ fields: { type: '' } }), 'codec.json.fields.type: is empty'],
    ['a field with no places', dialect({ fields: { type: [] } }), 'codec.json.fields.type: is an empty list'],
    [
      'a field at a bad path',
      dialect({ fields: { type: ['a', '$.['] } }),
      'codec.json.fields.type[1]: is not a JSONPath: at column 3, "["',
    ],
    [
      'a field that is itself',
      dialect({ fields: { sequence: '$sequence' } }),
      'codec.json.fields.sequence: names a field by itself',
    ],
    [
      'a field by a template',
      dialect({ fields: { type: '{{x}}' } }),
      'codec.json.fields.type: has a template in the name of a field, where none is filled in',
    ],
    ['an epoch at a bad path', dialect({ epoch: '$.[' }), 'codec.json.epoch: is not a JSONPath: at column 3, "["'],
    [
      'a role of another name',
      dialect({ roles: { control: { a: 1 } } }),
      'codec.json.roles.control: unknown key `control` in roles',
    ],
    [
      'a role of any message',
      dialect({ roles: { ack: {} } }),
      'codec.json.roles.ack: is an empty pattern, which every frame matches',
    ],
    [
      'a role by its role',
      dialect({ roles: { ack: { $role: 'ack' } } }),
      'codec.json.roles.ack["$role"]: asks for the role that it is to tell',
    ],
    ['no types', dialect({ types: [] }), 'codec.json.types: is an empty list'],
    [
      'an operation of another name',
      dialect({ operations: { resume: {} } }),
      'codec.json.operations.resume: unknown key `resume` in operations',
    ],
    [
      'an operand that an operation has not',
      dialect({ operations: { publish: { at: '{{op.cursor}}' } } }),
      'codec.json.operations.publish: {{op.cursor}} is no part of `publish`',
    ],
    [
      'a payload of an ack',
      dialect({ operations: { ack: '{{op.payload}}' } }),
      'codec.json.operations.ack: {{op.payload}} is no part of `ack`',
    ],
    [
      'a cursor of an unsubscription',
      dialect({ operations: { unsubscribe: '{{op.cursor}}' } }),
      'codec.json.operations.unsubscribe: {{op.cursor}} is no part of `unsubscribe`',
    ],
    [
      'an operand that there is not',
      dialect({ operations: { ack: ['{{op.key}}'] } }),
      'codec.json.operations.ack[0]: {{op.key}} is no variable',
    ],
    [
      'an operand outside of operations',
      dialect({ roles: { ack: { stream: '{{op.stream}}' } } }),
      'codec.json.roles.ack.stream: {{op.stream}} is no variable',
    ],
    [
      'a variable that there is not',
      { 'socket.io': { auth: { token: '{{tokn}}' } } },
      'codec["socket.io"].auth.token: {{tokn}} is no variable',
    ],

    [
      'a namespace without its slash',
      { 'socket.io': { namespace: 'admin' } },
      'codec["socket.io"].namespace: must begin with /',
    ],
    [
      'a variant of another name',
      { 'json-rpc': { variant: 'own' } },
      'codec.json-rpc.variant: must be one of standard, rpc-websockets',
    ],
    ['a version that there is not', { mqtt: { version: 3 } }, 'codec.mqtt.version: must be one of 4, 5'],
    ['a quality that there is not', { mqtt: { qos: 3 } }, 'codec.mqtt.qos: must be one of 0, 1, 2'],
    ['half seconds', { mqtt: { keepAlive: '1500ms' } }, 'codec.mqtt.keepAlive: is not in whole seconds'],
    [
      'a kept session without a name',
      { mqtt: { clean: false } },
      'codec.mqtt.clean: wants a session that is kept, and names none',
    ],
    [
      'a password without a user',
      { mqtt: { password: 'p' } },
      'codec.mqtt.password: has no username, and MQTT 3.1.1 sends none without',
    ],
  ])('%s', (_, codec, complaint) => {
    expect(complaints(withCodec(codec))).toEqual([complaint]);
  });

  it('a keep-alive that two bytes do not hold', () => {
    expect(complaints(withCodec({ mqtt: { keepAlive: '500ms' } }))).toEqual([
      'codec.mqtt.keepAlive: must be at least 1s',
      'codec.mqtt.keepAlive: is not in whole seconds',
    ]);
    expect(complaints(withCodec({ mqtt: { keepAlive: '1d' } }))).toEqual([
      'codec.mqtt.keepAlive: must be at most 18h 12m 15s',
    ]);
  });

  it('an http probe', () => {
    const steps = [{ request: { url: 'https://a.example' } }];
    const codec = { mqtt: {} };
    expect(complaints({ service: 'a', probes: [{ id: 'a', kind: 'http', codec, steps }] })).toEqual([
      'codec: an http probe has no frames to decode',
    ]);
  });

  it('a password, without repeating it', () => {
    const canary = 'c4n4ry';
    const parsed = parseConfig(withCodec({ mqtt: { password: [canary] }, json: { roles: { ack: canary } } }));
    expect(JSON.stringify(parsed)).toContain('must be');
    const mqtt = parseConfig(withCodec({ mqtt: { password: [canary] } }));
    expect(JSON.stringify(mqtt)).not.toContain(canary);
  });

  it('a capture, which comes too late for it', () => {
    const steps = [open, { expect: { one: {}, capture: { token: '$.token' } } }];
    const codec = { 'graphql-transport-ws': { connectionParams: { token: '{{token}}' } } };
    expect(complaints(configOf({ steps, codec }))).toEqual([
      'codec.graphql-transport-ws.connectionParams.token: {{token}} is no variable',
    ]);
  });
});

describe('operations', () => {
  const uses: readonly (readonly [string, Fields, string])[] = [
    ['subscribe', { send: { subscribe: { stream: 'x' } } }, 'send.subscribe'],
    ['unsubscribe', { send: { unsubscribe: { stream: 'x' } } }, 'send.unsubscribe'],
    ['publish', { send: { publish: { stream: 'x', payload: 1 } } }, 'send.publish'],
    ['ack', { send: { ack: { stream: 'x', cursor: 1 } } }, 'send.ack'],
    ['ack', { ack: { stream: 'x', cursor: 1 } }, 'ack'],
    ['subscribe', { replay: { stream: 'x', from: 0, until: { quiet: '1s' }, assert: ['gapless'] } }, 'replay'],
    ['subscribe', { reconnect: { resume: { x: 1 }, expect: 'open' } }, 'reconnect.resume'],
    [
      'publish',
      {
        idempotent: {
          send: { publish: { stream: 'x', payload: 1 }, answer: { a: 1 } },
          events: { match: { b: 1 } },
        },
      },
      'idempotent.send.publish',
    ],
  ];

  it.each(uses)('a codec without words for %s is found out by %j', (operation, step, place) => {
    const message = (name: string) => `codec \`${name}\` has no words for \`${operation}\``;
    expect(complaints(configOf({ steps: [open, step] }))).toEqual([`steps[1].${place}: ${message('json')}`]);
    expect(complaints(configOf({ codec: 'raw', steps: [open, step] }))).toEqual([
      `steps[1].${place}: ${message('raw')}`,
    ]);
    const soak = { soak: { iterations: 2, steps: [step] } };
    expect(complaints(configOf({ steps: [open, soak] }))).toEqual([
      `steps[1].soak.steps[0].${place}: ${message('json')}`,
    ]);
    expect(complaints(configOf({ codec: fullCodec, steps: [open, step] }))).toEqual([]);
  });

  it('are not missed where the codec was cut out with another mistake', () => {
    const steps = [open, { send: { subscribe: { stream: 'x' } } }];
    expect(complaints(configOf({ steps, codec: 'raww' }))).toEqual([expect.stringMatching(/^codec: must be one of/)]);
  });

  it('a reconnect without streams leaves its codec to it', () => {
    expect(complaints(configOf({ codec: fullCodec, steps: [open, { reconnect: {} }] }))).toEqual([]);
  });
});
