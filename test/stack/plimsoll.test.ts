import { join } from 'node:path';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDispatchHandler } from '../../functions/dispatch.ts';
import { openClients } from '../../lib/aws/clients.ts';
import { type Ground, lambdaGround } from '../../lib/aws/deps.ts';
import { openJudgeDeps } from '../../lib/aws/judge/open.ts';
import { openPageClients } from '../../lib/aws/pages/clients.ts';
import { openPagesDeps } from '../../lib/aws/pages/open.ts';
import { openProbeDeps } from '../../lib/aws/work/open.ts';
import { readDispatchInput } from '../../lib/dispatch/read-input.ts';
import { readJudgeInput } from '../../lib/dispatch/read-judge-input.ts';
import { outputNames, tableShape, tagNames } from '../../lib/names.ts';
import { Plimsoll, planOf } from '../../lib/stack/index.ts';
import type { FunctionName } from '../../lib/stack/names.ts';
import { configOf, makeFolder, type Synthesised, synthesise, writeFunctions } from '../support/stacking.ts';

const undo: (() => void)[] = [];
const later = (step: () => void): void => void undo.push(step);
let stack: Synthesised;

beforeAll(() => {
  stack = synthesise({ config: configOf(3, (index) => ({ every: index === 0 ? '7m' : '5m' })), later });
});

afterAll(() => {
  for (const step of undo) step();
});

type Function = {
  readonly Description: string;
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
};

const functionOf = (name: string): Function => {
  const [, resource] =
    Object.entries(stack.resources).find(([id]) => id.startsWith(`PlimsollFunctions${name}Function`)) ?? [];
  return resource?.Properties as unknown as Function;
};

describe('the functions', () => {
  it.each([
    ['Dispatch', 512, 60],
    ['Probe', 512, 900],
    ['Judge', 512, 120],
    ['Page', 512, 300],
  ])(
    '%s runs on Node 24 and arm64 with %i MB for %i s, and logs JSON into a group that goes with it',
    (name, mb, seconds) => {
      expect(functionOf(name)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: mb,
        Timeout: seconds,
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.stringContaining(`${name}Log`) } },
      });
      const [, log] =
        Object.entries(stack.resources).find(([id]) => id.startsWith(`PlimsollFunctions${name}Log`)) ?? [];
      expect(log).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
    },
  );

  const openers: Readonly<Record<FunctionName, (ground: Ground) => unknown>> = {
    dispatch: createDispatchHandler,
    probe: openProbeDeps,
    judge: openJudgeDeps,
    page: (ground) => openPagesDeps({ ...ground, clients: openPageClients({ region: 'eu-west-1' }) }),
  };

  it.each(Object.entries(openers))(
    '%s finds in its environment all that its code reads, and nothing else',
    (name, open) => {
      const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const names = Object.keys(functionOf(title).Environment.Variables);
      const groundWith = (keys: readonly string[]): Ground => ({
        ...lambdaGround(),
        clients: openClients({ region: 'eu-west-1' }),
        env: {
          AWS_REGION: 'eu-west-1',
          ...Object.fromEntries(keys.map((key) => [key, key.endsWith('ENVIRONMENT') ? 'dev' : 'x'])),
        },
      });
      expect(() => open(groundWith(names))).not.toThrow();
      for (const missing of names.filter((key) => key !== 'PLIMSOLL_ENVIRONMENT')) {
        expect(() => open(groundWith(names.filter((key) => key !== missing)))).toThrow(missing);
      }
    },
  );

  it('are tried twice more when nobody waits for them, and then are a dead letter', () => {
    const configs = stack.of('AWS::Lambda::EventInvokeConfig');
    expect(configs).toHaveLength(2);
    for (const { Properties } of configs) {
      expect(Properties).toMatchObject({
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: 3600,
        DestinationConfig: {
          OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringContaining('DeadLetters'), 'Arn'] } },
        },
      });
    }
  });
});

