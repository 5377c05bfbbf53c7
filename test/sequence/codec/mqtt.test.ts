import { describe, expect, it } from 'vitest';
import type { Json, Operation } from '../../../lib/config/plan.ts';
import type { Dialogue, Message } from '../../../lib/sequence/codec/codec.ts';
import { codecOf, open, readBack, written } from '../../support/mqtt.ts';

describe('the dialogue', () => {
  const connack = (part: object = {}, version: 4 | 5 = 4) =>
    written({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false, ...part }, version);
  const answersTo = (dialogue: Dialogue, packet: object, version: 4 | 5 = 4) =>
    dialogue.decode(written(packet, version)).flatMap((message) => dialogue.react(message));
  const publish = { cmd: 'publish', topic: 't', payload: 'x', dup: false, retain: false, messageId: 5 };

  it('greets with a CONNECT and is ready when that is accepted', () => {
    const dialogue = open();
    expect(dialogue.greet()).toEqual([{ type: 'connect' }]);
    expect(dialogue.standing()).toEqual({ state: 'greeting', awaited: 'connack' });
    dialogue.decode(connack());
    expect(dialogue.standing()).toEqual({ state: 'ready' });
  });

  it.each([
    [4, { returnCode: 5 }, '5', 'not authorized'],
    [4, { returnCode: 1 }, '1', 'unsupported protocol version'],
    [5, { reasonCode: 0x86 }, '134', 'bad user name or password'],
    [5, { reasonCode: 0x89 }, '137', 'reason code 137'],
    [5, { reasonCode: 0x88, properties: { reasonString: 'closed on Mondays' } }, '136', 'closed on Mondays'],
  ] as const)('is refused in version %i with %j', (version, part, code, reason) => {
    const dialogue = open(version);
    dialogue.decode(connack(part, version));
    expect(dialogue.standing()).toEqual({ state: 'refused', code, reason });
  });

  it('is refused in version 5 by a broker that answers as version 4 does', () => {
    const dialogue = open(5);
    dialogue.decode(connack({ returnCode: 1 }, 4));
    expect(dialogue.standing()).toEqual({ state: 'refused', code: '1', reason: 'unsupported protocol version' });
  });

  it('goes on as the same client, and says whether the broker still has its session', () => {
    const first = open();
    const { clientId } = readBack(first, { type: 'connect' }) as { clientId: string };
    first.carryOut({ do: 'subscribe', stream: 'a' });
    const resume = first.resumption() as Json;
    for (const [sessionPresent, resumption] of [
      [true, 'resumed'],
      [false, 'reset'],
    ] as const) {
      const next = open(4, { resume });
      expect(readBack(next, { type: 'connect' })).toMatchObject({ clientId });
      next.decode(connack({ sessionPresent }));
      expect(next.standing()).toEqual({ state: 'ready', resumption });
      // Ids go on: those of before may still be under way.
      expect(next.carryOut({ do: 'subscribe', stream: 'a' })).toMatchObject([{ packetId: 2 }]);
    }
  });

  it('acknowledges what it receives, by its QoS', () => {
    expect(answersTo(open(), { ...publish, qos: 0 })).toEqual([]);
    expect(answersTo(open(), { ...publish, qos: 1 })).toEqual([{ type: 'puback', packetId: 5 }]);
    expect(answersTo(open(), { ...publish, qos: 2 })).toEqual([{ type: 'pubrec', packetId: 5 }]);
    expect(answersTo(open(), { cmd: 'pubrel', messageId: 5 })).toEqual([{ type: 'pubcomp', packetId: 5 }]);
    expect(answersTo(open(), { cmd: 'pubrec', messageId: 5 })).toEqual([{ type: 'pubrel', packetId: 5 }]);
    expect(answersTo(open(5), { cmd: 'pubrec', messageId: 5, reasonCode: 0x97 }, 5)).toEqual([]);
    expect(answersTo(open(), { cmd: 'puback', messageId: 5 })).toEqual([]);
  });

  it('sends nothing by itself with a manual handshake', () => {
    const dialogue = open(4, { handshake: 'manual' });
    expect(dialogue.greet()).toEqual([]);
    expect(answersTo(dialogue, { ...publish, qos: 1 })).toEqual([]);
    expect(dialogue.keepAlive).toBeUndefined();
    dialogue.decode(connack());
    expect(dialogue.standing()).toEqual({ state: 'ready' });
  });

  it('pings twice in its keep-alive time, or in the one that the broker sets', async () => {
    expect(open().keepAlive?.everyMs).toBe(30_000);
    expect(open().keepAlive?.messages()).toEqual([{ type: 'pingreq' }]);
    const dialogue = open(5);
    dialogue.decode(connack({ properties: { serverKeepAlive: 10 } }, 5));
    expect(dialogue.keepAlive?.everyMs).toBe(5_000);
    expect((await codecOf({ keepAliveS: 0 })).open({ handshake: 'auto' }).keepAlive).toBeUndefined();
  });

  it('carries out what MQTT can do', () => {
    const dialogue = open();
    const ask = (operation: Operation) => dialogue.carryOut(operation);
    expect(ask({ do: 'subscribe', stream: 'a/+' })).toEqual([
      { type: 'subscribe', packetId: 1, subscriptions: [{ topic: 'a/+', qos: 1 }] },
    ]);
    expect(ask({ do: 'subscribe', stream: 'a', payload: { qos: 2, noLocal: true } })).toEqual([
      { type: 'subscribe', packetId: 2, subscriptions: [{ topic: 'a', qos: 2, noLocal: true }] },
    ]);
    expect(ask({ do: 'unsubscribe', stream: 'a' })).toEqual([{ type: 'unsubscribe', packetId: 3, topics: ['a'] }]);
    expect(ask({ do: 'publish', stream: 'a', payload: { n: 1 } })).toEqual([
      { type: 'publish', topic: 'a', payload: { n: 1 }, qos: 1, packetId: 4 },
    ]);
    expect(() => ask({ do: 'ack', stream: 'a', cursor: 1 })).toThrow(/`mqtt` has no words for `ack`/);
    expect(() => ask({ do: 'subscribe', stream: 'a', cursor: 0 })).toThrow(/`mqtt` has no cursors/);
  });

  it('knows the answer to what it asked from any other', () => {
    const dialogue = open();
    const subscribe = { do: 'subscribe', stream: 'a' } as const;
    dialogue.carryOut(subscribe);
    const judged = (packet: object, operation: Operation = subscribe) =>
      dialogue.decode(written(packet)).map((message) => dialogue.answerTo(operation, message));
    expect(judged({ cmd: 'suback', messageId: 9, granted: [1] })).toEqual([undefined]);
    expect(judged({ ...publish, qos: 1, messageId: 1 })).toEqual([undefined]);
    expect(judged({ cmd: 'suback', messageId: 1, granted: [1] })).toEqual([{ accepted: true }]);
    expect(judged({ cmd: 'suback', messageId: 1, granted: [0x80] })).toEqual([{ accepted: false, code: '128' }]);
    const said = { do: 'publish', stream: 'a', payload: 1 } as const;
    dialogue.carryOut(said);
    expect(judged({ cmd: 'pubrec', messageId: 2 }, said)).toEqual([undefined]);
    expect(judged({ cmd: 'pubcomp', messageId: 2 }, said)).toEqual([{ accepted: true }]);
    expect(judged({ cmd: 'puback', messageId: 2 }, said)).toEqual([{ accepted: true }]);
  });

  it('takes a publish for refused as soon as PUBREC says so', () => {
    const dialogue = open(5);
    const said = { do: 'publish', stream: 'a', payload: 1 } as const;
    dialogue.carryOut(said);
    const [refusal] = dialogue.decode(written({ cmd: 'pubrec', messageId: 1, reasonCode: 0x87 }, 5));
    expect(dialogue.answerTo(said, refusal as Message)).toEqual({ accepted: false, code: '135' });
  });

  it('has no answer to a publish with QoS 0', async () => {
    const dialogue = (await codecOf({ qos: 0 })).open({ handshake: 'auto' });
    const said = { do: 'publish', stream: 'a', payload: 1 } as const;
    expect(dialogue.carryOut(said)).toEqual([{ type: 'publish', topic: 'a', payload: 1, qos: 0 }]);
    expect(dialogue.answerTo(said, { body: null, type: 'puback', role: 'ack' })).toBeUndefined();
  });

  it('counts its packets up to 65,535 and begins again with 1', () => {
    const dialogue = open(4, { resume: { clientId: 'x', lastId: 65_534 } });
    const ids = [1, 2].map(() => dialogue.carryOut({ do: 'unsubscribe', stream: 'a' }));
    expect(ids).toMatchObject([[{ packetId: 65_535 }], [{ packetId: 1 }]]);
  });
});
