import { tableShape } from '../../names.ts';
import { expirySeconds, number, text, textIn } from '../dynamodb/items.ts';
import { toldAlarmKey } from '../dynamodb/keys.ts';
import type { Table } from '../dynamodb/table.ts';

/** The last change of an alarm that was looked at. */
export type ToldAlarm = {
  /** ISO time of the change. */
  readonly at: string;
  /** Somebody was told that it is in alarm, and not yet of its end. */
  readonly open: boolean;
};

/** What was told of alarms, by their deduplication key. */
export type ToldAlarms = {
  get(dedupKey: string): Promise<ToldAlarm | undefined>;
  /** `stale`: a later change is known already, and stays. */
  set(dedupKey: string, told: ToldAlarm): Promise<'stored' | 'stale'>;
};

/** An alarm may be on for long; after this its end is told to nobody. */
const lifeMs = 400 * 86_400_000;

export const openToldAlarms = (table: Pick<Table, 'get' | 'put'>, nowMs: () => number): ToldAlarms => ({
  get: async (dedupKey) => {
    const item = await table.get(toldAlarmKey(dedupKey));
    const at = textIn(item, 'at');
    return at === undefined ? undefined : { at, open: textIn(item, 'told') === 'open' };
  },
  set: async (dedupKey, { at, open }) => {
    const { pk, sk } = toldAlarmKey(dedupKey);
    const item = {
      [tableShape.partitionKey]: text(pk),
      [tableShape.sortKey]: text(sk),
      at: text(at),
      told: text(open ? 'open' : 'closed'),
      [tableShape.expiry]: number(expirySeconds(nowMs() + lifeMs)),
    };
    const condition = { expression: 'attribute_not_exists(#at) OR #at <= :at', values: { ':at': text(at) } };
    return (await table.put(item, condition)).done ? 'stored' : 'stale';
  },
});