describe('the work queue', () => {
  it('gives one message at a time to as many workers as the plan says, and takes back what failed', () => {
    const [mapping] = synthesise({ config: configOf(1, undefined, { cloud: { maxConcurrency: 7 } }) }).of(
      'AWS::Lambda::EventSourceMapping',
    );
    expect(mapping?.Properties).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 7 },
    });
  });

  it('hides a message for longer than a worker may have it, and gives up after five times', () => {
    const work = stack.of('AWS::SQS::Queue').find(({ Properties }) => Properties.RedrivePolicy !== undefined);
    expect(work?.Properties).toMatchObject({
      VisibilityTimeout: 960,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
  });

  it('and every other store refuses whoever speaks without TLS', () => {
    for (const type of ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy']) {
      expect(stack.of(type).length).toBeGreaterThan(0);
      for (const { Properties } of stack.of(type)) {
        expect(JSON.stringify(Properties.PolicyDocument)).toMatch(
          /"aws:SecureTransport":"false"[^}]*\}+,"Effect":"Deny"/,
        );
      }
    }
  });
});

describe('the schedules', () => {
  const targets = () =>
    stack.of('AWS::Scheduler::Schedule').map(({ Properties }) => Properties.Target as unknown as { Input: string });

  it('hand over what their functions understand, with the time that EventBridge fills in', () => {
    const inputs = targets().map(({ Input }) =>
      Input.replace('<aws.scheduler.scheduled-time>', '2027-01-31T12:00:00Z'),
    );
    expect(inputs).toHaveLength(2);
    for (const input of inputs) {
      expect(input).not.toContain('<aws.');
      expect([readDispatchInput(JSON.parse(input)).ok, readJudgeInput(JSON.parse(input)).ok]).toContain(true);
    }
  });

  it('fire at their minute, never anew, and into the dead letters when their function takes nothing', () => {
    for (const { Properties } of stack.of('AWS::Scheduler::Schedule')) {
      expect(Properties).toMatchObject({
        FlexibleTimeWindow: { Mode: 'OFF' },
        State: 'ENABLED',
        ScheduleExpressionTimezone: 'UTC',
        Target: {
          RetryPolicy: { MaximumRetryAttempts: 0 },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringContaining('DeadLetters'), 'Arn'] } },
        },
      });
    }
  });

  it('know the time zone of a cron', () => {
    const config = configOf(1, () => ({ cron: '30 9 * * 1-5', timezone: 'Asia/Tokyo' }));
    expect(synthesise({ config }).of('AWS::Scheduler::Schedule')[0]?.Properties).toMatchObject({
      ScheduleExpression: 'cron(30 9 ? * MON,TUE,WED,THU,FRI *)',
      ScheduleExpressionTimezone: 'Asia/Tokyo',
      Description: 'cron 30 9 * * 1-5 Asia/Tokyo',
    });
  });
});

describe('the event of a verdict', () => {
  it('goes to the page and the judge functions, of this service and environment alone', () => {
    const [rule] = stack.of('AWS::Events::Rule');
    expect(rule?.Properties).toMatchObject({
      EventPattern: {
        source: ['plimsoll'],
        'detail-type': ['ProbeVerdictChanged'],
        detail: { service: ['notes'], environment: ['dev'] },
      },
      Targets: [{ DeadLetterConfig: {} }, { DeadLetterConfig: {}, Input: '{"kind":"changed"}' }],
    });
    const targets = rule?.Properties.Targets as unknown as readonly { readonly Input?: string }[];
    expect(readJudgeInput(JSON.parse(targets[1]?.Input ?? '')).ok).toBe(true);
  });
});

