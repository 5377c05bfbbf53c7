import { once } from 'node:events';
import type { AuthenticateError } from 'aedes';
import { describe, expect, it } from 'vitest';
import type { CodecPlan } from '../../../lib/config/plan.ts';
import { loadMatchEngines } from '../../../lib/match/engines.ts';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { compilePattern } from '../../../lib/sequence/pattern.ts';
import { openDialogue } from '../../support/dialogue-client.ts';
import { fresh } from '../../support/fresh.ts';
import { serveMqtt } from '../../support/mqtt-server.ts';

type Plan = Extract<CodecPlan, { readonly name: 'mqtt' }>;

const codecOf = (plan: Partial<Plan> = {}) =>
  loadCodec({ name: 'mqtt', version: 4, keepAliveS: 60, clean: true, qos: 1, ...plan });

describe('aedes', () => {
  const target = fresh(() => serveMqtt());
  const connect = async (plan: Partial<Plan> = {}, handshake: 'auto' | 'manual' = 'auto') => {
    const client = await openDialogue(await codecOf(plan), target().url, { handshake });
    if (handshake === 'auto') await client.settled();
    return client;
  };

  it.each([0, 1, 2] as const)('gives a subscriber what another connection publishes with QoS %i', async (qos) => {
    const [a, b] = [await connect({ qos }), await connect({ qos })];
    expect(await a.ask({ do: 'subscribe', stream: 'notes/+' })).toEqual({ accepted: true });
    const publish = { do: 'publish', stream: 'notes/1', payload: { title: 'hi' } } as const;
    if (qos === 0) b.begin(publish);
    else expect(await b.ask(publish)).toEqual({ accepted: true });
    const event = await a.seenLike({ type: 'publish' });
    expect(event).toMatchObject({
      role: 'event',
      stream: 'notes/1',
      body: { payload: { title: 'hi' }, qos, dup: false, retain: false },
    });
    // The four packets of QoS 2 are all there: the dialogue has sent its two.
    if (qos === 2) await a.seenLike({ type: 'pubrel' });
    expect(await a.ask({ do: 'unsubscribe', stream: 'notes/+' })).toEqual({ accepted: true });
  });

  it('answers a ping, and sends the will of who is gone without a word', async () => {
    const a = await connect();
    await a.ask({ do: 'subscribe', stream: 'gone' });
    a.send({ type: 'pingreq' });
    expect(await a.seenLike({ type: 'pingresp' })).toMatchObject({ role: 'heartbeat' });
    const b = await connect({}, 'manual');
    b.send({ type: 'connect', willTopic: 'gone', willPayload: 'b', willQos: 1 });
    await b.settled();
    await b.terminate();
    expect(await a.seenLike({ stream: 'gone' })).toMatchObject({ body: { payload: 'b', qos: 1 } });
  });

  it('keeps a session that is not clean, with what was published meanwhile', async () => {
    const [a, b] = [await connect({ clean: false }), await connect()];
    await a.ask({ do: 'subscribe', stream: 'notes' });
    await a.terminate();
    await expect.poll(() => target().broker.connectedClients).toBe(1);
    await b.ask({ do: 'publish', stream: 'notes', payload: 'missed' });
    await a.reopen();
    expect(await a.settled()).toEqual({ state: 'ready', resumption: 'resumed' });
    expect(await a.seenLike({ stream: 'notes' })).toMatchObject({ body: { payload: 'missed' } });
  });

  it('has lost a session that is clean, and one of another broker', async () => {
    const a = await connect();
    await a.reopen();
    expect(await a.settled()).toEqual({ state: 'ready', resumption: 'reset' });
    const b = await connect({ clean: false });
    const restarted = await serveMqtt();
    await b.reopen({ url: restarted.url });
    expect(await b.settled()).toEqual({ state: 'ready', resumption: 'reset' });
    await restarted.close();
  });

  it('refuses a client of version 5 by its code', async () => {
    const client = await openDialogue(await codecOf({ version: 5 }), target().url);
    expect(await client.settled()).toEqual({
      state: 'refused',
      code: '1',
      reason: 'unsupported protocol version',
    });
  });
});

