import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { ListSubscriptionsByTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { accountId } from '../support/emulator/environment.ts';
import { openStacks, type Stacks } from '../support/emulator/stacks.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';

const getAtt = (id: string, name: string): object => ({ 'Fn::GetAtt': [id, name] });
const queue = (properties: object = {}): { Type: string; Properties: object } => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
});

const functionOf = (properties: object): { Type: string; Properties: object } => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: `arn:aws:iam::${accountId}:role/function`,
    ...properties,
  },
});

describeWithEmulator('what the launcher mends in the emulator', () => {
  const emulator = sharedEmulator();
  let stacks: Stacks;
  let sqs: SQSClient;

  beforeAll(() => {
    stacks = openStacks(emulator());
    sqs = new SQSClient(emulator().clientConfig);
  });

  const receive = async (QueueUrl: string | undefined, WaitTimeSeconds = 0): Promise<readonly string[]> => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds }));
    return Messages.map(({ Body = '' }) => Body);
  };

  /** The next message, however long a slow machine takes: the test's own limit ends it. */
  const nextOf = async (QueueUrl: string | undefined): Promise<string> => {
    for (;;) {
      const [body] = await receive(QueueUrl, 1);
      if (body !== undefined) return body;
    }
  };

  it('moves a message to the dead-letter queue of the template after as many receives as it names', async () => {
    const { Work, Dead } = await stacks.put('redrive', {
      resources: {
        Dead: queue(),
        Work: queue({
          VisibilityTimeout: 0,
          RedrivePolicy: { deadLetterTargetArn: getAtt('Dead', 'Arn'), maxReceiveCount: 2 },
        }),
      },
      outputs: { Work: { Ref: 'Work' }, Dead: { Ref: 'Dead' } },
    });
    await sqs.send(new SendMessageCommand({ QueueUrl: Work, MessageBody: 'bad' }));
    expect(await receive(Work)).toEqual(['bad']);
    expect(await receive(Work)).toEqual(['bad']);
    expect(await receive(Work)).toEqual([]);
    expect(await receive(Dead)).toEqual(['bad']);
  });

  it('keeps the messages of a queue whose property changes', async () => {
    const template = (seconds: number) => ({
      resources: { Work: queue({ VisibilityTimeout: seconds }) },
      outputs: { Work: { Ref: 'Work' } },
    });
    const { Work } = await stacks.put('queue', template(30));
    await sqs.send(new SendMessageCommand({ QueueUrl: Work, MessageBody: 'still here' }));
    expect(await stacks.put('queue', template(45))).toEqual({ Work });
    const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: Work, AttributeNames: ['All'] }));
    expect(answer.Attributes?.VisibilityTimeout).toBe('45');
    expect(await receive(Work)).toEqual(['still here']);
  });

  it('keeps the subscriptions of a topic whose property changes, and tells a changed one once', async () => {
    const template = (name: string, raw: boolean) => ({
      resources: {
        Inbox: queue(),
        News: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: name } },
        Told: {
          Type: 'AWS::SNS::Subscription',
          Properties: {
            TopicArn: { Ref: 'News' },
            Protocol: 'sqs',
            Endpoint: getAtt('Inbox', 'Arn'),
            RawMessageDelivery: raw,
          },
        },
      },
      outputs: { News: { Ref: 'News' }, Inbox: { Ref: 'Inbox' } },
    });
    const sns = new SNSClient(emulator().clientConfig);
    const { News, Inbox } = await stacks.put('topic', template('one', false));
    await sns.send(new SubscribeCommand({ TopicArn: News, Protocol: 'email', Endpoint: 'person@example.com' }));
    await stacks.put('topic', template('two', true));
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: News }));
    expect(Subscriptions.map(({ Protocol }) => Protocol).sort()).toEqual(['email', 'sqs']);
    await sns.send(new PublishCommand({ TopicArn: News, Message: 'once' }));
    expect(await nextOf(Inbox)).toBe('once');
    expect(await receive(Inbox)).toEqual([]);
  });

  it.each(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'])('keeps the items of %s', async (type) => {
    const template = (protect: boolean) => ({
      resources: {
        Table: {
          Type: type,
          Properties: {
            BillingMode: 'PAY_PER_REQUEST',
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            DeletionProtectionEnabled: protect,
            ...(type.endsWith('GlobalTable') && { Replicas: [{ Region: emulator().region }] }),
          },
        },
      },
      outputs: { Table: { Ref: 'Table' } },
    });
    const name = `table-${type.split('::').at(-1)}`;
    const dynamo = new DynamoDBClient(emulator().clientConfig);
    const { Table } = await stacks.put(name, template(true));
    const item = { pk: { S: 'a' }, n: { N: '1' } };
    await dynamo.send(new PutItemCommand({ TableName: Table, Item: item }));
    await stacks.put(name, template(false));
    const { Item } = await dynamo.send(new GetItemCommand({ TableName: Table, Key: { pk: { S: 'a' } } }));
    expect(Item).toEqual(item);
  });

  it('deletes a stack by its ARN, as cdk destroy does', async () => {
    await stacks.put('gone', { resources: { Work: queue({ QueueName: 'gone' }) } });
    const arn = (await stacks.describe('gone'))?.StackId ?? '';
    await stacks.remove(arn);
    expect((await stacks.describe(arn))?.StackStatus).toBe('DELETE_COMPLETE');
    await expect(
      sqs.send(
        new SendMessageCommand({ QueueUrl: `${emulator().endpoint}/${emulator().accountId}/gone`, MessageBody: 'x' }),
      ),
    ).rejects.toThrow(/does not exist/);
  });

  it('leaves what a stack retains, and its tags tell whose it was', async () => {
    const Tags = [{ Key: 'owner', Value: 'retained' }];
    const keys = {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    };
    await stacks.put('retained', {
      resources: {
        Work: queue({ QueueName: 'not-retained', Tags }),
        Kept: { ...queue({ QueueName: 'retained', Tags }), DeletionPolicy: 'Retain' },
        Samples: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'retained', Tags } },
        News: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'retained', Tags } },
        Table: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: { ...keys, TableName: 'retained', Replicas: [{ Region: emulator().region, Tags }] },
        },
      },
    });
    const tagging = new ResourceGroupsTaggingAPIClient(emulator().clientConfig);
    const owned = async () => {
      const ask = new GetResourcesCommand({ TagFilters: [{ Key: 'owner', Values: ['retained'] }] });
      const { ResourceTagMappingList = [] } = await tagging.send(ask);
      return ResourceTagMappingList.map(({ ResourceARN = '' }) => ResourceARN.split(':').slice(2).join(':')).sort();
    };
    const place = `${emulator().region}:${emulator().accountId}`;
    expect(await owned()).toEqual([
      `dynamodb:${place}:table/retained`,
      's3:::retained',
      `sns:${place}:retained`,
      `sqs:${place}:not-retained`,
      `sqs:${place}:retained`,
    ]);
    await stacks.remove('retained');
    expect(await owned()).toEqual([`sqs:${place}:retained`]);
  });

  it('puts time, schedule, execution and attempt into what a schedule hands on, and takes an update of it', async () => {
    const template = (expression: string, text: string) => ({
      resources: {
        Inbox: queue(),
        Tick: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: {
            Name: 'tick',
            ScheduleExpression: expression,
            FlexibleTimeWindow: { Mode: 'OFF' },
            Target: {
              Arn: getAtt('Inbox', 'Arn'),
              RoleArn: `arn:aws:iam::${emulator().accountId}:role/tick`,
              Input: JSON.stringify({
                text,
                time: '<aws.scheduler.scheduled-time>',
                schedule: '<aws.scheduler.schedule-arn>',
                execution: '<aws.scheduler.execution-id>',
                attempt: '<aws.scheduler.attempt-number>',
              }),
            },
          },
        },
      },
      outputs: { Inbox: { Ref: 'Inbox' } },
    });
    // Never fires: what arrives is the update's.
    await stacks.put('tick', template('at(2099-01-01T00:00:00)', 'before'));
    const { Inbox } = await stacks.put('tick', template('at(2020-01-01T00:00:00)', 'after'));
    const told = JSON.parse(await nextOf(Inbox));
    expect(told).toMatchObject({
      text: 'after',
      schedule: `arn:aws:scheduler:${emulator().region}:${emulator().accountId}:schedule/default/tick`,
      attempt: '1',
    });
    expect(told.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(told.execution).not.toContain('<');
  });

  it('keeps the settings that hang on a function whose property changes', async () => {
    const template = (MemorySize: number) => ({
      resources: {
        Work: functionOf({
          FunctionName: 'kept',
          MemorySize,
          Code: { ZipFile: 'exports.handler = async () => ({});' },
        }),
        OnFailure: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: { FunctionName: { Ref: 'Work' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
        },
      },
    });
    const lambda = new LambdaClient(emulator().clientConfig);
    const latest = { FunctionName: 'kept', Qualifier: '$LATEST' };
    const kept = async () => {
      const config = await lambda.send(new GetFunctionEventInvokeConfigCommand(latest));
      const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'kept' }));
      return [Configuration?.MemorySize, config.MaximumRetryAttempts];
    };
    await stacks.put('kept', template(128));
    expect(await kept()).toEqual([128, 0]);
    await stacks.put('kept', template(256));
    expect(await kept()).toEqual([256, 0]);
  });

  it('gives a function its name, and the time that its own timeout leaves', async () => {
    const source =
      'exports.handler = async (event, context) => ({ name: context.functionName, arn: context.invokedFunctionArn,' +
      ' memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis(), node: process.version,' +
      ' kept: process.env.AWS_PROFILE ?? null, endpoint: process.env.AWS_ENDPOINT_URL });';
    const { Work } = await stacks.put('context', {
      resources: {
        Work: functionOf({ FunctionName: 'context', Timeout: 7, MemorySize: 512, Code: { ZipFile: source } }),
      },
      outputs: { Work: { Ref: 'Work' } },
    });
    const lambda = new LambdaClient(emulator().clientConfig);
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: Work }));
    const told = JSON.parse(Buffer.from(Payload ?? []).toString());
    expect(told).toMatchObject({ name: 'context', memory: '512', kept: null, endpoint: emulator().endpoint });
    expect(told.arn).toBe(`arn:aws:lambda:${emulator().region}:${emulator().accountId}:function:context`);
    expect(told.node).toMatch(/^v24\./);
    expect(told.left).toBeGreaterThan(0);
    expect(told.left).toBeLessThanOrEqual(7000);
  });

  it('runs invocations of one function side by side: two that wait for one another both end', async () => {
    const source =
      "const { join } = require('node:path'); const { existsSync, writeFileSync } = require('node:fs'); const { setTimeout: wait } = require('node:timers/promises');" +
      ' exports.handler = async ({ folder, mine, theirs }) => { writeFileSync(join(folder, mine), "");' +
      ' while (!existsSync(join(folder, theirs))) await wait(20); return { mine }; };';
    const { Work } = await stacks.put('side-by-side', {
      resources: { Work: functionOf({ FunctionName: 'side-by-side', Timeout: 30, Code: { ZipFile: source } }) },
      outputs: { Work: { Ref: 'Work' } },
    });
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-side-by-side-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const lambda = new LambdaClient(emulator().clientConfig);
    const pairs = [['a', 'b'] as const, ['b', 'a'] as const];
    const answers = await Promise.all(
      pairs.map(async ([mine, theirs]) => {
        const command = new InvokeCommand({ FunctionName: Work, Payload: JSON.stringify({ folder, mine, theirs }) });
        return JSON.parse(Buffer.from((await lambda.send(command)).Payload ?? []).toString());
      }),
    );
    expect(answers).toEqual([{ mine: 'a' }, { mine: 'b' }]);
  });
});
