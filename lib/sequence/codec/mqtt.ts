import { randomUUID } from 'node:crypto';
import type { CodecPlan } from '../../config/plan.ts';
import { carrying, type OperationOf } from './carry.ts';
import type { Codec, Dialogue, DialogueOptions, Message, Standing } from './codec.ts';
import { isObject, type JsonObject, memberOf } from './document.ts';
import { readParts } from './frame-parts.ts';
import { readMessage, refusalOf, replyTo } from './mqtt/message.ts';
import { writePacket } from './mqtt/packet.ts';
import { createPacketStream } from './mqtt/packet-stream.ts';
import { createQuestions } from './questions.ts';
import { bodyOf, encodePayload } from './raw.ts';

type MqttPlan = Extract<CodecPlan, { readonly name: 'mqtt' }>;

/** In version 5 a session ends with its connection where nothing is said: long enough for a restart. */
const sessionExpiryS = 3_600;

const packetFor = (operation: OperationOf<'mqtt'>, qos: number): JsonObject => {
  const { stream } = operation;
  switch (operation.do) {
    case 'subscribe': {
      const options = isObject(operation.payload) ? operation.payload : {};
      return { type: 'subscribe', subscriptions: [{ topic: stream, qos, ...options }] };
    }
    case 'unsubscribe':
      return { type: 'unsubscribe', topics: [stream] };
    case 'publish':
      return { type: 'publish', topic: stream, payload: operation.payload, qos };
  }
};

const standingAfter = ({ body, code }: Message, isResuming: boolean): Standing => {
  const told = memberOf(memberOf(body, 'properties'), 'reasonString');
  if (code !== undefined) return { state: 'refused', code, reason: String(told ?? refusalOf(Number(code))) };
  if (memberOf(body, 'sessionPresent') === true) return { state: 'ready', resumption: 'resumed' };
  return { state: 'ready', ...(isResuming ? { resumption: 'reset' } : {}) };
};

const openMqtt = (plan: MqttPlan, { handshake, resume }: DialogueOptions): Dialogue => {
  const { version, qos } = plan;
  const isAuto = handshake === 'auto';
  const cut = createPacketStream();
  const questions = createQuestions();
  // At most 23 letters and digits: what every broker takes (MQTT 3.1.1 §3.1.3.1).
  const made = () => `plimsoll${randomUUID().replaceAll('-', '').slice(0, 15)}`;
  const clientId = plan.clientId ?? String(memberOf(resume, 'clientId') ?? made());
  let lastId = Number(memberOf(resume, 'lastId') ?? 0);
  let { keepAliveS } = plan;
  let standing: Standing = { state: 'greeting', awaited: 'connack' };

  /** Fills in what the plan and the session know. */
  const complete = (packet: JsonObject): JsonObject => {
    const { type } = packet;
    if (type === 'connect') {
      const expiry = version === 5 && !plan.clean ? { properties: { sessionExpiryInterval: sessionExpiryS } } : {};
      return { ...plan, clientId, ...expiry, ...packet };
    }
    const whole = type === 'publish' ? { qos, ...packet } : packet;
    const isAsking = type === 'subscribe' || type === 'unsubscribe' || (type === 'publish' && whole.qos !== 0);
    if (!isAsking || packet.packetId !== undefined) return whole;
    lastId = (lastId % 0xffff) + 1;
    return { ...whole, packetId: lastId };
  };

  const hear = (message: Message) => {
    if (message.type !== 'connack' || message.problem !== undefined) return;
    standing = standingAfter(message, resume !== undefined);
    keepAliveS = Number(memberOf(memberOf(message.body, 'properties'), 'serverKeepAlive') ?? keepAliveS);
  };

  return {
    decode: (raw) => {
      if (typeof raw === 'string') return [{ body: bodyOf(raw), problem: 'a text frame: those of MQTT are binary' }];
      const messages = readParts(cut(raw), (part) => readMessage(part, version));
      messages.forEach(hear);
      return messages;
    },
    encode: (payload) => {
      if (payload.kind !== 'json') return encodePayload(payload);
      return [writePacket(complete(isObject(payload.json) ? payload.json : {}), version)];
    },
    greet: () => (isAuto ? [{ type: 'connect' }] : []),
    react: ({ body, problem }) => (isAuto && problem === undefined && isObject(body) ? replyTo(body) : []),
    ...(isAuto && keepAliveS > 0
      ? {
          keepAlive: {
            // Twice as often as it must, so that a late timer is in time.
            get everyMs() {
              return keepAliveS * 500;
            },
            messages: () => [{ type: 'pingreq' }],
          },
        }
      : {}),
    standing: () => standing,
    carryOut: carrying<'mqtt'>(plan, (operation) => {
      const whole = complete(packetFor(operation, qos));
      questions.ask(operation, String(whole.packetId));
      return [whole];
    }),
    // With QoS 2 the last word is PUBCOMP, unless PUBREC is a refusal.
    answerTo: (operation, message) =>
      message.type === 'pubrec' && message.code === undefined ? undefined : questions.answer(operation, message),
    resumption: () => ({ clientId, lastId }),
  };
};

/**
 * MQTT 3.1.1 (version 4) and 5 over websocket: binary frames, subprotocol `mqtt`. Tested against aedes (version 4),
 * mosquitto and the packets of mqtt-packet (both).
 *
 * A message is a packet: `{ type: 'publish', topic, payload, qos, dup, retain, packetId?, properties? }`. Its payload is JSON
 * where it reads as JSON, else text, else `{ base64 }`; its stream is the topic. The code of an error is its reason code, in
 * decimal. Steps may leave out what the plan says and the ids of their packets: `{ type: 'connect' }` is whole.
 *
 * What is received is acknowledged by the dialogue, so there is no `ack` operation. To see what a broker does when nobody
 * acknowledges, connect with `handshake: 'manual'`: nothing is sent then but by steps, which may send
 * `{ type: 'connect' }`, and `{ type: 'puback', packetId }` or not. What this end published is never sent again by itself.
 *
 * Without a `clientId` in the plan each connection has its own; with one, a second connection takes over from the first
 * (MQTT 5 §3.1.4). A reconnect is the same client again, and CONNACK says whether its session was still there.
 */
export const createMqttCodec = (plan: MqttPlan): Codec => ({
  name: 'mqtt',
  subprotocols: ['mqtt'],
  open: (options) => openMqtt(plan, options),
});