const redelivered = compilePattern(
  { subset: { type: 'publish', dup: true }, paths: {} },
  await loadMatchEngines([], { patterns: true }),
  (text) => text,
);

describe('aedes that delivers again what was not acknowledged', () => {
  const target = fresh(() => serveMqtt());

  /** A subscriber with a session to keep, which a message of QoS 1 has reached. */
  const subscriberReached = async (handshake: 'auto' | 'manual') => {
    const a = await openDialogue(await codecOf({ clean: false }), target().url, { handshake });
    const b = await openDialogue(await codecOf(), target().url);
    await b.settled();
    if (handshake === 'manual') a.send({ type: 'connect' });
    await a.settled();
    await a.ask({ do: 'subscribe', stream: 'notes' });
    await b.ask({ do: 'publish', stream: 'notes', payload: { n: 1 } });
    const first = await a.seenLike({ stream: 'notes' });
    return { a, first };
  };

  it('sets no DUP: a pattern that wants `dup: true` finds nothing (MQTT-3.3.1-1; moscajs/aedes#601)', async () => {
    const { a, first } = await subscriberReached('manual');
    expect(first.body).toMatchObject({ type: 'publish', dup: false, qos: 1 });
    await a.terminate();
    await a.reopen();
    a.send({ type: 'connect' });
    expect(await a.settled()).toEqual({ state: 'ready', resumption: 'resumed' });
    const again = await a.seenLike({ stream: 'notes' });
    expect(again.body).toMatchObject({ payload: { n: 1 } });
    expect(redelivered.matches(again)).toBe(false);
    // It would have found one that is marked: the broker's own packet, with the flag set.
    expect(redelivered.matches({ ...again, body: { ...(again.body as object), dup: true } })).toBe(true);
  });

  it('delivers nothing again once a step has acknowledged', async () => {
    const { a, first } = await subscriberReached('manual');
    const acknowledged = once(target().broker, 'ack');
    a.send({ type: 'puback', packetId: (first.body as { packetId: number }).packetId });
    await acknowledged;
    await a.terminate();
    await a.reopen();
    a.send({ type: 'connect' });
    await a.settled();
    // A ping behind it: what was to be delivered would have come before its answer.
    a.send({ type: 'pingreq' });
    await a.seenLike({ type: 'pingresp' });
    expect(a.messages().filter(({ stream }) => stream === 'notes')).toEqual([]);
  });

  it('delivers nothing again to a dialogue that acknowledges by itself', async () => {
    const acknowledged = once(target().broker, 'ack');
    const { a } = await subscriberReached('auto');
    await acknowledged;
    await a.reopen();
    await a.settled();
    a.send({ type: 'pingreq' });
    await a.seenLike({ type: 'pingresp' });
    expect(a.messages().filter(({ stream }) => stream === 'notes')).toEqual([]);
  });
});

describe('aedes that lets in only some', () => {
  const target = fresh(() =>
    serveMqtt({
      authenticate: (_client, username, _password, done) => {
        const refusal = Object.assign(new Error('who?'), { returnCode: 4 }) as AuthenticateError;
        if (username === 'me') done(null, true);
        else done(refusal, false);
      },
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, subscription.topic === 'mine' ? subscription : null),
    }),
  );

  it('refuses a wrong user with the code of CONNACK', async () => {
    const client = await openDialogue(await codecOf({ username: 'you', password: 'x' }), target().url);
    expect(await client.settled()).toEqual({ state: 'refused', code: '4', reason: 'bad user name or password' });
  });

  it('rejects a subscription with the code of SUBACK', async () => {
    const client = await openDialogue(await codecOf({ username: 'me', password: 'x' }), target().url);
    await client.settled();
    expect(await client.ask({ do: 'subscribe', stream: 'theirs' })).toEqual({ accepted: false, code: '128' });
    expect(await client.ask({ do: 'subscribe', stream: 'mine' })).toEqual({ accepted: true });
  });
});
