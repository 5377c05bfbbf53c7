import type { Json } from '../../../config/plan.ts';
import { parseDocument } from '../../../match/json-document.ts';
import { fromBase64, MalformedError, readBytes, textIn, toBase64, varintBytes } from '../bytes.ts';
import { CodecError } from '../codec.ts';
import { isObject, type JsonObject } from '../document.ts';
import { byte, type Kind, list, short, text, wholeNumber } from './kind.ts';
import type { CutPacket } from './packet-stream.ts';
import { properties } from './properties.ts';

export type MqttVersion = 4 | 5;

/**
 * JSON where the bytes are JSON, but for a JSON string; else text, else `{ base64 }`. A string stays as it stands, quotes
 * and all, so that what is sent as it was read are the same bytes.
 */
const payload: Kind = {
  read: (reader) => {
    const bytes = reader.take(reader.left());
    const read = textIn(bytes);
    if (read === undefined) return { base64: toBase64(bytes) };
    const json = parseDocument(read);
    return 'problem' in json || typeof json.document === 'string' ? read : json.document;
  },
  write: (value = '') => {
    const isBytes = isObject(value) && Object.keys(value).join() === 'base64';
    const bytes = isBytes ? fromBase64(value.base64) : undefined;
    return bytes ?? Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  },
};

const flag = (value: Json | undefined, bit: number): number => (value === true ? bit : 0);
const qosBits = (value: Json | undefined): number => wholeNumber(value, 'qos', 3);

/** MQTT 5 §3.8.3.1; version 4 has the QoS alone. */
const subscription: Kind = {
  read: (reader) => {
    const topic = text.read(reader);
    const options = reader.number(1);
    const of5 = { noLocal: (options & 4) > 0, retainAsPublished: (options & 8) > 0, retainHandling: options >> 4 };
    return { topic, qos: options & 3, ...(options > 3 ? of5 : {}) };
  },
  write: (value) => {
    const { topic, qos, noLocal, retainAsPublished, retainHandling = 0 } = isObject(value) ? value : {};
    const handling = wholeNumber(retainHandling, 'retainHandling', 4) * 16;
    const options = qosBits(qos) + flag(noLocal, 4) + flag(retainAsPublished, 8) + handling;
    return Buffer.concat([text.write(topic, 'topic'), Uint8Array.of(options)]);
  },
};

const boolean: Kind = {
  read: (reader) => reader.number(1) === 1,
  write: (value) => Uint8Array.of(flag(value, 1)),
};

/** Left out by a broker that has nothing to complain of. */
const reason: Kind = {
  read: (reader) => (reader.left() > 0 ? reader.number(1) : 0),
  write: (value = 0, name) => byte.write(value, name),
};

type Field = readonly [name: string, kind: Kind, when?: (packet: JsonObject, version: MqttVersion) => boolean];

const in5 = (_: JsonObject, version: MqttVersion): boolean => version === 5;
const withFlag =
  (bit: number) =>
  ({ flags }: JsonObject): boolean =>
    (Number(flags) & bit) > 0;

const withWill = withFlag(4);

const packetId: Field = ['packetId', short];
const properties5: Field = ['properties', properties, in5];
const reasoned: readonly Field[] = [['reasonCode', reason, in5], properties5];
const acknowledgement: readonly Field[] = [packetId, ...reasoned];

/** The fields of each packet in the order in which they stand, by their number in its first byte (MQTT 5 §2.1.2, §3). */
const layouts: Readonly<Record<string, readonly Field[]>> = {
  reserved: [],
  connect: [
    ['protocol', text],
    ['version', byte],
    ['flags', byte],
    ['keepAliveS', short],
    properties5,
    ['clientId', text],
    ['willProperties', properties, (packet, version) => version === 5 && withWill(packet)],
    ['willTopic', text, withWill],
    ['willPayload', text, withWill],
    ['username', text, withFlag(128)],
    ['password', text, withFlag(64)],
  ],
  connack: [['sessionPresent', boolean], ['reasonCode', byte], properties5],
  publish: [['topic', text], ['packetId', short, ({ qos }) => qos !== 0], properties5, ['payload', payload]],
  puback: acknowledgement,
  pubrec: acknowledgement,
  pubrel: acknowledgement,
  pubcomp: acknowledgement,
  subscribe: [packetId, properties5, ['subscriptions', list(subscription)]],
  suback: [packetId, properties5, ['reasonCodes', list(byte)]],
  unsubscribe: [packetId, properties5, ['topics', list(text)]],
  unsuback: [packetId, properties5, ['reasonCodes', list(byte), in5]],
  pingreq: [],
  pingresp: [],
  disconnect: reasoned,
  auth: reasoned,
};
const types = Object.keys(layouts);

/** `connect`, `publish`…; of a packet's first byte. */
export const packetType = (first: number): string => types[first >> 4] ?? '';

/** Of all but PUBLISH (MQTT 5 §2.1.3). */
const fixedFlags = (type: string): number => flag(['pubrel', 'subscribe', 'unsubscribe'].includes(type), 2);

/**
 * `{ type: 'publish', topic, payload, qos, dup, retain, packetId? }`, `{ type: 'connack', sessionPresent, reasonCode }`,
 * `{ type: 'suback', packetId, reasonCodes }`…; in version 5 with `properties` where there are any.
 *
 * @throws MalformedError
 */
export const readPacket = ({ first, content }: CutPacket, version: MqttVersion): JsonObject => {
  const type = packetType(first);
  const bits = first & 15;
  const packet: Record<string, Json> = { type };
  if (type === 'publish') Object.assign(packet, { qos: (bits >> 1) & 3, dup: bits > 7, retain: bits % 2 > 0 });
  else if (bits !== fixedFlags(type)) throw new MalformedError('its flags are wrong');
  if (packet.qos === 3) throw new MalformedError('it has a QoS of 3');
  const reader = readBytes(content);
  for (const [name, kind, when] of layouts[type] ?? []) {
    const value = !when || when(packet, version) ? kind.read(reader) : undefined;
    if (value !== undefined) packet[name] = value;
  }
  if (reader.left() > 0) throw new MalformedError('it goes on behind its end');
  return packet;
};

const connectFlags = ({ clean, willTopic, willQos = 0, willRetain, username, password }: JsonObject): number =>
  flag(clean, 2) +
  (willTopic === undefined ? 0 : 4 + qosBits(willQos) * 8 + flag(willRetain, 32)) +
  flag(password !== undefined, 64) +
  flag(username !== undefined, 128);

/**
 * The inverse of `readPacket`; CONNECT is `{ clientId, clean, keepAliveS, username?, password? }`, with a will
 * `{ willTopic, willPayload, willQos?, willRetain?, willProperties? }` besides.
 *
 * @throws CodecError
 */
export const writePacket = (packet: JsonObject, version: MqttVersion): Uint8Array => {
  const type = String(packet.type);
  const code = types.indexOf(type);
  if (code < 0) throw new CodecError(`mqtt: \`type\` is one of ${types.join(', ')}: got ${type}`);
  const whole = type === 'connect' ? { ...packet, protocol: 'MQTT', version, flags: connectFlags(packet) } : packet;
  const { qos, dup, retain } = packet;
  const bits = type === 'publish' ? qosBits(qos) * 2 + flag(dup, 8) + flag(retain, 1) : fixedFlags(type);
  const content = Buffer.concat(
    (layouts[type] ?? []).flatMap(([name, kind, when]) =>
      !when || when(whole, version) ? [kind.write(whole[name], name)] : [],
    ),
  );
  return Buffer.concat([Uint8Array.of(code * 16 + bits), varintBytes(content.length), content]);
};