describe('what is kept', () => {
  it('is laid out as the store has it, and recovers to any second', () => {
    expect(stack.of('AWS::DynamoDB::Table')[0]?.Properties).toMatchObject({
      KeySchema: [{ AttributeName: tableShape.partitionKey }, { AttributeName: tableShape.sortKey }],
      TimeToLiveSpecification: { AttributeName: tableShape.expiry, Enabled: true },
      GlobalSecondaryIndexes: [{ IndexName: tableShape.byRunId.index, Projection: { ProjectionType: 'KEYS_ONLY' } }],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      BillingMode: 'PAY_PER_REQUEST',
    });
  });

  it('ends when the plan says: samples by their own time, documents with the run that lives longest', () => {
    const config = configOf(2, (index) => (index === 0 ? { every: '1m' } : { cron: '0 13 * * 2' }), {
      retention: { samples: '30d', runs: '60d', cadences: 10 },
    });
    expect(synthesise({ config }).of('AWS::S3::Bucket')[0]?.Properties).toMatchObject({
      LifecycleConfiguration: {
        Rules: [
          { Prefix: 'runs/', ExpirationInDays: 30 },
          { Prefix: 'documents/', ExpirationInDays: 70 },
          { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
        ],
      },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
  });

  it('is nothing after a removal, not even a log, but for what the config asks to keep', () => {
    for (const { Type, DeletionPolicy } of Object.values(stack.resources)) {
      expect([Type, DeletionPolicy ?? 'Delete']).toEqual([Type, 'Delete']);
    }
    for (const { Properties } of stack.of('AWS::Lambda::Function')) {
      expect(Properties.LoggingConfig).toMatchObject({ LogGroup: { Ref: expect.any(String) } });
    }
    const kept = synthesise({ config: configOf(1, undefined, { cloud: { keep: ['table', 'bucket'] } }) });
    const retained = Object.values(kept.resources).filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect(retained.map(({ Type }) => Type).toSorted()).toEqual(['AWS::DynamoDB::Table', 'AWS::S3::Bucket']);
    expect(kept.of('AWS::DynamoDB::Table')[0]?.Properties.DeletionProtectionEnabled).toBe(true);
    expect(kept.of('Custom::S3AutoDeleteObjects')).toEqual([]);
  });
});

describe('the marks of a stack', () => {
  /** CloudFormation has no tags for these. */
  const untaggable = /::(?:\w+Policy|Permission|EventInvokeConfig|Subscription|Schedule|Dashboard)$|^Custom::/;

  it('are on every resource that takes any', () => {
    const wanted = { [tagNames.service]: 'notes', [tagNames.stack]: 'plimsoll-notes' };
    for (const [id, { Type, Properties }] of Object.entries(stack.resources)) {
      if (untaggable.test(Type)) continue;
      const tags = Properties.Tags as unknown as readonly { Key: string; Value: string }[] | Record<string, string>;
      const found = Array.isArray(tags) ? Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) : tags;
      expect([id, found]).toEqual([id, expect.objectContaining(wanted)]);
    }
  });

  it('are outputs that the command line knows', () => {
    expect(Object.keys(stack.outputs).toSorted()).toEqual(Object.values(outputNames).toSorted());
  });
});

describe('the construct', () => {
  it("works in another team's app: their stack, their resources, and their own bucket stays as they made it", () => {
    const folder = makeFolder('foreign');
    const app = new App({ outdir: join(folder, 'out'), autoSynth: false });
    const theirs = new Stack(app, 'Theirs', { env: { account: '111122223333', region: 'eu-central-1' } });
    new Bucket(theirs, 'Bucket', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
    new Plimsoll(theirs, 'Watch', {
      plan: planOf(configOf(1)),
      environment: 'prod',
      functionsFolder: writeFunctions(join(folder, 'functions')),
    });
    const template = Template.fromStack(theirs);
    template.resourceCountIs('AWS::S3::Bucket', 2);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 'Theirs-breached-page' });
    template.hasResourceProperties('AWS::SSM::Parameter', { Name: '/plimsoll/Theirs/plan' });
    const others = Object.entries(template.toJSON().Resources).filter(([id]) => !id.startsWith('Watch'));
    expect(JSON.stringify(others)).not.toContain(tagNames.stack);
    // CDK has one function that empties all buckets of a stack, and here it is theirs.
    expect(JSON.stringify(others)).toContain('AWSLambdaBasicExecutionRole');
  });
});
