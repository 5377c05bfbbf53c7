import type { Clock } from '../../probe/prober.ts';
import { defaultRetention, type Retention } from '../../result/retention.ts';
import type { Store } from '../../result/store.ts';
import type { SampleStore } from '../samples.ts';
import type { DynamoDBClient } from '../sdk/dynamodb.ts';
import { baselinesOf } from './baselines.ts';
import { eventsOf } from './events.ts';
import { historyOf } from './history.ts';
import { listsOf } from './lists.ts';
import { marksOf } from './marks.ts';
import { memoriesOf } from './memory.ts';
import { arrivalsOf, type Parts } from './parts.ts';
import { probesOf } from './probes.ts';
import { pruneAll } from './prune.ts';
import { runsOf } from './runs.ts';
import { openTable } from './table.ts';

export type DynamoStoreOptions = {
  /** Made with `attemptSettings`; the caller's to destroy. */
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly samples: SampleStore;
  readonly clock: Clock;
  /** Default: runs 90 days or 200 cadences, samples 400 days. */
  readonly retention?: Retention;
  /** Time between two runs of a probe, if it has a schedule: what its retention is reckoned by. */
  readonly cadenceMs?: (probe: string) => number | undefined;
};

/**
 * The store in AWS: one table, with raw samples beside it in S3. Reads see what was written before. What has outlived its
 * use by the clock is not found, whether AWS has deleted it or not.
 *
 * A write that AWS took and whose answer was lost is known again as our own when it is repeated.
 *
 * @throws StoreUnreachableError from every method, after the client's own attempts. Nothing is half written then: a step is
 * there or not, and so is a run, whose samples may be in S3 without it.
 */
export const openDynamoStore = (options: DynamoStoreOptions): Store => {
  const { dynamo, table, samples, clock, retention = defaultRetention, cadenceMs = () => undefined } = options;
  const arrive = arrivalsOf(clock);
  const parts: Parts = { table: openTable({ dynamo, table }), samples, clock, retention, cadenceMs, arrive };
  const probes = probesOf(parts);
  return {
    ...runsOf(parts, probes),
    ...listsOf(parts, probes),
    ...historyOf(parts),
    ...memoriesOf(parts),
    ...baselinesOf(parts),
    ...marksOf(parts),
    ...eventsOf(parts),
    prune: (now) => pruneAll(now, parts, probes),
    close: async () => {},
  };
};
