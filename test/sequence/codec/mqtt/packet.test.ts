import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../lib/config/plan.ts';
import { CodecError, type Message } from '../../../../lib/sequence/codec/codec.ts';
import { memberOf } from '../../../../lib/sequence/codec/document.ts';
import { bodies, bytesOf, codecOf, decoded, open, readBack, versions, written } from '../../../support/mqtt.ts';

describe('a packet that a broker sends', () => {
  const broker: readonly [packet: object, of4: Partial<Message>, of5?: Partial<Message>][] = [
    [
      { cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: true },
      { type: 'connack', role: 'control', body: { type: 'connack', sessionPresent: true, reasonCode: 0 } },
    ],
    [
      { cmd: 'connack', returnCode: 5, reasonCode: 0x87, sessionPresent: false },
      { role: 'error', code: '5', body: { type: 'connack', sessionPresent: false, reasonCode: 5 } },
      { role: 'error', code: '135', body: { type: 'connack', sessionPresent: false, reasonCode: 135 } },
    ],
    [
      { cmd: 'publish', topic: 'a/b', payload: '{"n":1}', qos: 1, dup: true, retain: false, messageId: 7 },
      {
        type: 'publish',
        role: 'event',
        stream: 'a/b',
        body: { type: 'publish', topic: 'a/b', payload: { n: 1 }, qos: 1, dup: true, retain: false, packetId: 7 },
      },
    ],
    [
      { cmd: 'publish', topic: 'a', payload: 'on', qos: 0, dup: false, retain: true },
      { body: { type: 'publish', topic: 'a', payload: 'on', qos: 0, dup: false, retain: true } },
    ],
    [
      { cmd: 'puback', messageId: 258 },
      { type: 'puback', role: 'ack', id: '258', body: { type: 'puback', packetId: 258 } },
      { type: 'puback', role: 'ack', id: '258', body: { type: 'puback', packetId: 258, reasonCode: 0 } },
    ],
    [
      { cmd: 'pubrec', messageId: 1, reasonCode: 0x97 },
      { role: 'ack', body: { type: 'pubrec', packetId: 1 } },
      { role: 'error', code: '151', body: { type: 'pubrec', packetId: 1, reasonCode: 151 } },
    ],
    [
      { cmd: 'pubrel', messageId: 1 },
      { type: 'pubrel', role: 'control' },
    ],
    [
      { cmd: 'pubcomp', messageId: 1 },
      { type: 'pubcomp', role: 'ack', id: '1' },
    ],
    [
      { cmd: 'suback', messageId: 3, granted: [1, 0x80] },
      { role: 'error', code: '128', id: '3', body: { type: 'suback', packetId: 3, reasonCodes: [1, 128] } },
    ],
    [
      { cmd: 'unsuback', messageId: 4, granted: [0x11] },
      { role: 'ack', id: '4', body: { type: 'unsuback', packetId: 4 } },
      { role: 'ack', id: '4', body: { type: 'unsuback', packetId: 4, reasonCodes: [17] } },
    ],
    [{ cmd: 'pingresp' }, { type: 'pingresp', role: 'heartbeat', body: { type: 'pingresp' } }],
  ];

  it.each(broker)('is read as mqtt-packet writes it in version 4: %j', (packet, part) => {
    expect(decoded(packet)).toEqual([expect.objectContaining(part)]);
  });

  it.each(broker)('is read as mqtt-packet writes it in version 5: %j', (packet, of4, of5 = of4) => {
    const { body, ...part } = of5;
    const [message, ...more] = decoded(packet, 5);
    expect(more).toEqual([]);
    expect(message).toMatchObject(part);
    if (body !== undefined) expect(message?.body).toMatchObject(body as object);
  });

  it('closes in version 5 with a reason, a sentence and properties', () => {
    const properties = { reasonString: 'moved', serverReference: 'b:1', userProperties: { a: ['1', '2'], b: '3' } };
    expect(decoded({ cmd: 'disconnect', reasonCode: 0x9d, properties }, 5)).toEqual([
      {
        type: 'disconnect',
        role: 'error',
        code: '157',
        body: { type: 'disconnect', reasonCode: 157, properties },
      },
    ]);
  });

  it('has its payload as JSON, else as text, else as base64', () => {
    const payloadOf = (payload: string | Buffer) => {
      const [message] = decoded({ cmd: 'publish', topic: 't', payload, qos: 0, dup: false, retain: false });
      return memberOf(message?.body, 'payload');
    };
    expect(payloadOf('[1,{"a":null}]')).toEqual([1, { a: null }]);
    expect(payloadOf('21.5')).toBe(21.5);
    expect(payloadOf('on fire')).toBe('on fire');
    expect(payloadOf('')).toBe('');
    // Quotes and all: a client that sends it on sends the same bytes.
    expect(payloadOf('"quoted"')).toBe('"quoted"');
    expect(payloadOf(Buffer.from([0xff, 0]))).toEqual({ base64: '/wA=' });
    expect(payloadOf('['.repeat(5_000))).toBe('['.repeat(5_000));
  });

  it('has its properties by their names, all that version 5 has', () => {
    const properties = {
      payloadFormatIndicator: true,
      messageExpiryInterval: 4_321,
      topicAlias: 100,
      responseTopic: 'r/t',
      correlationData: Buffer.from([1, 2, 3]),
      userProperties: { trace: 'x', ['__proto__']: 'y' },
      subscriptionIdentifier: 120_000,
      contentType: 'text/plain',
    };
    const [message] = decoded(
      { cmd: 'publish', topic: 't', payload: '1', qos: 0, dup: false, retain: false, properties },
      5,
    );
    expect(message?.body).toMatchObject({
      properties: { ...properties, payloadFormatIndicator: 1, correlationData: 'AQID' },
    });
    const connack = {
      sessionExpiryInterval: 1_234,
      receiveMaximum: 432,
      maximumQoS: 1,
      retainAvailable: true,
      maximumPacketSize: 100,
      assignedClientIdentifier: 'test',
      topicAliasMaximum: 456,
      reasonString: 'test',
      wildcardSubscriptionAvailable: true,
      subscriptionIdentifiersAvailable: true,
      sharedSubscriptionAvailable: false,
      serverKeepAlive: 1_234,
      responseInformation: 'test',
      serverReference: 'test',
      authenticationMethod: 'test',
      authenticationData: Buffer.from([1, 2, 3, 4]),
    };
    const [answer] = decoded({ cmd: 'connack', reasonCode: 0, sessionPresent: false, properties: connack }, 5);
    expect(answer?.body).toMatchObject({
      properties: {
        ...connack,
        retainAvailable: 1,
        wildcardSubscriptionAvailable: 1,
        subscriptionIdentifiersAvailable: 1,
        sharedSubscriptionAvailable: 0,
        authenticationData: 'AQIDBA==',
      },
    });
  });

  it('is read on behind a property that version 5 does not have', () => {
    // PUBLISH to `t`, properties of 5 bytes: content type `a`… then one numbered 127.
    const frame = Uint8Array.from([0x30, 11, 0, 1, 116, 6, 3, 0, 1, 97, 127, 9, 0x31]);
    expect(bodies(open(5).decode(frame))).toEqual([
      { type: 'publish', topic: 't', payload: 1, qos: 0, dup: false, retain: false, properties: { contentType: 'a' } },
    ]);
  });
});

