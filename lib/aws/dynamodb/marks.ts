import { tableShape } from '../../names.ts';
import type { Mark, Store } from '../../result/store.ts';
import { timeOf } from '../../result/values.ts';
import { bytes, expirySeconds, type Item, newWriteId, number, pack, textIn, unpackIn } from './items.ts';
import { between, keyItem, markKey, markPk } from './keys.ts';
import type { Parts } from './parts.ts';
import { isOver } from './run-item.ts';
import { mostWrites, type Write } from './transact.ts';

const sortKeyOf = (item: Item): string => textIn(item, tableShape.sortKey) ?? '';

const byKey = (left: Item, right: Item): number => {
  const [a, b] = [sortKeyOf(left), sortKeyOf(right)];
  return Number(a > b) - Number(a < b);
};

/** What people put on record: for each probe that it concerns, so that no other has to read it with every run. */
export const marksOf = ({ table, clock, retention, arrive }: Parts): Pick<Store, 'mark' | 'marks'> => {
  const itemsOf = async (mark: Mark): Promise<readonly Item[]> => {
    const atMs = timeOf('at', mark.at);
    const document = bytes(await pack(mark));
    const [arrival, random] = [arrive(), newWriteId()];
    const concerned = mark.probes.length > 0 ? [...new Set(mark.probes)] : [undefined];
    return concerned.map((probe) => ({
      ...keyItem(markKey(probe, atMs, arrival, random)),
      [tableShape.expiry]: number(expirySeconds(atMs + retention.runsMs)),
      document,
    }));
  };
  return {
    mark: async (mark) => {
      const writes = (await itemsOf(mark)).map((item): Write => ({ kind: 'put', item }));
      for (let n = 0; n < writes.length; n += mostWrites) {
        await table.transact(writes.slice(n, n + mostWrites));
      }
    },
    marks: async (probe, after) => {
      const range = between(after === undefined ? undefined : timeOf('after', after) + 1, undefined);
      if (!range) return [];
      const found = await Promise.all([undefined, probe].map((whose) => table.all({ pk: markPk(whose), range })));
      const items = found.flat().filter((item) => !isOver(item, 'expiresAt', clock.now()));
      const marks = await Promise.all(items.sort(byKey).map((item) => unpackIn<Mark>(item, 'document')));
      return marks.filter((mark) => mark !== undefined);
    },
  };
};
