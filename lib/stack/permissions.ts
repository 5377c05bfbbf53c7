import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import {
  type Conditions,
  type IPrincipal,
  type IRole,
  PolicyDocument,
  PolicyStatement,
  Role,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct, IConstruct } from 'constructs';
import type { Plan } from '../config/plan.ts';
import { eventSource, metricNamespace, objectPrefixes, tableShape } from '../names.ts';
import { cfnText } from './cfn-text.ts';
import { checkPolicySize } from './policy-size.ts';

/*
 * What the functions may do, statement by statement. No `grant…` of CDK: those widen (`<arn>:*`, `s3:Abort*`), and what
 * they give is seen in no review. Every wildcard has its reason beside it.
 */

export type Permission = {
  readonly statement: PolicyStatement;
  /** Why its wildcards are there; cdk-nag refuses those without. */
  readonly because?: string;
};

type Limits = { readonly conditions?: Conditions; readonly because?: string };

export const allow = (
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  { conditions, because }: Limits = {},
): Permission => ({
  statement: new PolicyStatement({
    sid,
    actions: [...actions],
    resources: [...resources],
    ...(conditions ? { conditions } : {}),
  }),
  ...(because === undefined ? {} : { because }),
});

/** A role that may do these things and no others: what CDK would grant it later is left out. */
export const makeRole = (scope: Construct, assumedBy: IPrincipal, permissions: readonly Permission[]): IRole => {
  const statements = permissions.map(({ statement }) => statement);
  const Own = new PolicyDocument({ statements });
  checkPolicySize(scope, Own);
  const role = new Role(scope, 'Role', { assumedBy, inlinePolicies: { Own } });
  for (const { statement, because: reason } of permissions) {
    if (reason === undefined) continue;
    for (const resource of statement.resources.map((arn) => cfnText(scope, arn)).filter((arn) => arn.includes('*'))) {
      Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
    }
  }
  return role.withoutPolicyUpdates();
};

export const ownLog = (logGroupArn: string): Permission =>
  allow('OwnLog', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroupArn]);

export const invoke = (functionArns: readonly string[]): Permission =>
  allow('Invoke', ['lambda:InvokeFunction'], functionArns);

export const startExecutions = (machineArn: string): Permission =>
  allow('StartExecution', ['states:StartExecution'], [machineArn]);

/** Of the customer key, for whoever writes and reads what it encrypts. None: AWS's own keys ask for nothing. */
export const useKey = (key: IKey | undefined): readonly Permission[] =>
  key
    ? [
        allow(
          'CustomerKey',
          [
            'kms:Decrypt',
            'kms:DescribeKey',
            'kms:Encrypt',
            'kms:GenerateDataKey',
            'kms:ReEncryptFrom',
            'kms:ReEncryptTo',
          ],
          [key.keyArn],
        ),
      ]
    : [];

export const sendTo = (sid: string, queueArns: readonly string[]): Permission =>
  allow(sid, ['sqs:SendMessage'], queueArns);

/** For the event source mapping, which takes its messages in the name of the function. */
export const takeFrom = (queueArn: string): Permission =>
  allow('TakeWork', ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn]);

export const readPlan = (parameterArn: string, objectArns: string): readonly Permission[] => [
  allow('PlanParameter', ['ssm:GetParameter'], [parameterArn]),
  allow('Plan', ['s3:GetObject'], [objectArns], {
    because:
      "the plan's object is named by its hash: with that in it each probe more would change the roles, and while a deploy goes on functions that know the last plan could not read it",
  }),
];

/** A transaction asks for those of its parts. */
export type TableUse = 'ConditionCheckItem' | 'DeleteItem' | 'GetItem' | 'PutItem' | 'Query' | 'UpdateItem';

/** The table by its keys; no scan, no batch, and nothing that changes the table itself. */
export const useTable = (tableArn: string, uses: readonly TableUse[]): Permission =>
  allow(
    'Table',
    uses.map((use) => `dynamodb:${use}`),
    [tableArn],
  );

/** Where a run is, by its id. */
export const findRuns = (tableArn: string): Permission =>
  allow('TableIndex', ['dynamodb:Query'], [`${tableArn}/index/${tableShape.byRunId.index}`]);

