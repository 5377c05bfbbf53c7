import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

export type EncryptionProps = {
  readonly customerKey: boolean;
  /** Something that it encrypts stays when the stack goes: so must the key. */
  readonly keep: boolean;
};

/** The customer key, where the plan asks for one; else AWS's own keys encrypt everything, at no cost. */
export class Encryption extends Construct {
  readonly key: Key | undefined;

  constructor(scope: Construct, id: string, { customerKey, keep }: EncryptionProps) {
    super(scope, id);
    if (!customerKey) return;
    this.key = new Key(this, 'Key', {
      description: `Plimsoll of ${Stack.of(this).stackName}: its table, bucket, queues and topics.`,
      enableKeyRotation: true,
      removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      // The shortest that KMS knows: until then the key can still be saved.
      pendingWindow: Duration.days(7),
    });
    const actions = ['kms:Decrypt', 'kms:GenerateDataKey*'];
    // In a key's policy `*` is the key itself. CDK adds neither statement: without the first an alarm tells its topic
    // nothing, silently (aws.md §5.2).
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsToTopics',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions,
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    // EventBridge gives no source when it writes to an encrypted queue: a condition on it would refuse every letter.
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EventsToQueues',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions,
        resources: ['*'],
      }),
    );
  }
}
