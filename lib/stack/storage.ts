import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Plan } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';
import { cloudDrills, drillKeepMs } from '../drill/in-cloud.ts';
import { drillObjects, objectPrefixes, tableShape } from '../names.ts';
import { expiryOf } from '../result/retention.ts';
import { type Emptier, findEmptier, tidyEmptier } from './auto-delete.ts';

export type StorageProps = { readonly key: IKey | undefined; readonly plan: Plan };

const daysOf = (ms: number): Duration => Duration.days(Math.ceil(ms / 86_400_000));

/** Of the probe whose runs live longest: a folder has one lifetime, and the table has each run's own. */
const longestRunMs = ({ probes, retention }: Plan): number =>
  probes.reduce(
    (longest, { schedule }) =>
      schedule ? Math.max(longest, expiryOf(retention, 0, cadenceMs(schedule)).runAt) : longest,
    expiryOf(retention, 0, undefined).runAt,
  );

/** Runs, states and baselines in the table; raw samples and evidence in the bucket. */
export class Storage extends Construct {
  readonly table: Table;
  readonly bucket: Bucket;

  private readonly emptier: Emptier | undefined;

  constructor(scope: Construct, id: string, { key, plan }: StorageProps) {
    super(scope, id);
    const { keep } = plan.cloud;
    // Of another bucket of a stack that is not ours alone: its own business.
    const others = findEmptier(this);
    this.table = this.makeTable(key, keep.includes('table'));
    this.bucket = this.makeBucket(key, keep.includes('bucket'), [
      { id: 'samples', prefix: objectPrefixes.samples, expiration: daysOf(plan.retention.samplesMs) },
      { id: 'documents', prefix: objectPrefixes.documents, expiration: daysOf(longestRunMs(plan)) },
      ...(cloudDrills(plan).length > 0
        ? [{ id: 'drills', prefix: drillObjects, expiration: daysOf(drillKeepMs(plan)) }]
        : []),
      { id: 'unfinished', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ]);
    this.emptier = others ? undefined : findEmptier(this);
    if (this.emptier) tidyEmptier(this.emptier, this.bucket.bucketArn, this);
  }

  /** Bounds the role that CDK made for the bucket: it stands outside of this construct. */
  bind(boundary: IManagedPolicy): void {
    this.emptier?.role.addPropertyOverride('PermissionsBoundary', boundary.managedPolicyArn);
  }

  /** Marks what CDK made for the bucket, as everything else is marked. */
  tag(tags: Readonly<Record<string, string>>): void {
    const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    for (const resource of this.emptier ? Object.values(this.emptier) : []) resource.addPropertyOverride('Tags', list);
  }

  private makeTable(key: IKey | undefined, kept: boolean): Table {
    // Table, not TableV2: that one refuses a customer key in a stack that may go to any region.
    const table = new Table(this, 'Table', {
      partitionKey: { name: tableShape.partitionKey, type: AttributeType.STRING },
      sortKey: { name: tableShape.sortKey, type: AttributeType.STRING },
      timeToLiveAttribute: tableShape.expiry,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(key
        ? { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }
        : { encryption: TableEncryption.DEFAULT }),
      deletionProtection: kept,
      removalPolicy: kept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    table.addGlobalSecondaryIndex({
      indexName: tableShape.byRunId.index,
      partitionKey: { name: tableShape.byRunId.key, type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    return table;
  }

  private makeBucket(key: IKey | undefined, kept: boolean, lifecycleRules: LifecycleRule[]): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // An object is written once under a name of its own, and never anew: versions would keep nothing.
      versioned: false,
      ...(key
        ? { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      lifecycleRules,
      removalPolicy: kept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      autoDeleteObjects: !kept,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'only the functions of this stack reach it, each object by one request: CloudTrail has them; a bucket of access logs would need logs of its own',
    });
    return bucket;
  }
}
