import { expect, it } from 'vitest';
import { openSampleBatch } from '../../lib/aws/samples.ts';
import { makeAwsClients, makeAwsPlace } from '../support/aws-store.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { shared } from '../support/fresh.ts';
import { startStingyAws } from '../support/stingy-aws.ts';
import { describeStoreContract } from '../support/store-contract.ts';

describeWithEmulator('in an emulated AWS', () => {
  const emulator = sharedEmulator();
  const stingy = shared(() => startStingyAws(emulator().endpoint));

  describeStoreContract('the store in DynamoDB', async () => {
    const place = await makeAwsPlace(emulator());
    return { store: place.open(), reopen: async () => place.open(), cleanup: async () => place.close() };
  });

  describeStoreContract('the store in DynamoDB, with the samples of a batch in one object,', async () => {
    const place = await makeAwsPlace(emulator());
    const batch = openSampleBatch({ ...place, batchId: 'batch' });
    const reopen = async () => {
      await batch.flush(10_000);
      return place.open();
    };
    return { store: place.open({ samples: batch }), reopen, cleanup: async () => place.close() };
  });

  describeStoreContract(
    'the store in DynamoDB, where pages are short, batches half done and writes in conflict,',
    async () => {
      const place = await makeAwsPlace(emulator());
      const { dynamo } = makeAwsClients(emulator(), { endpoint: stingy().url });
      const cleanup = async () => {
        dynamo.destroy();
        place.close();
      };
      return { store: place.open({ dynamo }), reopen: async () => place.open({ dynamo }), cleanup };
    },
  );

  it('was stingy indeed', () => {
    expect(stingy().hits['cut page']).toBeGreaterThan(100);
    expect(stingy().hits.conflict).toBeGreaterThan(10);
  });
});
