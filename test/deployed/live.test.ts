import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricStatisticsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startOffsetMs } from '../../lib/config/spread.ts';
import { alarmNameOf } from '../../lib/judge/alarm/stack-alarms.ts';
import { metricNames, metricNamespace } from '../../lib/names.ts';
import { type Deployed, deployApp, eventually, given } from '../support/deployed.ts';
import { startWatchedTarget, type WatchedTarget } from '../support/deployed-target.ts';
import { destroy } from '../support/emulator/cdk.ts';
import { openMetricReader } from '../support/emulator/metric-reader.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { leftovers } from '../support/leftovers.ts';
import { type PagerDuty, startPagerDuty } from '../support/pagerduty.ts';

const routingKey = 'r0utingkey'.repeat(4).slice(0, 32);
const token = 'canary-of-the-deployed-stack';
const service = 'harbour';
const hourMs = 3_600_000;

/** No schedule of the emulator reaches these hours, which are driven by hand; the probe's own past ends before them. */
const firstHourMs = Date.UTC(2031, 0, 6, 10);
const hour = (n: number): string => new Date(firstHourMs + n * hourMs).toISOString();
/** When the run of that hour is due: no queue has to hold it back. */
const dueIn = (n: number): string =>
  new Date(firstHourMs + n * hourMs + startOffsetMs('hourly', { kind: 'every', everyMs: hourMs })).toISOString();

const describeProbe = (id: string, url: string, more: object) => ({
  id,
  kind: 'http',
  samples: 3,
  timeout: '5s',
  severity: 'page',
  runbook: `https://runbooks.example/${id}`,
  alarm: { breachAfter: 1, recoverAfter: 1, confirmAfter: false },
  steps: [{ name: 'get', request: { url, headers: { authorization: 'Bearer {{token}}' } }, expect: { status: 200 } }],
  slo: { thresholds: ['p(95)<1000'] },
  ...more,
});

const configOf = (target: WatchedTarget, pagerDuty: PagerDuty, more: readonly object[] = []) => ({
  service,
  variables: {
    token: { from: ['ssm:/harbour/token'], secret: true, required: true },
    pagerdutyKey: { from: ['ssm:/harbour/pagerduty'], secret: true, required: true },
  },
  probes: [
    // Nothing is to be told of it, however slow the machine is.
    describeProbe('minutely', `${target.url}/minutely`, {
      schedule: { every: '1m' },
      timeout: '30s',
      slo: { thresholds: ['p(95)<30000'] },
    }),
    describeProbe('hourly', `${target.url}/hourly`, { schedule: { every: '1h' } }),
    ...more,
  ],
  notify: {
    page: [{ pagerduty: { routingKey: '{{pagerdutyKey}}', url: pagerDuty.url } }],
    monitoring: [{ pagerduty: { routingKey: '{{pagerdutyKey}}', url: pagerDuty.url } }],
  },
  network: { allow: ['127.0.0.0/8'] },
});

