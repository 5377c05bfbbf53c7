import { expect, it } from 'vitest';
import type { CodecPlan } from '../../../lib/config/plan.ts';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { type DialogueClient, openDialogue } from '../../support/dialogue-client.ts';
import { fresh } from '../../support/fresh.ts';
import { serveMosquitto } from '../../support/mosquitto.ts';
import { describeWithProgram } from '../../support/programs.ts';

type Plan = Extract<CodecPlan, { readonly name: 'mqtt' }>;

const codecOf = (plan: Partial<Plan> = {}) =>
  loadCodec({ name: 'mqtt', version: 5, keepAliveS: 60, clean: true, qos: 1, ...plan });

/** A ping behind what may still come: it would have come before the answer. */
const settle = async (client: DialogueClient) => {
  const pongs = () => client.messages().filter(({ type }) => type === 'pingresp').length;
  const before = pongs();
  client.send({ type: 'pingreq' });
  await expect.poll(pongs).toBeGreaterThan(before);
};

describeWithProgram('mosquitto', 'mosquitto')('Debian’s mosquitto, a broker of MQTT 3.1.1 and 5', () => {
  const target = fresh(() => serveMosquitto());
  const connect = async (plan: Partial<Plan> = {}, handshake: 'auto' | 'manual' = 'auto') => {
    const client = await openDialogue(await codecOf(plan), target().url, { handshake });
    if (handshake === 'manual') client.send({ type: 'connect' });
    await client.settled();
    return client;
  };

  it.each([
    [4, 0],
    [4, 1],
    [4, 2],
    [5, 0],
    [5, 1],
    [5, 2],
  ] as const)('gives a subscriber of version %i what is published with QoS %i', async (version, qos) => {
    const [a, b] = [await connect({ version, qos }), await connect({ version, qos })];
    expect(await a.ask({ do: 'subscribe', stream: 'notes/+' })).toEqual({ accepted: true });
    const publish = { do: 'publish', stream: 'notes/1', payload: { title: 'hi' } } as const;
    if (qos === 0) b.begin(publish);
    else expect(await b.ask(publish)).toEqual({ accepted: true });
    expect(await a.seenLike({ type: 'publish' })).toMatchObject({
      role: 'event',
      stream: 'notes/1',
      body: { payload: { title: 'hi' }, qos, dup: false, retain: false },
    });
    expect(await a.ask({ do: 'unsubscribe', stream: 'notes/+' })).toEqual({ accepted: true });
    expect(a.messages().filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  it('passes the properties of version 5 on as they were sent', async () => {
    const client = await connect();
    client.send({
      type: 'subscribe',
      properties: { subscriptionIdentifier: 7 },
      subscriptions: [{ topic: 'notes', qos: 1 }],
    });
    await client.seenLike({ type: 'suback', role: 'ack' });
    const properties = {
      contentType: 'application/json',
      responseTopic: 'answers',
      correlationData: 'AQID',
      messageExpiryInterval: 60,
      userProperties: { trace: ['a', 'b'], sent: 'now' },
    };
    client.send({ type: 'publish', topic: 'notes', payload: { n: 1 }, properties });
    const { body } = await client.seenLike({ type: 'publish' });
    expect(body).toMatchObject({ properties: { ...properties, subscriptionIdentifier: 7 } });
  });

  it('says by a reason code what version 4 has no word for', async () => {
    const client = await connect();
    client.begin({ do: 'unsubscribe', stream: 'nobody' });
    // 17: there was no such subscription. It is no failure.
    expect(await client.seenLike({ type: 'unsuback' })).toMatchObject({ role: 'ack', body: { reasonCodes: [17] } });
    client.send({ type: 'publish', topic: 'nobody', payload: 1 });
    // 16: nobody has subscribed to it.
    expect(await client.seenLike({ type: 'puback' })).toMatchObject({ role: 'ack', body: { reasonCode: 16 } });
  });

  it('gives a session to who comes last, and ends the connection that had it without the word for it (142)', async () => {
    const first = await connect({ clientId: 'one', clean: false });
    await first.ask({ do: 'subscribe', stream: 'notes' });
    const second = await connect({ clientId: 'one', clean: false });
    expect(second.dialogue.standing()).toEqual({ state: 'ready', resumption: 'resumed' });
    // 2.0.11 only hangs up, over websocket.
    await first.closed();
  });

  it.each([4, 5] as const)(
    'marks with DUP what it delivers again, in version %i: what aedes does not',
    async (version) => {
      const a = await connect({ version, clean: false }, 'manual');
      const b = await connect({ version });
      await a.ask({ do: 'subscribe', stream: 'notes' });
      await b.ask({ do: 'publish', stream: 'notes', payload: { n: 1 } });
      expect(await a.seenLike({ stream: 'notes' })).toMatchObject({ body: { dup: false, qos: 1 } });
      await a.terminate();
      await a.reopen();
      a.send({ type: 'connect' });
      expect(await a.settled()).toEqual({ state: 'ready', resumption: 'resumed' });
      const again = await a.seenLike({ stream: 'notes' });
      expect(again).toMatchObject({ body: { payload: { n: 1 }, dup: true } });
      a.send({ type: 'puback', packetId: (again.body as { packetId: number }).packetId });
      await settle(a);
      await a.terminate();
      await a.reopen();
      a.send({ type: 'connect' });
      await a.settled();
      await settle(a);
      expect(a.messages().filter(({ stream }) => stream === 'notes')).toEqual([]);
    },
  );

  it('keeps a session, and what was published meanwhile, over a kill -9 of the broker', async () => {
    const [a, b] = [await connect({ clean: false }), await connect()];
    await a.ask({ do: 'subscribe', stream: 'notes' });
    await a.terminate();
    await b.ask({ do: 'publish', stream: 'notes', payload: 'missed' });
    await expect.poll(() => target().saved()).toContain('missed');
    await target().kill();
    await target().start();
    await a.reopen();
    expect(await a.settled()).toEqual({ state: 'ready', resumption: 'resumed' });
    expect(await a.seenLike({ stream: 'notes' })).toMatchObject({ body: { payload: 'missed' } });
  });

  it('has lost a session that is clean', async () => {
    const a = await connect();
    await a.reopen();
    expect(await a.settled()).toEqual({ state: 'ready', resumption: 'reset' });
  });
});

describeWithProgram('mosquitto', 'mosquitto')('mosquitto that lets in nobody', () => {
  const target = fresh(() => serveMosquitto('allow_anonymous false'));

  it.each([
    [4, '5', 'not authorized'],
    [5, '135', 'not authorized'],
  ] as const)('refuses in version %i with code %s: %s', async (version, code, reason) => {
    const client = await openDialogue(await codecOf({ version, username: 'me', password: 'x' }), target().url);
    expect(await client.settled()).toEqual({ state: 'refused', code, reason });
  });
});
