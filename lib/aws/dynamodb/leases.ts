import { tableShape } from '../../names.ts';
import type { Clock } from '../../probe/prober.ts';
import type { DynamoDBClient } from '../sdk/dynamodb.ts';
import { expirySeconds, newWriteId, number, text, writtenBy } from './items.ts';
import { keyItem, leaseKey } from './keys.ts';
import { openTable } from './table.ts';

/** Somebody is making a run, until then at most. */
type Lease = { readonly runId: string; readonly leaseId: string; readonly untilMs: number };

export type Leases = {
  /** Epoch ms. `taken`: somebody else is at it, and their time is not over. */
  claim(runId: string, untilMs: number): Promise<Lease | 'taken'>;
  /** Gives it back, if it is still ours. */
  release(lease: Lease): Promise<void>;
};

type LeaseOptions = { readonly dynamo: DynamoDBClient; readonly table: string; readonly clock: Clock };

/**
 * For probes with side effects: their run must not be made twice, however often it is delivered. Clocks of two machines
 * differ: a lease should last some seconds longer than the run can.
 */
export const openLeases = ({ dynamo, table: name, clock }: LeaseOptions): Leases => {
  const table = openTable({ dynamo, table: name });
  return {
    claim: async (runId, untilMs) => {
      const leaseId = newWriteId();
      const item = {
        ...keyItem(leaseKey(runId)),
        [tableShape.expiry]: number(expirySeconds(untilMs)),
        until: number(Math.round(untilMs)),
        writeId: text(leaseId),
      };
      const written = await table.put(item, {
        expression: 'attribute_not_exists(#pk) OR #until <= :now',
        values: { ':now': number(Math.round(clock.now())) },
      });
      return written.done || writtenBy(written.there, leaseId) ? { runId, leaseId, untilMs } : 'taken';
    },
    release: async ({ runId, leaseId }) => {
      await table.remove(leaseKey(runId), { expression: '#writeId = :mine', values: { ':mine': text(leaseId) } });
    },
  };
};
