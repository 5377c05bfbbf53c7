import type { Json } from '../../../config/plan.ts';
import { assembleRecord } from '../../../drill/assemble.ts';
import { parts } from '../../../drill/parts.ts';
import { tableShape } from '../../../names.ts';
import { expirySeconds, type Item, newWriteId, number, text, writtenBy } from '../../dynamodb/items.ts';
import { drillPartIn, drillPartKey, drillPk, keyIn, keyItem, openDrillKey } from '../../dynamodb/keys.ts';
import { isOver } from '../../dynamodb/run-item.ts';
import { sideBySide } from '../../side-by-side.ts';
import type { CloudDrillStore, StoreParts } from '../store.ts';

/** Reads of objects at once; all but a few parts need none. */
const lanes = 16;

const first = { expression: 'attribute_not_exists(#pk)' } as const;

/** The record of a run: an item for each part. */
export const partsOf = ({
  table,
  values,
  clock,
  keepMs,
}: StoreParts): Pick<CloudDrillStore, 'read' | 'parts' | 'part' | 'put' | 'putOnce'> => {
  const itemOf = async (runId: string, part: string, value: Json, writeId: string): Promise<Item> => ({
    ...keyItem(drillPartKey(runId, part)),
    ...(await values.keep(runId, value)),
    [tableShape.expiry]: number(expirySeconds(clock.now() + keepMs)),
    writeId: text(writeId),
  });
  /** A run that has begun stands in a list until its report is there: whoever looks for those that never ended reads that. */
  const begin = async (runId: string, item: Item, once: boolean): Promise<boolean> => {
    const open = { ...keyItem(openDrillKey(runId)), startedAt: number(Math.round(clock.now())) };
    const written = await table.transact([
      { kind: 'put', item, ...(once ? { condition: first } : {}) },
      { kind: 'put', item: open },
    ]);
    return written.done;
  };
  const live = (item: Item | undefined): Item | undefined =>
    item && isOver(item, tableShape.expiry, clock.now()) ? undefined : item;
  const part = async (runId: string, name: string): Promise<Json | undefined> => {
    const item = live(await table.get(drillPartKey(runId, name)));
    return item && values.find<Json>(item);
  };
  return {
    read: async (runId) => {
      const items = (await table.all({ pk: drillPk(runId) })).filter((item) => live(item));
      const named = items.flatMap((item) => {
        const part = drillPartIn(keyIn(item));
        return part === undefined ? [] : [[part, item] as const];
      });
      const written = await sideBySide(
        named,
        lanes,
        async ([part, item]) => [part, await values.find<Json>(item)] as const,
      );
      return assembleRecord(written);
    },
    // A handful of small items, each by its key: what a query would read grows with the drill.
    parts: async (runId, names) => {
      const found = await sideBySide(names, lanes, async (name) => [name, await part(runId, name)] as const);
      return new Map(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    },
    part,
    put: async (runId, part, value) => {
      const item = await itemOf(runId, part, value, newWriteId());
      if (part === parts.request) await begin(runId, item, false);
      else await table.put(item);
    },
    putOnce: async (runId, part, value) => {
      const writeId = newWriteId();
      const item = await itemOf(runId, part, value, writeId);
      if (part === parts.request) return begin(runId, item, true);
      const written = await table.put(item, first);
      return written.done || writtenBy(written.there, writeId);
    },
  };
};
