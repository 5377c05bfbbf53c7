import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { openDynamoStore } from '../../lib/aws/dynamodb/store.ts';
import { openSamples } from '../../lib/aws/samples.ts';
import { outputNames } from '../../lib/names.ts';
import type { Store, StoredRun } from '../../lib/result/store.ts';
import type { Emulator } from './emulator/emulator.ts';
import { makeStoredRun } from './runs.ts';
import { type SmallStack, smallRunId, smallSlot } from './small-stack.ts';

/** The store of a small stack, as the functions in it would open it. */
export const openSmallStore = ({ clientConfig }: Emulator, { outputs }: SmallStack): Store =>
  openDynamoStore({
    dynamo: new DynamoDBClient(clientConfig),
    table: outputs[outputNames.table] ?? '',
    samples: openSamples({
      s3: new S3Client({ ...clientConfig, forcePathStyle: true }),
      bucket: outputs[outputNames.bucket] ?? '',
    }),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
  });

/** A run of this probe as the demand with this token makes it; `null` for a pass that was refused. */
export const demandedRun = (
  token: string,
  probe: string,
  latencies: readonly (number | null)[] = [12, 13],
): StoredRun =>
  makeStoredRun({
    probe,
    slot: smallSlot,
    region: 'us-east-1',
    latencies,
    run: { runId: smallRunId(token, probe), trigger: 'demand', environment: 'prod' },
  });
