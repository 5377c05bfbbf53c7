import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, type DynamoDBClientConfig, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, ListObjectsV2Command, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { attemptSettings } from '../../lib/aws/attempts.ts';
import { type DynamoStoreOptions, openDynamoStore } from '../../lib/aws/dynamodb/store.ts';
import { openSamples } from '../../lib/aws/samples.ts';
import { tableShape } from '../../lib/names.ts';
import type { Store } from '../../lib/result/store.ts';
import type { Emulator } from './emulator/emulator.ts';

const weekMs = 7 * 86_400_000;

/** Makes an empty table as the stack makes it, but for its time to live, which would delete what tests date back. */
const makeTable = async (dynamo: DynamoDBClient): Promise<string> => {
  const table = `store-${randomUUID()}`;
  const { partitionKey, sortKey, byRunId } = tableShape;
  const attributes = [partitionKey, sortKey, byRunId.key];
  await dynamo.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: byRunId.index,
          KeySchema: [{ AttributeName: byRunId.key, KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  return table;
};

type AwsClients = {
  readonly dynamo: DynamoDBClient;
  readonly s3: S3Client;
  close(): void;
};

/** Clients of an emulator, or of a proxy before it, that are set up as the functions' are. */
export const makeAwsClients = (
  { clientConfig }: Pick<Emulator, 'clientConfig'>,
  more: DynamoDBClientConfig & S3ClientConfig = {},
): AwsClients => {
  const config = { ...clientConfig, ...attemptSettings, ...more };
  const dynamo = new DynamoDBClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const close = () => {
    dynamo.destroy();
    s3.destroy();
  };
  return { dynamo, s3, close };
};

export type AwsPlace = AwsClients & {
  readonly table: string;
  readonly bucket: string;
  /** At the end of January 2026, and it stands. */
  readonly clock: DynamoStoreOptions['clock'];
  /** Any number of stores over the same table and bucket; the probe `weekly` has a cadence of a week, and no other has one. */
  open(options?: Partial<DynamoStoreOptions>): Store;
  /** Keys of all objects in the bucket. */
  objects(): Promise<readonly string[]>;
  /** All items of the table, as they are. */
  items(): Promise<readonly Record<string, unknown>[]>;
};

/** A fresh table and bucket in an emulator. */
export const makeAwsPlace = async (emulator: Pick<Emulator, 'clientConfig'>): Promise<AwsPlace> => {
  const clients = makeAwsClients(emulator);
  const { dynamo, s3 } = clients;
  const table = await makeTable(dynamo);
  const bucket = `samples-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const clock = { now: () => Date.UTC(2026, 0, 31), monotonic: () => performance.now() };
  return {
    ...clients,
    table,
    bucket,
    clock,
    open: (options = {}) =>
      openDynamoStore({
        dynamo,
        table,
        clock,
        samples: openSamples({ s3, bucket }),
        cadenceMs: (probe) => (probe === 'weekly' ? weekMs : undefined),
        ...options,
      }),
    objects: async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => Key ?? '');
    },
    items: async () => (await dynamo.send(new ScanCommand({ TableName: table }))).Items ?? [],
  };
};