describeWithEmulator('the app, deployed', () => {
  let target: WatchedTarget;
  let pagerDuty: PagerDuty;
  let app: Deployed;
  /** What an e-mail subscriber of the topic `page` is sent. */
  let inbox: () => Promise<readonly { readonly Message: string; readonly Subject?: string }[]>;

  beforeAll(async () => {
    [target, pagerDuty] = await Promise.all([startWatchedTarget(), startPagerDuty()]);
    const secrets = { '/harbour/token': token, '/harbour/pagerduty': routingKey };
    app = await deployApp(configOf(target, pagerDuty), secrets);
    inbox = await subscribe(app);
  }, 240_000);

  afterAll(async () => {
    await app?.stop();
    await Promise.all([target?.close(), pagerDuty?.close()]);
  });

  const runHour = (n: number) =>
    app.dispatch({ kind: 'cadence', cadence: 'every-1h', scheduledTime: hour(n), at: dueIn(n) });
  const stateAfter = (n: number) =>
    eventually(`the judge's word on hour ${n}`, async () => {
      const state = await app.store.state('hourly');
      return state?.lastSlot === hour(n) ? state : undefined;
    });

  it('fires a schedule by itself, and its run lands in DynamoDB and S3, made on Node 24', async () => {
    const [run] = await eventually('a run that a schedule fired', async () => {
      const runs = await app.store.list({ probe: 'minutely', trigger: 'schedule' });
      return runs.length > 0 ? runs : undefined;
    });
    expect(run).toMatchObject({ verdict: 'pass', status: 'done', samples: 3, region: app.emulator.region });
    expect(run?.self?.node).toMatch(/^v?24\./);
    const passes = await eventually('its samples', async () => {
      const stored = await app.store.get(run?.runId ?? '');
      return stored && stored.passes.length > 0 ? stored.passes : undefined;
    });
    expect(passes).toHaveLength(3);
    const { Contents = [] } = await new S3Client({ ...app.emulator.clientConfig, forcePathStyle: true }).send(
      new ListObjectsV2Command({ Bucket: app.outputs.bucket, Prefix: 'runs/' }),
    );
    expect(Contents.map(({ Key }) => Key)).toContainEqual(expect.stringMatching(/^runs\/date=.*\.ndjson\.gz$/));
    expect(target.requests.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
  }, 300_000);

  it('publishes metrics that can be read: every latency as a sample of its own', async () => {
    const reader = openMetricReader(app.emulator);
    // The metrics follow the run that was looked for above.
    const count = await eventually('three samples of a latency', async () => {
      const { Datapoints = [] } = await reader.send(
        new GetMetricStatisticsCommand({
          Namespace: metricNamespace,
          MetricName: metricNames.latencyMs,
          Dimensions: [{ Name: 'Service', Value: service }],
          StartTime: new Date(Date.now() - hourMs),
          EndTime: new Date(Date.now() + hourMs),
          Period: 3600,
          Statistics: ['SampleCount', 'Maximum'],
        }),
      );
      const samples = Datapoints.reduce((sum, { SampleCount = 0 }) => sum + SampleCount, 0);
      return samples >= 3 ? samples : undefined;
    });
    expect(count).toBeGreaterThanOrEqual(3);
  });

  it('pages once when the target is slowed past its SLO, and turns the alarm; the same slot twice changes nothing', async () => {
    await runHour(0);
    await stateAfter(0);
    target.slow('/hourly', 1500);
    await runHour(1);
    expect(await stateAfter(1)).toMatchObject({ state: 'breached' });
    await eventually('an incident', async () => given(pagerDuty.incidents.length > 0));
    await eventually('ALARM', async () => given((await app.alarmState('breached-page')) === 'ALARM'));
    const before = await app.store.list({ probe: 'hourly' });
    await runHour(1);
    await runHour(1);
    await eventually('both to be taken from the queue', () => queueIsEmpty(app));
    expect(await app.store.list({ probe: 'hourly' })).toEqual(before);
    expect(before.filter(({ slot }) => slot === hour(1))).toHaveLength(1);
    expect(pagerDuty.incidents).toMatchObject([{ status: 'open', triggers: [{ severity: 'critical' }] }]);
    expect(pagerDuty.problems).toEqual([]);
    expect(pagerDuty.incidents[0]?.triggers[0]?.summary).toContain('BREACHED harbour/hourly (dev)');
    await eventually('its mail', async () =>
      given((await inbox()).some(({ Message }) => Message.includes('BREACHED harbour/hourly'))),
    );
    expect((await inbox()).filter(({ Message }) => Message.includes('BREACHED harbour/hourly'))).toHaveLength(1);
  }, 300_000);

  it('takes the alarm and the incident back when the target has recovered', async () => {
    target.slow('/hourly', 0);
    await runHour(2);
    expect(await stateAfter(2)).toMatchObject({ state: 'ok' });
    await eventually('its end', async () => given(pagerDuty.incidents.every(({ status }) => status === 'resolved')));
    // Its minute is over once the next one has a point, which the judge's tick would bring within five.
    await eventually('OK', async () => {
      await app.judge({ kind: 'tick', scheduledTime: new Date().toISOString() });
      return given((await app.alarmState('breached-page')) === 'OK');
    });
    expect(pagerDuty.incidents).toHaveLength(1);
    expect(await app.store.pendingEvents()).toEqual([]);
  }, 300_000);

  it('tries PagerDuty again on 429 and 500, and makes one incident of it', async () => {
    pagerDuty.fail(429, 500);
    target.slow('/hourly', 1500);
    await runHour(3);
    await eventually('the second incident', async () => given(pagerDuty.incidents.length === 2));
    expect(pagerDuty.answers.slice(-3)).toEqual([429, 500, 202]);
    target.slow('/hourly', 0);
    await runHour(4);
    await eventually('its end', async () => given(pagerDuty.incidents[1]?.status === 'resolved'));
    expect(pagerDuty.incidents).toHaveLength(2);
  }, 300_000);

  it('tells of its own trouble, too: an alarm over its own parts opens an incident for notify.monitoring, and ends it', async () => {
    const cloudwatch = new CloudWatchClient(app.emulator.clientConfig);
    const turn = (StateValue: 'ALARM' | 'OK') => {
      const AlarmName = alarmNameOf(app.stack, 'dead-letters');
      return cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test says so' }));
    };
    const own = () => pagerDuty.incidents.find(({ dedupKey }) => dedupKey.includes('dead-letters'));
    await turn('ALARM');
    const { triggers } = await eventually('an incident of its own', async () => own());
    expect(triggers[0]).toMatchObject({ severity: 'error', class: 'cloudwatch-alarm' });
    await turn('OK');
    await eventually('its end', async () => given(own()?.status === 'resolved'));
  }, 300_000);

  it('puts what is no message into the dead-letter queue, with its reason, and goes on', async () => {
    const sqs = new SQSClient({ ...app.emulator.clientConfig, useQueueUrlAsEndpoint: false });
    await sqs.send(new SendMessageCommand({ QueueUrl: app.outputs.workQueueUrl, MessageBody: '{"schema":2}' }));
    const QueueUrl = app.outputs.deadLetterQueueUrl;
    const letter = await eventually('a dead letter', async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
      return Messages[0]?.Body;
    });
    expect(JSON.parse(letter)).toMatchObject({ kind: 'poison', message: '{"schema":2}', reason: expect.any(String) });
    await eventually('an empty work queue', () => queueIsEmpty(app));
  }, 300_000);

  it('takes one probe more without touching a function', async () => {
    const extra = describeProbe('added', `${target.url}/added`, { schedule: { every: '1h' } });
    const [before, functions] = [target.requests.length, await functionsOf(app)];
    await app.update(configOf(target, pagerDuty, [extra]));
    expect(await functionsOf(app)).toEqual(functions);
    // The plan is read anew once a minute.
    const { runs } = await eventually('the new probe to be known', async () => {
      const answer = await app.dispatch({ kind: 'demand', probes: ['added'], clientToken: 'first' });
      return answer.refused === undefined ? answer : undefined;
    });
    const run = await eventually('its run', () => app.store.get(runs[0]?.runId ?? ''));
    expect(run.run).toMatchObject({ probe: 'added', trigger: 'demand', verdict: 'pass' });
    expect(target.requests.slice(before).some(({ path }) => path === '/added')).toBe(true);
  }, 300_000);

  it('keeps its secrets: none is in what it stored, printed, sent as mail or was deployed with', async () => {
    const printed = app.emulator.logs();
    expect(printed).toContain('minutely');
    const runs = await app.store.list({ limit: 1000 });
    const stored = await Promise.all(runs.map(({ runId }) => app.store.get(runId)));
    const template = await readTemplate(app);
    for (const sink of [printed, JSON.stringify(stored), JSON.stringify(await inbox()), template]) {
      expect(sink.includes(token)).toBe(false);
      expect(sink.includes(routingKey)).toBe(false);
    }
  });

  it('is destroyed, and leaves nothing behind', async () => {
    expect((await leftovers(app)).length).toBeGreaterThan(20);
    await destroy(app.emulator, app.cdk);
    expect(await leftovers(app)).toEqual([]);
  }, 300_000);
});

