import { tableShape } from '../../names.ts';
import { type Item, number, numberIn, textIn } from './items.ts';
import { keyIn, keyNames, probeKey, probesPk } from './keys.ts';
import type { Parts } from './parts.ts';

/** So much longer than its last run a probe is remembered at first, in seconds: it is written anew once in this time. */
const slackSeconds = 7 * 86_400;

export type Probes = {
  /** Remembers a probe at least until then (epoch seconds). To be done before it gets a run, which nobody would find. */
  remember(probe: string, untilSeconds: number): Promise<void>;
  /** By id. */
  list(): Promise<readonly string[]>;
  /** Those that had their last run so long ago that it is gone by then (epoch seconds). */
  forget(nowSeconds: number): Promise<void>;
};

/** Which probes have runs: a table can be asked for one partition at a time. */
export const probesOf = ({ table }: Pick<Parts, 'table'>): Probes => {
  const { expiry, sortKey } = tableShape;
  const idOf = (item: Item): string => textIn(item, sortKey) ?? '';
  const known = new Map<string, number>();
  const untilOf = async (probe: string): Promise<number> => numberIn(await table.get(probeKey(probe)), expiry) ?? 0;
  return {
    remember: async (probe, untilSeconds) => {
      const until = known.get(probe) ?? (await untilOf(probe));
      known.set(probe, until);
      if (until >= untilSeconds) return;
      const next = untilSeconds + slackSeconds;
      await table.update(probeKey(probe), `SET #${expiry} = :next`, {
        expression: `attribute_not_exists(#${expiry}) OR #${expiry} < :next`,
        values: { ':next': number(next) },
      });
      known.set(probe, next);
    },
    list: async () => {
      const items = await table.all({ pk: probesPk, only: keyNames });
      return items.map(idOf);
    },
    forget: async (nowSeconds) => {
      const filter = { expression: `#${expiry} <= :now`, values: { ':now': number(nowSeconds) } };
      const items = await table.all({ pk: probesPk, filter, only: keyNames });
      for (const item of items) known.delete(idOf(item));
      await table.removeMany(items.map(keyIn));
    },
  };
};
