import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cfnText } from '../../lib/stack/cfn-text.ts';
import { type Allowed, allowedTo, type Statement, statementsOf } from '../support/permissions.ts';
import { configOf, type Synthesised, synthesise } from '../support/stacking.ts';

const own = 'arn:<AWS::Partition>';
const here = '<AWS::Region>:<AWS::AccountId>';
const planObject = `${own}:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*.json`;

const log = (name: string): Allowed =>
  ['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} <Functions${name}Log.Arn>`);
const plan: Allowed = [`ssm:GetParameter ${own}:ssm:${here}:parameter<PlanParameter>`, `s3:GetObject ${planObject}`];
const table = (...actions: readonly string[]): Allowed =>
  actions.map((action) => `dynamodb:${action} <StorageTable.Arn>`);
const objects = (...actions: readonly string[]): Allowed => [
  ...actions.flatMap((action) => ['runs', 'documents'].map((folder) => `s3:${action} <StorageBucket.Arn>/${folder}/*`)),
  's3:ListBucket <StorageBucket.Arn>',
];
const handOut = 'sqs:SendMessage <QueuesWork.Arn>';
const deadLetters = 'sqs:SendMessage <QueuesDeadLetters.Arn>';
const metrics = 'cloudwatch:PutMetricData *';
const events = `events:PutEvents ${own}:events:${here}:event-bus/default`;
const variables: Allowed = [
  `ssm:GetParameters ${own}:ssm:${here}:parameter/notes/token`,
  `secretsmanager:GetSecretValue ${own}:secretsmanager:${here}:secret:notes/key-??????`,
  `kms:Decrypt ${own}:kms:${here}:key/*`,
  `kms:Decrypt ${own}:kms:${here}:key/*`,
];

/** All that each role may do. Whoever needs more adds it here, with a reason in the review. */
const allowed: Readonly<Record<string, Allowed>> = {
  FunctionsDispatchRole: [...log('Dispatch'), ...plan, ...table('PutItem'), handOut, deadLetters],
  FunctionsProbeRole: [
    ...log('Probe'),
    ...['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].map((action) => `sqs:${action} <QueuesWork.Arn>`),
    handOut,
    deadLetters,
    ...table('ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'dynamodb:Query <StorageTable.Arn>/index/byRunId',
    ...objects('GetObject', 'PutObject', 'DeleteObject'),
    metrics,
    events,
    ...variables,
  ],
  FunctionsJudgeRole: [
    ...log('Judge'),
    ...plan,
    handOut,
    ...table('ConditionCheckItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    metrics,
    events,
  ],
  FunctionsPageRole: [
    ...log('Page'),
    ...plan,
    ...table('DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'sns:Publish <TopicsPage>',
    'sns:Publish <TopicsTicket>',
    deadLetters,
    ...variables,
  ],
  SchedulesRole: [
    'lambda:InvokeFunction <FunctionsDispatchFunction.Arn>',
    'lambda:InvokeFunction <FunctionsJudgeFunction.Arn>',
    deadLetters,
  ],
  CustomS3AutoDeleteObjectsCustomResourceProviderRole: [
    'logs:CreateLogStream <StorageEmptierLog.Arn>',
    'logs:PutLogEvents <StorageEmptierLog.Arn>',
    's3:GetBucketTagging <StorageBucket.Arn>',
  ],
};

const secrets = {
  token: { from: ['ssm:/notes/token:3'], secret: true },
  key: { from: ['secretsmanager:notes/key'], secret: true },
  path: { from: ['env:NOTES_PATH'], default: '/notes' },
};

const undo: (() => void)[] = [];
afterAll(() => {
  for (const step of undo) step();
});

describe('the roles of a stack', () => {
  let stack: Synthesised;

  beforeAll(() => {
    stack = synthesise({
      config: configOf(1, undefined, { variables: secrets }),
      later: (step) => void undo.push(step),
    });
  });

  it('are one for each function, one for the schedules and one for what empties the bucket', () => {
    const roles = Object.keys(stack.resources).filter((id) => stack.resources[id]?.Type === 'AWS::IAM::Role');
    expect(roles.map((id) => id.replace(/^Plimsoll|[0-9A-F]{8}$/g, '').replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual(
      Object.keys(allowed).toSorted(),
    );
    expect(stack.of('AWS::IAM::Policy')).toEqual([]);
    for (const { Properties } of stack.of('AWS::IAM::Role')) expect(Properties.ManagedPolicyArns).toBeUndefined();
  });

  it.each(Object.entries(allowed))('%s may do what is listed here, and nothing else', (role, list) => {
    expect(allowedTo(stack, new RegExp(role))).toEqual(list.toSorted());
  });

  it('would be caught with one action more', () => {
    const planted = synthesise({
      config: configOf(1),
      prepare: (_, { functions }) => {
        const role = functions.byName.dispatch.node.findChild('Role').node.defaultChild;
        (role as { addPropertyOverride?: (path: string, value: unknown) => void }).addPropertyOverride?.(
          'Policies.0.PolicyDocument.Statement.0.Action',
          ['logs:CreateLogStream', 'logs:PutLogEvents', 'dynamodb:Scan'],
        );
      },
    });
    expect(allowedTo(planted, /FunctionsDispatchRole/)).not.toEqual(allowed.FunctionsDispatchRole?.toSorted());
    expect(allowedTo(planted, /FunctionsDispatchRole/)).toContain('dynamodb:Scan <FunctionsDispatchLog.Arn>');
  });

  it('are not widened by a grant', () => {
    const granted = synthesise({
      config: configOf(1),
      prepare: (_, { storage, functions }) => storage.table.grantFullAccess(functions.byName.judge.lambda),
    });
    const without = allowed.FunctionsJudgeRole?.toSorted();
    expect(allowedTo(granted, /FunctionsJudgeRole/)).toEqual(without);
    expect(granted.of('AWS::IAM::Policy')).toEqual([]);
  });

  it('let the dispatcher write what was asked for with a client token, and no run and no memory', () => {
    const [demands] = statementsOf(stack, /FunctionsDispatchRole/).filter(({ Sid }) => Sid === 'Demands');
    expect(demands?.Condition).toEqual({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['DEMAND#*'] } });
  });

  it('narrow what has no resource by a condition', () => {
    const conditions = new Map(statementsOf(stack, /FunctionsProbeRole/).map(({ Sid, Condition }) => [Sid, Condition]));
    expect(conditions.get('Metrics')).toEqual({ StringEquals: { 'cloudwatch:namespace': 'Plimsoll' } });
    expect(conditions.get('Events')).toEqual({ StringEquals: { 'events:source': 'plimsoll' } });
    expect(JSON.stringify(conditions.get('ParameterKeys'))).toMatch(
      /kms:ViaService.*ssm\..*PARAMETER_ARN.*notes\/token"/,
    );
    expect(JSON.stringify(conditions.get('SecretKeys'))).toMatch(/kms:ViaService.*secretsmanager\..*SecretARN/);
  });

  it('are trusted to their service alone, and the schedules to their own group', () => {
    const trusts = Object.entries(stack.resources).flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::IAM::Role' ? [[id, JSON.stringify(Properties.AssumeRolePolicyDocument)] as const] : [],
    );
    for (const [id, trust] of trusts) {
      expect(trust).toContain(id.includes('Schedules') ? 'scheduler.amazonaws.com' : 'lambda.amazonaws.com');
      if (id.includes('Schedules')) expect(trust).toMatch(/aws:SourceAccount.*aws:SourceArn.*SchedulesGroup/);
    }
  });
});

describe('a permissions boundary', () => {
  it.each([
    ['team-boundary', 'arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/team-boundary'],
    ['arn:aws:iam::111122223333:policy/team-boundary', 'arn:aws:iam::111122223333:policy/team-boundary'],
  ])('%s bounds every role of the stack', (permissionsBoundary, arn) => {
    const stack = synthesise({ config: configOf(1, undefined, { cloud: { permissionsBoundary } }) });
    const roles = stack.of('AWS::IAM::Role');
    expect(roles).toHaveLength(6);
    for (const { Properties } of roles) {
      expect(cfnText(stack.stack, Properties.PermissionsBoundary as string)).toBe(arn);
    }
  });
});

describe('a customer key', () => {
  const synthesiseWithKey = (keep: readonly string[] = []) =>
    synthesise({ config: configOf(1, undefined, { cloud: { customerKey: true, keep } }) });

  it('encrypts table, bucket, queues and topics, and every role that reaches them may use it', () => {
    const stack = synthesiseWithKey();
    const key = { 'Fn::GetAtt': [expect.stringMatching(/^PlimsollEncryptionKey/), 'Arn'] };
    expect(stack.of('AWS::DynamoDB::Table')[0]?.Properties.SSESpecification).toMatchObject({ KMSMasterKeyId: key });
    expect(JSON.stringify(stack.of('AWS::S3::Bucket')[0]?.Properties.BucketEncryption)).toMatch(
      /EncryptionKey.*aws:kms/,
    );
    for (const { Properties } of stack.of('AWS::SQS::Queue')) expect(Properties.KmsMasterKeyId).toEqual(key);
    for (const { Properties } of stack.of('AWS::SNS::Topic')) expect(Properties.KmsMasterKeyId).toEqual(key);
    for (const role of ['Dispatch', 'Probe', 'Judge', 'Page', 'Schedules']) {
      expect(allowedTo(stack, new RegExp(`${role}(?:Role)`))).toContain('kms:GenerateDataKey <EncryptionKey.Arn>');
    }
  });

  it('lets the alarms of this account through to the topics, and EventBridge without a condition', () => {
    const [key] = synthesiseWithKey().of('AWS::KMS::Key');
    const policy = key?.Properties.KeyPolicy as unknown as { readonly Statement: readonly Statement[] };
    const actions = ['kms:Decrypt', 'kms:GenerateDataKey*'];
    expect(policy.Statement.filter(({ Sid }) => Sid !== undefined)).toEqual([
      expect.objectContaining({
        Action: actions,
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
      {
        Sid: 'EventsToQueues',
        Action: actions,
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Resource: '*',
      },
    ]);
  });

  it('stays when something stays that it encrypts, and rotates', () => {
    expect(synthesiseWithKey().of('AWS::KMS::Key')[0]).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { EnableKeyRotation: true },
    });
    expect(synthesiseWithKey(['bucket']).of('AWS::KMS::Key')[0]?.DeletionPolicy).toBe('Retain');
  });
});