const subscribe = async ({ emulator, outputs }: Deployed) => {
  const sqs = new SQSClient({ ...emulator.clientConfig, useQueueUrlAsEndpoint: false });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
  const Endpoint = `arn:aws:sqs:${emulator.region}:${emulator.accountId}:inbox`;
  const sns = new SNSClient(emulator.clientConfig);
  await sns.send(new SubscribeCommand({ TopicArn: outputs.pageTopicArn, Protocol: 'sqs', Endpoint }));
  const seen: { Message: string; Subject?: string }[] = [];
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    // Never deleted: it comes again after 30 s, and is kept once.
    for (const { Body = '' } of Messages) {
      const mail = JSON.parse(Body);
      if (!seen.some((one) => JSON.stringify(one) === JSON.stringify(mail))) seen.push(mail);
    }
    return seen;
  };
};

/** Waiting, taken, and held back. */
const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

const queueIsEmpty = async ({ emulator, outputs }: Deployed): Promise<true | undefined> => {
  const sqs = new SQSClient({ ...emulator.clientConfig, useQueueUrlAsEndpoint: false });
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: outputs.workQueueUrl,
      AttributeNames: [...counts],
    }),
  );
  return given(counts.every((name) => Attributes[name] === '0'));
};

/** What would change if a function were deployed anew. */
const functionsOf = async ({ emulator, outputs }: Deployed) => {
  const lambda = new LambdaClient(emulator.clientConfig);
  const names = [outputs.dispatchFunction, outputs.probeFunction, outputs.judgeFunction, outputs.pageFunction];
  const all = names.map((FunctionName) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName })));
  return (await Promise.all(all)).map(({ CodeSha256, LastModified, Environment, Runtime }) => ({
    CodeSha256,
    LastModified,
    Environment,
    Runtime,
  }));
};

const readTemplate = async ({ emulator, stack }: Deployed): Promise<string> => {
  const cloudformation = new CloudFormationClient(emulator.clientConfig);
  const { TemplateBody = '' } = await cloudformation.send(new GetTemplateCommand({ StackName: stack }));
  expect(TemplateBody).toContain('AWS::Lambda::Function');
  return TemplateBody;
};
