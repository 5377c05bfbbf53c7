import type { Json } from '../../../config/plan.ts';
import { memberOf } from '../document.ts';

/** How bytes are spelt in a body, where the wire has a frame of their own for them. */
const bytesKey = '$base64';
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const bytesIn = (value: Json): string | undefined => {
  const text = memberOf(value, bytesKey);
  return typeof text === 'string' && base64.test(text) && Object.keys(value as object).length === 1 ? text : undefined;
};

/** A copy in which `change` has replaced what it answers something for. Documents are at most as deep as is read. */
const replaceIn = (value: Json, change: (value: Json) => Json | undefined): Json => {
  const changed = change(value);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) return value.map((item: Json) => replaceIn(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceIn(item, change)]));
};

/** `{ $base64 }` objects become placeholders; the bytes go in frames of their own behind the text. */
export const takeBytes = (data: Json): { readonly data: Json; readonly frames: readonly Uint8Array[] } => {
  const frames: Uint8Array[] = [];
  const change = (value: Json): Json | undefined => {
    const bytes = bytesIn(value);
    if (bytes === undefined) return undefined;
    frames.push(Buffer.from(bytes, 'base64'));
    return { _placeholder: true, num: frames.length - 1 };
  };
  return { data: replaceIn(data, change), frames };
};

/**
 * Puts attachments, as base64, where their placeholders are; nothing where the two do not match. Each is wanted once, as
 * every encoder writes it: one that stood in many places would make a small frame large.
 */
export const putBytes = (data: Json, attachments: readonly string[]): Json | undefined => {
  const unused = new Map(attachments.entries());
  let matches = true;
  const change = (value: Json): Json | undefined => {
    if (memberOf(value, '_placeholder') !== true) return undefined;
    const num = memberOf(value, 'num');
    const bytes = typeof num === 'number' ? unused.get(num) : undefined;
    if (bytes === undefined) matches = false;
    else unused.delete(num as number);
    return { [bytesKey]: bytes ?? '' };
  };
  const filled = replaceIn(data, change);
  return matches && unused.size === 0 ? filled : undefined;
};
