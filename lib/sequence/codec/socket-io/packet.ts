import type { Json } from '../../../config/plan.ts';
import { parseDocument } from '../../../match/json-document.ts';
import { CodecError, type RawFrame } from '../codec.ts';
import { isObject, type JsonObject, memberOf } from '../document.ts';
import { takeBytes } from './attachments.ts';

/** By the digit that begins a frame: Engine.IO 4, https://socket.io/docs/v4/engine-io-protocol. */
const enginePackets = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];
/** By the digit behind a `4`: Socket.IO 5, https://socket.io/docs/v4/socket-io-protocol. Two have a binary form, 3 higher. */
const packets = ['connect', 'disconnect', 'event', 'ack', 'connect_error'];
const message = '4';

/** What a text frame says. `attachments`: binary frames that belong into `body`, which is not complete before. */
export type PacketRead =
  | { readonly body: JsonObject; readonly attachments: number }
  /** `type` where the protocol has no such. */
  | { readonly problem: string; readonly type?: string };

/** As many as the reference parser takes. */
const mostAttachments = 10;
/** Behind the type: how many attachments, the namespace, the event's number, the data. */
const packetText = /^.(?:(\d+)-)?(?:(\/[^,]*),?)?(\d{1,15})?(.*)$/s;

const digitOf = (text: string): number => (text === '' ? -1 : '0123456'.indexOf(text.charAt(0)));

const unknownType = (text: string): PacketRead => {
  const type = text.slice(0, 1);
  return type === ''
    ? { problem: 'an empty packet' }
    : { problem: `a packet of type "${type}", which the protocol has not`, type };
};

/** Names that a client of Socket.IO takes for its own, and breaks off at. */
const reserved = /^(?:connect|connect_error|disconnect|disconnecting|newListener|removeListener)$/;

const isName = (event: Json | undefined): event is string | number =>
  typeof event === 'number' || (typeof event === 'string' && !reserved.test(event));

const eventOf = (data: Json | undefined): JsonObject | undefined => {
  if (!Array.isArray(data)) return undefined;
  const [event, ...args] = data as readonly Json[];
  return isName(event) ? { event, args } : undefined;
};

/** The members of a packet beside its type and namespace; nothing when its data is not what the type wants. */
const membersOf = (type: string, id: number | undefined, data: Json | undefined): JsonObject | undefined => {
  switch (type) {
    case 'event': {
      const event = eventOf(data);
      return event && { ...event, ...(id === undefined ? {} : { ack: id }) };
    }
    case 'ack':
      return id !== undefined && Array.isArray(data) ? { ack: id, args: data } : undefined;
    case 'disconnect':
      return data === undefined ? {} : undefined;
    case 'connect_error':
      return typeof data === 'string' || isObject(data) ? { data } : undefined;
    default:
      // A client may connect without data; a server tells the session's id.
      if (data === undefined) return {};
      return isObject(data) ? { data } : undefined;
  }
};

const readMessage = (text: string): PacketRead => {
  const digit = digitOf(text);
  const isBinary = digit >= 5;
  const type = packets[isBinary ? digit - 3 : digit];
  if (type === undefined) return unknownType(text);
  const [, count, namespace = '/', id, json = ''] = packetText.exec(text) ?? [];
  const attachments = count === undefined ? 0 : Number(count);
  if (isBinary ? attachments < 1 : count !== undefined) return { problem: `${type} with a wrong count of attachments` };
  if (attachments > mostAttachments) return { problem: `${type} with more than ${mostAttachments} attachments` };
  const read = json === '' ? undefined : parseDocument(json);
  if (read && 'problem' in read) return { problem: `${type} whose data is ${read.problem}` };
  const members = membersOf(type, id === undefined ? undefined : Number(id), read?.document);
  if (!members) return { problem: `${type} whose data has not the right shape` };
  return { body: { type, namespace, ...members }, attachments };
};

/** Reads a text frame: one packet, for only a poll's answer may hold several with U+001E between them. */
export const readPacket = (text: string): PacketRead => {
  const type = enginePackets[digitOf(text)];
  if (type === undefined) return unknownType(text);
  const rest = text.slice(1);
  if (rest.includes('\u001e')) return { problem: 'several packets in one frame, which only HTTP long-polling has' };
  if (type === 'message') return readMessage(rest);
  if (type !== 'open') return { body: { type, ...(rest === '' ? {} : { data: rest }) }, attachments: 0 };
  const read = parseDocument(rest);
  const data = 'problem' in read ? undefined : read.document;
  return isObject(data) ? { body: { type, data }, attachments: 0 } : { problem: 'open whose data is no JSON object' };
};

const isWhole = (value: Json | undefined): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** The data of an event or an answer: what may hold bytes. */
const dataOf = (body: Json, type: 'event' | 'ack'): readonly Json[] => {
  const [event, args = [], id] = ['event', 'args', 'ack'].map((key) => memberOf(body, key));
  const refuse = (want: string, got: Json | undefined): never => {
    throw new CodecError(`a message of type "${type}" wants ${want}, got ${JSON.stringify(got) ?? 'none'}`);
  };
  if (!Array.isArray(args)) return refuse('a list as "args"', args);
  if (type === 'ack' ? !isWhole(id) : id !== undefined && !isWhole(id)) return refuse('a whole number as "ack"', id);
  if (type === 'ack') return args;
  return isName(event) ? [event, ...args] : refuse('a name as "event"', event);
};

const writeMessage = (body: Json, type: string, namespace: string): readonly RawFrame[] => {
  const own = type === 'event' || type === 'ack' ? dataOf(body, type) : undefined;
  const { data, frames } = own ? takeBytes(own) : { data: memberOf(body, 'data'), frames: [] };
  const digit = packets.indexOf(type);
  const head = frames.length > 0 ? `${digit + 3}${frames.length}-` : digit;
  const id = own ? (memberOf(body, 'ack') ?? '') : '';
  const json = data === undefined ? '' : JSON.stringify(data);
  return [`${message}${head}${namespace === '/' ? '' : `${namespace},`}${id}${json}`, ...frames];
};

/** A body in the spelling of `readPacket` on the wire. @throws CodecError for one that no packet can say. */
export const writePacket = (body: Json, ownNamespace: string): readonly RawFrame[] => {
  const type = memberOf(body, 'type');
  const namespace = memberOf(body, 'namespace') ?? ownNamespace;
  if (typeof type === 'string' && packets.includes(type)) return writeMessage(body, type, String(namespace));
  const at = typeof type === 'string' && type !== 'message' ? enginePackets.indexOf(type) : -1;
  if (at < 0) {
    const known = [...packets, ...enginePackets.filter((name) => name !== 'message')].join(', ');
    throw new CodecError(
      `socket.io has no message of type ${JSON.stringify(type) ?? 'none'}: give "type" one of ${known}`,
    );
  }
  const data = memberOf(body, 'data') ?? '';
  return [`${at}${typeof data === 'string' ? data : JSON.stringify(data)}`];
};
