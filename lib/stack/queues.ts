import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { functionSettings } from './settings.ts';

/**
 * Attempts at a message before it becomes a dead letter. At least five: one that a throttled function did not take counts, too
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
 */
const attempts = 5;

export type QueuesProps = { readonly key: IKey | undefined };

/** Work to do, and what could not be done or written. */
export class Queues extends Construct {
  readonly work: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { key }: QueuesProps) {
    super(scope, id);
    const shared = {
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(key
        ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key }
        : { encryption: QueueEncryption.SQS_MANAGED }),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...shared, retentionPeriod: Duration.days(14) });
    this.work = new Queue(this, 'Work', {
      ...shared,
      // Lambda's guide says six times the timeout, for pollers that are throttled; `maxConcurrency` keeps them from that.
      // A crashed run comes back after a quarter of an hour: in time for an hourly or weekly probe, and recorded as late
      // for a minutely one. After an hour and a half it would be late for both.
      visibilityTimeout: Duration.minutes(functionSettings.probe.timeoutMinutes + 1),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: attempts },
    });
  }
}
