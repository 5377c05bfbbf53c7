import type { BaselineDocument, Store } from '../../result/store.ts';
import { sideBySide } from '../side-by-side.ts';
import { following } from './expressions.ts';
import { bytes, type Item, newWriteId, number, pack, text, unpackIn, writtenBy } from './items.ts';
import { baselineKey, baselinePks, keyItem } from './keys.ts';
import { lanes, type Parts } from './parts.ts';
import type { Write } from './transact.ts';

type BaselineStore = Pick<Store, 'baseline' | 'baselines' | 'putBaseline'>;

export const baselineIn = (item: Item | undefined) => unpackIn<BaselineDocument>(item, 'document');

/** A baseline that follows on the one that is there, as a part of a transaction. */
export const baselineItem = async (document: BaselineDocument, writeId: string): Promise<Write & { kind: 'put' }> => ({
  kind: 'put',
  item: {
    ...keyItem(baselineKey(document.probe)),
    revision: number(document.revision),
    document: bytes(await pack(document)),
    writeId: text(writeId),
  },
  condition: following(document.revision),
});

export const baselinesOf = ({ table }: Pick<Parts, 'table'>): BaselineStore => ({
  baseline: async (probe) => baselineIn(await table.get(baselineKey(probe))),
  baselines: async () => {
    const shards = await sideBySide(baselinePks, lanes, (pk) => table.all({ pk }));
    const documents = await Promise.all(shards.flat().map(baselineIn));
    return documents
      .filter((document) => document !== undefined)
      .sort((a, b) => Number(a.probe > b.probe) - Number(a.probe < b.probe));
  },
  putBaseline: async (document) => {
    const writeId = newWriteId();
    const { item, condition } = await baselineItem(document, writeId);
    const written = await table.put(item, condition);
    return written.done || writtenBy(written.there, writeId) ? 'stored' : 'stale';
  },
});
