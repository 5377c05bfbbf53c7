import type { Place } from '../place.ts';
import type { Operation, Payload } from '../plan.ts';
import { hasTemplate } from '../templates.ts';
import type { SendInput } from './frames.ts';
import { given } from './values.ts';

const frameKinds = ['json', 'text', 'binary'] as const;
const operationKinds = ['subscribe', 'unsubscribe', 'publish', 'ack'] as const;
const payloadKinds = [...frameKinds, ...operationKinds] as const;

export type PayloadInput = Pick<SendInput['send'], (typeof payloadKinds)[number]>;

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const readOperation = (input: PayloadInput): Operation | undefined => {
  const { subscribe, unsubscribe, publish, ack } = input;
  if (subscribe !== undefined) {
    const { stream, cursor, payload } = subscribe;
    return { do: 'subscribe', stream, ...given('cursor', cursor), ...given('payload', payload) };
  }
  if (unsubscribe !== undefined) return { do: 'unsubscribe', stream: unsubscribe.stream };
  if (publish !== undefined) return { do: 'publish', stream: publish.stream, payload: publish.payload };
  return ack === undefined ? undefined : { do: 'ack', stream: ack.stream, cursor: ack.cursor };
};

/** What is sent: one thing. */
export const readPayload = (input: PayloadInput, place: Place): Payload => {
  const kinds = payloadKinds.filter((kind) => input[kind] !== undefined);
  if (kinds.length > 1 || (kinds.length === 0 && place.isWhole(input))) {
    const message = kinds.length === 0 ? 'sends nothing' : `sends one thing at a time: it has ${kinds.join(' and ')}`;
    place.refuse(message, { remedy: `write one of ${payloadKinds.join(', ')}` });
  }
  if (input.json !== undefined) return { kind: 'json', json: input.json };
  const operation = readOperation(input);
  if (operation !== undefined) return { kind: 'operation', operation };
  if (input.binary === undefined) return { kind: 'text', text: input.text ?? '' };
  if (!base64.test(input.binary) && !hasTemplate(input.binary)) {
    place.at('binary').refuse('is not base64', { got: input.binary, remedy: "encode the bytes, such as 'AAECAw=='" });
  }
  return { kind: 'binary', base64: input.binary };
};
