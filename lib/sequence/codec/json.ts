import type { Json } from '../../config/plan.ts';
import { parseDocument } from '../../match/json-document.ts';
import type { Codec, Message, RawFrame } from './codec.ts';
import { bodyOf, encodePayload } from './raw.ts';

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const messageOf = (body: Json): Message => {
  const stream = isObject(body) && Object.hasOwn(body, 'stream') ? body.stream : undefined;
  return typeof stream === 'string' || typeof stream === 'number' ? { body, stream: String(stream) } : { body };
};

const decode = (raw: RawFrame): readonly Message[] => {
  if (typeof raw !== 'string') return [{ body: bodyOf(raw), problem: 'a binary frame, not JSON text' }];
  const read = parseDocument(raw);
  if ('problem' in read) return [{ body: bodyOf(raw), problem: read.problem }];
  const body = read.document;
  // Objects in an array are a batch, each a message; an array of anything else (Phoenix) is one message.
  const batch = Array.isArray(body) && body.length > 0 && body.every(isObject);
  return batch ? (body as readonly Json[]).map(messageOf) : [messageOf(body)];
};

/** JSON text, the stream in the field `stream`. A frame that is not JSON has the body that `raw` would give it. */
export const jsonCodec: Codec = { name: 'json', decode, encode: encodePayload };
