import { attemptSettings } from './attempts.ts';
import { once } from './once.ts';
import type { CloudWatchClient } from './sdk/cloudwatch.ts';
import type { DynamoDBClient } from './sdk/dynamodb.ts';
import type { EventBridgeClient } from './sdk/eventbridge.ts';
import type { S3Client } from './sdk/s3.ts';
import type { SecretsManagerClient } from './sdk/secrets-manager.ts';
import type { SQSClient } from './sdk/sqs.ts';
import type { SSMClient } from './sdk/ssm.ts';

/** Clients of the SDK, each loaded when it is asked for: a function measures before it loads what it writes with. */
export type Clients = {
  readonly cloudwatch: () => Promise<CloudWatchClient>;
  readonly dynamo: () => Promise<DynamoDBClient>;
  readonly eventbridge: () => Promise<EventBridgeClient>;
  readonly s3: () => Promise<S3Client>;
  readonly secretsManager: () => Promise<SecretsManagerClient>;
  readonly sqs: () => Promise<SQSClient>;
  readonly ssm: () => Promise<SSMClient>;
};

/** Where they connect to, beside what the environment says. */
export type ClientConfig = {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Default 6 for what is stored, and 4 for all else, with the SDK's own backoff and jitter. */
  readonly maxAttempts?: number;
};

/** What is told, asked and queued: a service that does not answer must not hold up what is stored. */
export const briefSettings = {
  retryMode: 'standard',
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const;

export const openClients = (own: ClientConfig = {}): Clients => {
  const config = { ...briefSettings, ...own };
  const patient = { ...attemptSettings, ...own };
  return {
    cloudwatch: once(async () => new (await import('./sdk/cloudwatch.ts')).CloudWatchClient(config)),
    dynamo: once(async () => new (await import('./sdk/dynamodb.ts')).DynamoDBClient(patient)),
    eventbridge: once(async () => new (await import('./sdk/eventbridge.ts')).EventBridgeClient(config)),
    s3: once(async () => new (await import('./sdk/s3.ts')).S3Client(patient)),
    secretsManager: once(async () => new (await import('./sdk/secrets-manager.ts')).SecretsManagerClient(config)),
    sqs: once(async () => new (await import('./sdk/sqs.ts')).SQSClient(config)),
    ssm: once(async () => new (await import('./sdk/ssm.ts')).SSMClient(config)),
  };
};
