import { createHash } from 'node:crypto';
import type { Json } from '../../config/plan.ts';

/** JSON with its keys in order: equal values, equal texts. */
const inOrder = (json: Json): Json => {
  if (Array.isArray(json)) return json.map((item: Json) => inOrder(item));
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json as Readonly<Record<string, Json>>);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, value]) => [key, inOrder(value)]),
  );
};

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

export const digestJson = (json: Json): string => sha256(JSON.stringify(inOrder(json)));

export const digestBytes = (bytes: Uint8Array): string => sha256(bytes);