describe('a packet that a client sends', () => {
  it('is a CONNECT with all of the plan and a will', async () => {
    const plan = { clientId: 'me', username: 'u', password: 'p', keepAliveS: 30, clean: false } as const;
    const dialogue = (await codecOf(plan)).open({ handshake: 'manual' });
    const will = { willTopic: 'gone', willPayload: 'me', willQos: 1, willRetain: true };
    expect(readBack(dialogue, { type: 'connect', ...will })).toMatchObject({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: false,
      clientId: 'me',
      keepalive: 30,
      username: 'u',
      password: Buffer.from('p'),
      will: { topic: 'gone', payload: Buffer.from('me'), qos: 1, retain: true },
    });
  });

  it('asks in version 5 to keep a session that is to be found again, and for no longer than an hour', async () => {
    const keeping = (await codecOf({ version: 5, clean: false })).open({ handshake: 'auto' });
    expect(readBack(keeping, { type: 'connect' }, 5)).toMatchObject({
      protocolVersion: 5,
      clean: false,
      properties: { sessionExpiryInterval: 3_600 },
    });
    expect(readBack(open(5), { type: 'connect' }, 5)).not.toHaveProperty('properties.sessionExpiryInterval');
    const willProperties = { willDelayInterval: 5 };
    expect(readBack(open(5), { type: 'connect', willTopic: 'w', willPayload: '', willProperties }, 5)).toMatchObject({
      will: { topic: 'w', properties: willProperties },
    });
  });

  it('has a client id that every broker must take, another one for each connection', async () => {
    const ids = [open(), open()].map(
      (dialogue) => (readBack(dialogue, { type: 'connect' }) as { clientId: string }).clientId,
    );
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9A-Za-z]{1,23}$/);
  });

  it.each(versions)('is any other, in version %i', (version) => {
    const back = (message: Json) => readBack(open(version), message, version);
    expect(
      back({ type: 'publish', topic: 'a', payload: { n: 1 }, qos: 2, dup: true, retain: true, packetId: 9 }),
    ).toMatchObject({
      cmd: 'publish',
      topic: 'a',
      payload: Buffer.from('{"n":1}'),
      qos: 2,
      dup: true,
      retain: true,
      messageId: 9,
    });
    expect(back({ type: 'publish', topic: 'a', payload: { base64: '/wA=' } })).toMatchObject({
      payload: Buffer.from([255, 0]),
      qos: 1,
      messageId: 1,
    });
    const both = { base64: '/wA=', n: 1 };
    expect(back({ type: 'publish', topic: 'a', payload: both })).toMatchObject({
      payload: Buffer.from(JSON.stringify(both)),
    });
    expect(back({ type: 'publish', topic: 'a', qos: 0 })).toMatchObject({ payload: Buffer.from(''), qos: 0 });
    for (const type of ['puback', 'pubrec', 'pubrel', 'pubcomp']) {
      expect(back({ type, packetId: 4 })).toMatchObject({ cmd: type, messageId: 4 });
    }
    expect(
      back({
        type: 'subscribe',
        subscriptions: [
          { topic: 'a/#', qos: 2 },
          { topic: 'b', qos: 0 },
        ],
      }),
    ).toMatchObject({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [
        { topic: 'a/#', qos: 2 },
        { topic: 'b', qos: 0 },
      ],
    });
    expect(back({ type: 'unsubscribe', topics: [' a', 'b '] })).toMatchObject({ unsubscriptions: [' a', 'b '] });
    expect(back({ type: 'pingreq' })).toMatchObject({ cmd: 'pingreq' });
    expect(back({ type: 'disconnect' })).toMatchObject({ cmd: 'disconnect' });
  });

  it('has options, reasons and properties in version 5', () => {
    const back = (message: Json) => readBack(open(5), message, 5);
    const subscription = { topic: 'a', qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 };
    const properties = { subscriptionIdentifier: 145, userProperties: { test: 'shellfish' } };
    expect(back({ type: 'subscribe', subscriptions: [subscription], properties })).toMatchObject({
      subscriptions: [{ topic: 'a', qos: 1, nl: true, rap: true, rh: 2 }],
      properties,
    });
    expect(back({ type: 'puback', packetId: 1, reasonCode: 0x83, properties: { reasonString: 'no' } })).toMatchObject({
      reasonCode: 0x83,
      properties: { reasonString: 'no' },
    });
    const ofPublish = { correlationData: 'AQID', messageExpiryInterval: 60, userProperties: { a: ['1', '2'] } };
    expect(back({ type: 'publish', topic: 'a', payload: 1, properties: ofPublish })).toMatchObject({
      properties: { ...ofPublish, correlationData: Buffer.from([1, 2, 3]) },
    });
  });

  it.each([
    [{ type: 'hello' }, /`type` is one of .*publish.*: got hello/],
    [{ type: 'constructor' }, /`type` is one of/],
    [5, /`type` is one of/],
    [{ type: 'publish', payload: 1 }, /`topic` is a text: got undefined/],
    [{ type: 'publish', topic: 'a', qos: 3 }, /`qos` is a whole number under 3: got 3/],
    [{ type: 'puback', packetId: 70_000 }, /`packetId` is a whole number under 65536: got 70000/],
    [{ type: 'puback' }, /`packetId` is a whole number/],
    [{ type: 'subscribe', subscriptions: 'a' }, /`subscriptions` is a list: got "a"/],
    [{ type: 'publish', topic: 'x'.repeat(65_536) }, /the length of topic/],
    [{ type: 'publish', topic: 'a', properties: { colour: 'red' } }, /`colour` is no property of MQTT 5/],
    [{ type: 'publish', topic: 'a', properties: { toString: 'red' } }, /`toString` is no property of MQTT 5/],
    [{ type: 'publish', topic: 'a', properties: { correlationData: '?' } }, /`correlationData` is base64/],
    [{ type: 'publish', topic: 'a', properties: { subscriptionIdentifier: 2 ** 28 } }, /under 268435456/],
  ] as const)('is refused with a sentence where it is wrong: %j', (json, sentence) => {
    const encode = () => open(5).encode({ kind: 'json', json });
    expect(encode).toThrow(CodecError);
    expect(encode).toThrow(sentence);
  });

  it('can be text or bytes past the codec', () => {
    expect(open().encode({ kind: 'text', text: 'x' })).toEqual(['x']);
    expect(open().encode({ kind: 'binary', base64: '4AA=' })).toEqual([Buffer.from([0xe0, 0])]);
  });
});

