import { attemptSettings } from '../../aws/attempts.ts';
import { openDynamoStore } from '../../aws/dynamodb/store.ts';
import { openSamples } from '../../aws/samples.ts';
import { DynamoDBClient } from '../../aws/sdk/dynamodb.ts';
import { S3Client } from '../../aws/sdk/s3.ts';
import type { DeployedStack } from '../../aws/stack.ts';
import type { Plan } from '../../config/plan.ts';
import { cadenceOf } from '../../config/schedule.ts';
import type { Store } from '../../result/store.ts';
import { systemClock } from '../clock.ts';
import type { Cloud } from './reach.ts';

/** Opens the store of a deployed stack. */
export const openStackStore = (
  { config }: Cloud,
  { table, bucket }: DeployedStack<'table' | 'bucket'>,
  plan: Plan,
): Store => {
  const dynamo = new DynamoDBClient({ ...attemptSettings, ...config });
  // A set endpoint, of an emulator or a VPC, has no host for each bucket.
  const s3 = new S3Client({ ...attemptSettings, ...config, forcePathStyle: true });
  return openDynamoStore({
    dynamo,
    table,
    samples: openSamples({ s3, bucket }),
    clock: systemClock,
    retention: plan.retention,
    cadenceMs: (id) => cadenceOf(plan, id),
  });
};
