import type { Clock } from '../../probe/prober.ts';
import type { Clients } from '../clients.ts';
import type { OpenKept } from './keeping.ts';

/** Opens the store of a stack, with the raw samples of one batch beside it; loaded when it is asked for. */
export const openKeptWith =
  (
    { clients, clock }: { readonly clients: Pick<Clients, 'dynamo' | 's3'>; readonly clock: Clock },
    { table, bucket }: { readonly table: string; readonly bucket: string },
  ): OpenKept =>
  async (options) => {
    const [{ openDynamoStore }, { openSampleBatch }, dynamo, s3] = await Promise.all([
      import('../dynamodb/store.ts'),
      import('../samples.ts'),
      clients.dynamo(),
      clients.s3(),
    ]);
    const samples = openSampleBatch({ s3, bucket, clock, batchId: crypto.randomUUID() });
    return { store: openDynamoStore({ dynamo, table, samples, ...options }), flush: samples.flush };
  };