const anyText = fc.string({ unit: 'grapheme', maxLength: 40 });
const anyPayload = fc.oneof(
  fc
    .json()
    .map((text) => JSON.parse(text) as Json)
    .filter((json) => typeof json !== 'string'),
  anyText.filter((text) => {
    try {
      return typeof JSON.parse(text) === 'string';
    } catch {
      return true;
    }
  }),
  fc.uint8Array({ minLength: 1 }).map((bytes) => ({ base64: Buffer.from([0xff, ...bytes]).toString('base64') })),
);
const anyId = fc.integer({ min: 1, max: 65_535 });
const anyProperties = fc.record(
  {
    contentType: anyText,
    messageExpiryInterval: fc.nat(2 ** 32 - 1),
    subscriptionIdentifier: fc.nat(2 ** 28 - 1),
    userProperties: fc.dictionary(anyText, fc.oneof(anyText, fc.array(anyText, { minLength: 2, maxLength: 3 })), {
      minKeys: 1,
    }),
    correlationData: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
  },
  { requiredKeys: ['contentType'] },
);
const anyPublish = fc
  .record({
    topic: anyText,
    payload: anyPayload,
    qos: fc.nat(2),
    dup: fc.boolean(),
    retain: fc.boolean(),
    packetId: anyId,
  })
  .map(({ packetId, ...packet }) => ({ type: 'publish', ...packet, ...(packet.qos > 0 ? { packetId } : {}) }));
