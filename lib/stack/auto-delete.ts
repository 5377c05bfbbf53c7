import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { logDays } from './settings.ts';

/** Where CDK puts the function that empties buckets before they go: one for all of a stack. */
const emptierId = 'Custom::S3AutoDeleteObjectsCustomResourceProvider';

const findResource = (scope: Construct, ...path: readonly string[]): CfnResource | undefined => {
  const found = path.reduce<Construct | undefined>(
    (node, id) => node?.node.tryFindChild(id) as Construct | undefined,
    Stack.of(scope),
  );
  return found instanceof CfnResource ? found : undefined;
};

/** The function that empties the bucket when the stack goes, and its role. */
export type Emptier = { readonly handler: CfnResource; readonly role: CfnResource };

export const findEmptier = (scope: Construct): Emptier | undefined => {
  const [handler, role] = ['Handler', 'Role'].map((id) => findResource(scope, emptierId, id));
  return handler && role ? { handler, role } : undefined;
};

const allow = (actions: readonly string[], arn: string) => ({ Effect: 'Allow', Action: actions, Resource: arn });

/**
 * CDK's function writes into a log group that Lambda makes by itself, and that nobody removes. It gets one of the stack,
 * and a role that may write there and make no other. And it reads the bucket's tags, to see whether it is to be emptied:
 * when `cloud.keep` comes to name the bucket, its policy has let go of the function before CloudFormation takes that away.
 */
export const tidyEmptier = ({ handler, role }: Emptier, bucketArn: string, scope: Construct): void => {
  const log = new LogGroup(scope, 'EmptierLog', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
  handler.addPropertyOverride('LoggingConfig', { LogGroup: log.logGroupName });
  role.addPropertyDeletionOverride('ManagedPolicyArns');
  const statements = [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], log.logGroupArn),
    allow(['s3:GetBucketTagging'], bucketArn),
  ];
  role.addPropertyOverride('Policies', [
    { PolicyName: 'Own', PolicyDocument: { Version: '2012-10-17', Statement: statements } },
  ]);
};
