import { MalformedError } from '../bytes.ts';
import type { Message, Role } from '../codec.ts';
import { type JsonObject, present, textOf } from '../document.ts';
import { bodyOf } from '../raw.ts';
import { type MqttVersion, packetType, readPacket } from './packet.ts';
import type { CutPacket, Uncut } from './packet-stream.ts';

/** From this one on a reason code is a failure (MQTT 5 §2.4); in version 4 SUBACK has no other. */
const firstFailure = 0x80;

/** Why a CONNECT is refused: 1 to 5 in version 4. */
const refusals = [
  'unsupported protocol version',
  'client identifier not valid',
  'server unavailable',
  'bad user name or password',
  'not authorized',
];
/** In version 5, from 0x84. */
const refusals5 = [0, 1, 3, 4, 2];

export const refusalOf = (code: number): string =>
  refusals[code < firstFailure ? code - 1 : (refusals5[code - 0x84] ?? -1)] ?? `reason code ${code}`;

/** What a broker sends; it sends no other. */
const roles: Readonly<Record<string, Role>> = {
  connack: 'control',
  publish: 'event',
  puback: 'ack',
  pubrec: 'ack',
  pubrel: 'control',
  pubcomp: 'ack',
  suback: 'ack',
  unsuback: 'ack',
  pingresp: 'heartbeat',
  disconnect: 'control',
  auth: 'control',
};

/** The reason code that makes it a failure; of several subscriptions the first that failed. */
const failureOf = ({ type, reasonCode, reasonCodes }: JsonObject): number | undefined =>
  [reasonCodes ?? reasonCode]
    .flat()
    .map(Number)
    .find((code) => code >= (type === 'connack' ? 1 : firstFailure));

const messageOf = (packet: JsonObject): Message => {
  const type = String(packet.type);
  const failure = failureOf(packet);
  const role = roles[type] ?? 'unknown';
  // A broker uses its own ids again as soon as they are free: they name no event.
  const id = role === 'ack' ? textOf(packet.packetId) : undefined;
  return {
    body: packet,
    type,
    role: failure === undefined ? role : 'error',
    ...present({ id, stream: type === 'publish' ? textOf(packet.topic) : undefined, code: textOf(failure) }),
  };
};

/** What was cut out of the stream, as a message. */
export const readMessage = (cut: CutPacket | Uncut, version: MqttVersion): Message => {
  const misread = (problem: string): Message => ({
    body: bodyOf(cut.content),
    problem,
    ...present({ type: cut.first === undefined ? undefined : packetType(cut.first) }),
  });
  if ('problem' in cut) return misread(cut.problem);
  try {
    return messageOf(readPacket(cut, version));
  } catch (error) {
    if (error instanceof MalformedError) return misread(`not a packet of MQTT ${version}: ${error.message}`);
    throw error;
  }
};

/** What a received packet calls for (MQTT 5 §4.3). */
export const replyTo = ({ type, qos, packetId = 0, reasonCode }: JsonObject): readonly JsonObject[] => {
  const replies: Record<string, string> = { pubrec: 'pubrel', pubrel: 'pubcomp' };
  const reply = type === 'publish' ? ['', 'puback', 'pubrec'][Number(qos)] : replies[String(type)];
  return reply && !(Number(reasonCode) >= firstFailure) ? [{ type: reply, packetId }] : [];
};