/** What was asked for with a client token, and nothing else of the table. */
export const rememberDemands = (tableArn: string): Permission =>
  allow('Demands', ['dynamodb:PutItem'], [tableArn], {
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${tableShape.demands}*`] } },
  });

export type ObjectUse = 'read' | 'write' | 'remove';

const objectActions: Readonly<Record<ObjectUse, string>> = {
  read: 's3:GetObject',
  write: 's3:PutObject',
  remove: 's3:DeleteObject',
};

/** @param folders Default: those of runs. */
export const useObjects = (
  bucketArn: string,
  uses: readonly ObjectUse[],
  folders: readonly string[] = Object.values(objectPrefixes),
): readonly Permission[] => [
  allow(
    'Objects',
    uses.map((use) => objectActions[use]),
    folders.map((prefix) => `${bucketArn}/${prefix}*`),
    { because: 'objects are named by probe, date and run: the folder is what narrows it' },
  ),
  // Who may not list is told that he may not read, of an object that is not there.
  allow('Bucket', ['s3:ListBucket'], [bucketArn]),
];

export const putMetrics = (): Permission =>
  allow('Metrics', ['cloudwatch:PutMetricData'], ['*'], {
    conditions: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
    because: 'PutMetricData knows no resource: the condition on its namespace is what narrows it',
  });

export const putEvents = (scope: IConstruct): Permission => {
  const bus = Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
  return allow('Events', ['events:PutEvents'], [bus], {
    conditions: { StringEquals: { 'events:source': eventSource } },
  });
};

export const publishTo = (topicArns: readonly string[]): Permission => allow('Topics', ['sns:Publish'], topicArns);

const referencesOf = ({ variables }: Plan, scheme: 'ssm' | 'secretsmanager'): readonly string[] => [
  ...new Set(
    Object.values(variables).flatMap(({ from }) =>
      from.flatMap((source) => (source.startsWith(`${scheme}:`) ? [source.slice(scheme.length + 1)] : [])),
    ),
  ),
];

const anyKey = (stack: Stack): string => stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });

const anyKeyBecause =
  'the config says which secret, and not which key of the account it has: the service has to ask, and for these secrets alone';

const parameterStatements = (stack: Stack, names: readonly string[]): readonly Permission[] => {
  if (names.length === 0) return [];
  // A version or a label, `/notes/token:3`, is no part of the ARN.
  const arns = names.map((name) =>
    name.startsWith('arn:')
      ? name
      : stack.formatArn({
          service: 'ssm',
          resource: 'parameter',
          resourceName: name.replace(/^\//, '').replace(/:.*$/, ''),
        }),
  );
  return [
    allow('Parameters', ['ssm:GetParameters'], arns),
    allow('ParameterKeys', ['kms:Decrypt'], [anyKey(stack)], {
      conditions: {
        StringEquals: {
          'kms:ViaService': `ssm.${stack.region}.${stack.urlSuffix}`,
          'kms:EncryptionContext:PARAMETER_ARN': arns,
        },
      },
      because: anyKeyBecause,
    }),
  ];
};

const secretStatements = (stack: Stack, ids: readonly string[]): readonly Permission[] => {
  if (ids.length === 0) return [];
  // Secrets Manager adds a hyphen and six characters of its own to a secret's name.
  const arns = ids.map((id) =>
    id.startsWith('arn:')
      ? id
      : stack.formatArn({
          service: 'secretsmanager',
          resource: 'secret',
          resourceName: `${id}-??????`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
  );
  return [
    allow('Secrets', ['secretsmanager:GetSecretValue'], arns),
    allow('SecretKeys', ['kms:Decrypt'], [anyKey(stack)], {
      conditions: {
        StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.${stack.urlSuffix}` },
        StringLike: { 'kms:EncryptionContext:SecretARN': arns },
      },
      because: anyKeyBecause,
    }),
  ];
};

/** What the plan's variables refer to, and nothing else of SSM and Secrets Manager. */
export const readVariables = (scope: IConstruct, plan: Plan): readonly Permission[] => {
  const stack = Stack.of(scope);
  return [
    ...parameterStatements(stack, referencesOf(plan, 'ssm')),
    ...secretStatements(stack, referencesOf(plan, 'secretsmanager')),
  ];
};
