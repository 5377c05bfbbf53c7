import type { Json } from '../../../config/plan.ts';
import { parseDocument } from '../../../match/json-document.ts';
import { type ByteReader, fromBase64, MalformedError, readBytes, toBase64, varintBytes } from '../bytes.ts';
import { CodecError, type Role } from '../codec.ts';
import { isObject, type JsonObject, memberOf } from '../document.ts';
import type { StateVector } from './clock-ranges.ts';
import { readBlock, readNumber, readString } from './update.ts';

type Kind = {
  /** On the wire; a sync message has a second number. */
  readonly numbers: readonly number[];
  readonly role: Role;
  readonly read: (reader: ByteReader) => JsonObject;
  /** @throws CodecError */
  readonly write: (message: JsonObject) => readonly Uint8Array[];
};

const block = (bytes: Uint8Array): readonly Uint8Array[] => [varintBytes(bytes.length), bytes];

const blockIn = (message: JsonObject, name: string): readonly Uint8Array[] => {
  const bytes = fromBase64(message[name]);
  if (bytes) return block(bytes);
  throw new CodecError(`yjs: \`${name}\` is base64: got ${JSON.stringify(message[name])}`);
};

const entries = <Entry>(reader: ByteReader, read: () => Entry): readonly Entry[] => {
  const found: Entry[] = [];
  for (let left = readNumber(reader); left > 0; left -= 1) found.push(read());
  return found;
};

/** Client to number, as a message has it. */
export const clientsIn = (value: Json | undefined): StateVector =>
  new Map(Object.entries(isObject(value) ? value : {}).map(([client, clock]) => [Number(client), Number(clock)]));

/** The same of a message that is to be sent. @throws CodecError */
const clocksIn = (value: Json | undefined): StateVector => {
  const clocks = clientsIn(value);
  if ([...clocks].flat().every((number) => Number.isSafeInteger(number) && number >= 0)) return clocks;
  throw new CodecError(`yjs: \`clients\` has a clock for each client: got ${JSON.stringify(value)}`);
};

const vectorBytes = (vector: StateVector): Uint8Array =>
  Buffer.concat([vector.size, ...[...vector].flat()].map(varintBytes));

const readVector = (reader: ByteReader): JsonObject => {
  const bytes = readBlock(reader);
  const vector = readBytes(bytes);
  const clients = Object.fromEntries(entries(vector, () => [readNumber(vector), readNumber(vector)]));
  return { stateVector: toBase64(bytes), clients };
};

const readAwareness = (reader: ByteReader): JsonObject => {
  const content = readBytes(readBlock(reader));
  const found = entries(content, () => {
    const client = readNumber(content);
    const clock = readNumber(content);
    const state = parseDocument(readString(content));
    if ('problem' in state) throw new MalformedError(`a state in it is ${state.problem}`);
    return { client, clock, state: state.document };
  });
  return {
    clients: Object.fromEntries(found.map(({ client, clock }) => [client, clock])),
    states: Object.fromEntries(found.map(({ client, state }) => [client, state])),
  };
};

const writeAwareness = ({ clients, states }: JsonObject): readonly Uint8Array[] => {
  const clocks = clocksIn(clients);
  const parts = [...clocks].flatMap(([client, clock]) => {
    const state = Buffer.from(JSON.stringify(memberOf(states, String(client)) ?? null));
    return [varintBytes(client), varintBytes(clock), ...block(state)];
  });
  return block(Buffer.concat([varintBytes(clocks.size), ...parts]));
};

const update = {
  read: (reader: ByteReader): JsonObject => ({ update: toBase64(readBlock(reader)) }),
  write: (message: JsonObject) => blockIn(message, 'update'),
};

/** The protocol of y-websocket, and y-protocols inside. */
export const kinds: Readonly<Record<string, Kind>> = {
  'sync-step-1': {
    numbers: [0, 0],
    role: 'control',
    read: readVector,
    write: (message) =>
      message.stateVector === undefined
        ? block(vectorBytes(clocksIn(message.clients)))
        : blockIn(message, 'stateVector'),
  },
  'sync-step-2': { numbers: [0, 1], role: 'ack', ...update },
  update: { numbers: [0, 2], role: 'event', ...update },
  // Renewed every 15 s while nothing happens.
  awareness: { numbers: [1], role: 'heartbeat', read: readAwareness, write: writeAwareness },
  auth: {
    numbers: [2, 0],
    role: 'error',
    read: (reader) => ({ reason: readString(reader) }),
    write: ({ reason }) => block(Buffer.from(String(reason))),
  },
  'query-awareness': { numbers: [3], role: 'control', read: () => ({}), write: () => [] },
};

/** `{ type, … }`; nothing where the type is none of the protocol. @throws MalformedError */
export const readMessage = (frame: Uint8Array): JsonObject | undefined => {
  const reader = readBytes(frame);
  const first = readNumber(reader);
  const isPaired = first === 0 || first === 2;
  const numbers = [first, ...(isPaired ? [readNumber(reader)] : [])].join();
  const [type, kind] = Object.entries(kinds).find(([, one]) => one.numbers.join() === numbers) ?? [];
  return type !== undefined && kind ? { type, ...kind.read(reader) } : undefined;
};

/** The inverse of `readMessage`. @throws CodecError */
export const writeMessage = (message: JsonObject): Uint8Array => {
  const kind = Object.entries(kinds).find(([type]) => type === message.type)?.[1];
  if (kind) return Buffer.concat([Uint8Array.from(kind.numbers), ...kind.write(message)]);
  throw new CodecError(`yjs: \`type\` is one of ${Object.keys(kinds).join(', ')}: got ${JSON.stringify(message.type)}`);
};