const anyReason = fc.record({ reasonCode: fc.nat(255), properties: fc.record({ reasonString: anyText }) });
const anyPacket5: fc.Arbitrary<Json> = fc.oneof(
  fc.tuple(anyPublish, anyProperties).map(([packet, properties]) => ({ ...packet, properties })),
  fc
    .tuple(fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'), anyId, anyReason)
    .map(([type, packetId, reason]) => ({ type, packetId, ...reason })),
  fc.tuple(fc.constantFrom('disconnect', 'auth'), anyReason).map(([type, reason]) => ({ type, ...reason })),
  fc
    .tuple(fc.constantFrom('suback', 'unsuback'), anyId, fc.array(fc.nat(255), { minLength: 1 }))
    .map(([type, packetId, reasonCodes]) => ({ type, packetId, reasonCodes })),
  fc.constantFrom<Json>(
    { type: 'pingresp' },
    { type: 'pingreq' },
    { type: 'unsubscribe', packetId: 7, topics: ['a', 'b/#'] },
    { type: 'subscribe', packetId: 8, subscriptions: [{ topic: 'a', qos: 1 }] },
    {
      type: 'subscribe',
      packetId: 9,
      subscriptions: [{ topic: 'a', qos: 2, noLocal: true, retainAsPublished: false, retainHandling: 1 }],
    },
  ),
);

describe('reading and writing', () => {
  it('are inverses, in version 4', () => {
    fc.assert(
      fc.property(anyPublish, (packet) => {
        expect(bodies(open().decode(bytesOf(open(), packet)))).toEqual([JSON.parse(JSON.stringify(packet))]);
      }),
    );
  });

  it('are inverses, in version 5, for every packet and its properties', () => {
    fc.assert(
      fc.property(anyPacket5, (packet) => {
        expect(bodies(open(5).decode(bytesOf(open(5), packet)))).toEqual([JSON.parse(JSON.stringify(packet))]);
      }),
    );
  });

  it('agree with mqtt-packet about any PUBLISH, both ways and in both versions', () => {
    fc.assert(
      fc.property(anyPublish, fc.constantFrom(...versions), (packet, version) => {
        fc.pre(packet.topic.length > 0);
        const back = readBack(open(version), packet, version) as { payload: Buffer; messageId?: number; topic: string };
        expect(back).toMatchObject({ topic: packet.topic, qos: packet.qos, dup: packet.dup, retain: packet.retain });
        expect(bodies(open(version).decode(written(back, version)))).toEqual([JSON.parse(JSON.stringify(packet))]);
      }),
    );
  });
});

describe('a packet that no broker sends', () => {
  it.each([
    { type: 'pingreq' },
    { type: 'unsubscribe', topics: ['a'] },
    { type: 'connect', clientId: 'x' },
    { type: 'reserved' },
  ])('is read all the same, with the role `unknown`: %j', (packet) => {
    expect(open().decode(bytesOf(open(), packet))).toMatchObject([
      { type: packet.type, role: 'unknown', body: packet },
    ]);
  });
});
