import type { Json } from '../../../config/plan.ts';
import { type ByteReader, readBytes, varintBytes } from '../bytes.ts';
import { isObject, type JsonObject } from '../document.ts';
import { binary, byte, type Kind, long, refuse, short, text, varint } from './kind.ts';

/** MQTT 5 §2.2.2.2. */
const kinds: Readonly<Record<string, readonly [id: number, kind: Kind]>> = {
  payloadFormatIndicator: [1, byte],
  messageExpiryInterval: [2, long],
  contentType: [3, text],
  responseTopic: [8, text],
  correlationData: [9, binary],
  subscriptionIdentifier: [11, varint],
  sessionExpiryInterval: [17, long],
  assignedClientIdentifier: [18, text],
  serverKeepAlive: [19, short],
  authenticationMethod: [21, text],
  authenticationData: [22, binary],
  requestProblemInformation: [23, byte],
  willDelayInterval: [24, long],
  requestResponseInformation: [25, byte],
  responseInformation: [26, text],
  serverReference: [28, text],
  reasonString: [31, text],
  receiveMaximum: [33, short],
  topicAliasMaximum: [34, short],
  topicAlias: [35, short],
  maximumQoS: [36, byte],
  retainAvailable: [37, byte],
  maximumPacketSize: [39, long],
  wildcardSubscriptionAvailable: [40, byte],
  subscriptionIdentifiersAvailable: [41, byte],
  sharedSubscriptionAvailable: [42, byte],
};
const byId = new Map(Object.entries(kinds).map(([name, [id, kind]]) => [id, { name, kind }]));

/** Each has a name of its own. */
const userProperties = 'userProperties';
const userPropertyId = 38;

/** What stands there more than once is a list. */
const collect = (into: Map<string, Json>, name: string, value: Json = null) => {
  const before = into.get(name);
  into.set(name, before === undefined ? value : [before, value].flat());
};

const read = (reader: ByteReader): JsonObject => {
  const found = new Map<string, Json>();
  const user = new Map<string, Json>();
  while (reader.left() > 0) {
    const id = reader.varint(4);
    const known = byId.get(id);
    if (id === userPropertyId) collect(user, text.read(reader), text.read(reader));
    else if (known) collect(found, known.name, known.kind.read(reader));
    else break;
  }
  if (user.size > 0) found.set(userProperties, Object.fromEntries(user));
  return Object.fromEntries(found);
};

const write = ([name, value]: readonly [string, Json]): readonly Uint8Array[] => {
  const each = (one: Json, id: number, bytesOf: (item: Json) => Uint8Array) =>
    [one].flat().flatMap((item: Json) => [varintBytes(id), bytesOf(item)]);
  if (name === userProperties && isObject(value)) {
    return Object.entries(value).flatMap(([key, one]) =>
      each(one, userPropertyId, (item) => Buffer.concat([text.write(key, name), text.write(item, key)])),
    );
  }
  const [id, kind] = (Object.hasOwn(kinds, name) && kinds[name]) || refuse(name, 'no property of MQTT 5', value);
  return each(value, id, (item) => kind.write(item, name));
};

/**
 * `{ contentType: 'text/plain', userProperties: { trace: 'a' } }` behind its length; bytes as base64. Behind a property that
 * MQTT 5 has not the rest cannot be told apart and is left out.
 */
export const properties: Kind = {
  read: (packet) => {
    // A broker of version 4 answers a client of version 5 without any, and a reason may stand alone.
    const found = packet.left() > 0 ? read(readBytes(packet.take(packet.varint(4)))) : {};
    return Object.keys(found).length > 0 ? found : undefined;
  },
  write: (value) => {
    const bytes = Buffer.concat(Object.entries(isObject(value) ? value : {}).flatMap(write));
    return Buffer.concat([varintBytes(bytes.length), bytes]);
  },
};
