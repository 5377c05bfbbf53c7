import type { Json } from '../../config/plan.ts';
import type { DrillStore } from '../../drill/ports.ts';
import type { Clock } from '../../probe/prober.ts';
import { text, textIn } from '../dynamodb/items.ts';
import { keyItem, killSwitchKey } from '../dynamodb/keys.ts';
import { openTable, type Table } from '../dynamodb/table.ts';
import type { DynamoDBClient } from '../sdk/dynamodb.ts';
import type { S3Client } from '../sdk/s3.ts';
import { locksOf } from './store/locks.ts';
import { partsOf } from './store/parts.ts';
import { reportsOf } from './store/reports.ts';
import { type Values, valuesOf } from './store/values.ts';

export type CloudDrillStoreOptions = {
  /** Made with `attemptSettings`; the caller's to destroy. */
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  /** Asked for when something is too large for the table. */
  readonly s3: () => Promise<S3Client>;
  readonly bucket: string;
  readonly clock: Pick<Clock, 'now'>;
  /** How long records and reports live: `drillKeepMs`. */
  readonly keepMs: number;
};

export type StoreParts = Pick<CloudDrillStoreOptions, 'clock' | 'keepMs'> & {
  readonly table: Table;
  readonly values: Values;
};

export type CloudDrillStore = DrillStore & {
  /** One part of a record as it was put. */
  part(runId: string, part: string): Promise<Json | undefined>;
};

const killSwitchOf = ({ table }: StoreParts): Pick<DrillStore, 'killSwitch' | 'setKillSwitch'> => ({
  killSwitch: async () => {
    const item = await table.get(killSwitchKey);
    return item ? { on: true, reason: textIn(item, 'reason') ?? '' } : { on: false };
  },
  setKillSwitch: async (on, reason) => {
    if (on) await table.put({ ...keyItem(killSwitchKey), reason: text(reason) });
    else await table.remove(killSwitchKey);
  },
});

/**
 * Keeps drills in the table of the runs, with what is too large for it in the bucket. What was answered is written; a write
 * whose answer was lost is known again as our own. @throws StoreUnreachableError from every method.
 */
export const openCloudDrillStore = (options: CloudDrillStoreOptions): CloudDrillStore => {
  const { dynamo, table, s3, bucket, clock, keepMs } = options;
  const values = valuesOf(async () => ({ s3: await s3(), bucket }));
  const store = { table: openTable({ dynamo, table }), values, clock, keepMs };
  return { ...partsOf(store), ...locksOf(store), ...reportsOf(store), ...killSwitchOf(store) };
};
