import { randomUUID } from 'node:crypto';
import type { Json } from '../../../config/plan.ts';
import { drillObjects } from '../../../names.ts';
import { bytes, type Item, pack, text, textIn, unpack } from '../../dynamodb/items.ts';
import { type Bucket, getObject, putObject } from '../../samples/objects.ts';

/** JSON is kept as it is up to here, in bytes: most parts are that small, and there are thousands. */
const plainBytes = 4_000;

/** An item holds 400 kB, its keys with them. */
const mostPackedBytes = 300_000;

export type Values = {
  /** Attributes that hold a value; one that is too large for an item is an object first, under a name of its own. */
  keep(runId: string, value: Json | object): Promise<Item>;
  /** @throws Error when the object that it lies in is gone. */
  find<T>(item: Item): Promise<T>;
};

/** JSON in items: plain, packed, or in the bucket, by its size. */
export const valuesOf = (place: () => Promise<Bucket>): Values => ({
  keep: async (runId, value) => {
    const json = JSON.stringify(value);
    if (Buffer.byteLength(json) <= plainBytes) return { json: text(json) };
    const packed = await pack(value);
    if (packed.byteLength <= mostPackedBytes) return { packed: bytes(packed) };
    const key = `${drillObjects}${runId}/${randomUUID()}.json.gz`;
    await putObject(await place(), key, packed);
    return { object: text(key) };
  },
  find: async <T>(item: Item): Promise<T> => {
    const json = textIn(item, 'json');
    if (json !== undefined) return JSON.parse(json) as T;
    const packed = item.packed?.B;
    if (packed) return unpack<T>(packed);
    const key = textIn(item, 'object') ?? '';
    const found = await getObject(await place(), key);
    if (!found) throw new Error(`a part of a drill is gone: there is no object ${key}`);
    return unpack<T>(found);
  },
});
