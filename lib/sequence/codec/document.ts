import type { Json } from '../../config/plan.ts';
import { parseDocument } from '../../match/json-document.ts';
import { isObject } from '../../match/json-object.ts';
import type { Message, RawFrame } from './codec.ts';
import { bodyOf } from './raw.ts';

export { isObject, type JsonObject, memberOf } from '../../match/json-object.ts';

/** Names and ids are texts, however the protocol writes them. */
export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** The members that have a value: what a message has not is left out of it. */
export const present = <T extends object>(members: T): { readonly [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [Key in keyof T]?: Exclude<T[Key], undefined>;
  };

/** A frame of a protocol whose frames are JSON texts; one that is not is a message with a problem. */
export const readFrame = (raw: RawFrame): { readonly document: Json } | { readonly misread: Message } => {
  if (typeof raw !== 'string') return { misread: { body: bodyOf(raw), problem: 'a binary frame, not JSON text' } };
  const read = parseDocument(raw);
  return 'problem' in read ? { misread: { body: bodyOf(raw), problem: read.problem } } : read;
};

/** Objects in an array are a batch, each a message; an array of anything else (Phoenix) is one message. */
export const batchOf = (document: Json): readonly Json[] =>
  Array.isArray(document) && document.length > 0 && document.every(isObject) ? document : [document];
