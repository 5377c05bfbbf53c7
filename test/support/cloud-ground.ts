import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { openClients } from '../../lib/aws/clients.ts';
import type { Ground } from '../../lib/aws/deps.ts';
import type { Plan } from '../../lib/config/plan.ts';
import type { DeployedPlan } from '../../lib/dispatch/deployed.ts';
import type { WorkItem, WorkMessage } from '../../lib/dispatch/message.ts';
import { deployedService } from '../../lib/dispatch/service.ts';
import { environmentNames, eventSource } from '../../lib/names.ts';
import type { PageEvent } from '../../lib/page/event.ts';
import { type AwsPlace, makeAwsPlace } from './aws-store.ts';
import type { Emulator } from './emulator/emulator.ts';
import { planOf } from './probing.ts';
import { drain } from './queues.ts';

type Record_ = Readonly<Record<string, unknown>>;

/** What a function stands on, in an emulator: a table, a bucket, queues, and a bus whose events somebody reads. */
export type CloudGround = Ground & {
  readonly place: AwsPlace;
  readonly region: string;
  /** What was logged. */
  readonly lines: readonly Record_[];
  /** Takes all messages of a queue that are visible. */
  take(queue: 'work' | 'deadLetters'): Promise<readonly Record_[]>;
  /** Messages of the work queue that wait for their time. */
  delayed(): Promise<number>;
  /** Takes what was put on the bus since the last time. */
  takeEvents(): Promise<readonly PageEvent[]>;
  deploy(plan: Plan): Promise<DeployedPlan>;
  close(): void;
};

const drainRecords = async (sqs: SQSClient, queueUrl: string): Promise<readonly Record_[]> =>
  (await drain(sqs, queueUrl)).map((body) => JSON.parse(body) as Record_);

const openQueues = async (emulator: Emulator, name: string) => {
  const sqs = new SQSClient(emulator.clientConfig);
  const create = async (of: string): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName: `${of}-${name}` }))).QueueUrl ?? '';
  return { sqs, work: await create('work'), deadLetters: await create('dead'), events: await create('events') };
};

/** One queue for all events of the default bus: tests of one emulator run one after another. */
const listen = async (emulator: Emulator, name: string): Promise<void> => {
  const bridge = new EventBridgeClient(emulator.clientConfig);
  const rule = `rule-${name}`;
  await bridge.send(new PutRuleCommand({ Name: rule, EventPattern: JSON.stringify({ source: [eventSource] }) }));
  const arn = `arn:aws:sqs:${emulator.region}:${emulator.accountId}:events-${name}`;
  await bridge.send(new PutTargetsCommand({ Rule: rule, Targets: [{ Id: 'queue', Arn: arn }] }));
  bridge.destroy();
};

/** As a deploy does: the plan lies in the bucket, and the parameter says where. */
export const deployTo = async (
  { clientConfig }: Pick<Emulator, 'clientConfig'>,
  { s3, bucket }: Pick<AwsPlace, 's3' | 'bucket'>,
  parameter: string,
  plan: Plan,
): Promise<DeployedPlan> => {
  const deployed: DeployedPlan = { schema: 1, environment: 'dev', plan, values: {} };
  const key = `plan-${crypto.randomUUID()}.json`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: JSON.stringify(deployed) }));
  const ssm = new SSMClient(clientConfig);
  const value = { Name: parameter, Value: `s3://${bucket}/${key}`, Type: 'String', Overwrite: true } as const;
  await ssm.send(new PutParameterCommand(value));
  ssm.destroy();
  return deployed;
};

/** A fresh one; names are its own, so that any number of them share an emulator. */
export const makeCloudGround = async (emulator: Emulator): Promise<CloudGround> => {
  const name = crypto.randomUUID().slice(0, 8);
  const place = await makeAwsPlace(emulator);
  const { sqs, ...queues } = await openQueues(emulator, name);
  await listen(emulator, name);
  const lines: Record_[] = [];
  const parameter = `/plan/${name}`;
  return {
    env: {
      AWS_REGION: emulator.region,
      [environmentNames.environment]: 'dev',
      [environmentNames.table]: place.table,
      [environmentNames.bucket]: place.bucket,
      [environmentNames.workQueueUrl]: queues.work,
      [environmentNames.deadLetterQueueUrl]: queues.deadLetters,
      [environmentNames.planParameter]: parameter,
    },
    clients: openClients(emulator.clientConfig),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: (line) => void lines.push(line),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
    place,
    region: emulator.region,
    lines,
    take: (queue) => drainRecords(sqs, queues[queue]),
    delayed: async () => {
      const command = new GetQueueAttributesCommand({
        QueueUrl: queues.work,
        AttributeNames: ['ApproximateNumberOfMessagesDelayed'],
      });
      return Number((await sqs.send(command)).Attributes?.ApproximateNumberOfMessagesDelayed);
    },
    takeEvents: async () => (await drainRecords(sqs, queues.events)).map(({ detail }) => detail as PageEvent),
    deploy: (plan) => deployTo(emulator, place, parameter, plan),
    close: () => {
      sqs.destroy();
      place.close();
    },
  };
};

/** The same with some clients that reach nobody. */
export const without = (ground: CloudGround, ...names: readonly (keyof Ground['clients'])[]): CloudGround => {
  // A port that nobody may bind answers at once that nobody is there.
  const endpoint = 'http://127.0.0.1:1';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const dead = openClients({ endpoint, region: ground.region, credentials, maxAttempts: 1 });
  const broken = Object.fromEntries(names.map((name) => [name, dead[name]]));
  return { ...ground, clients: { ...ground.clients, ...broken } };
};

/** A plan that may reach targets on loopback. */
export const cloudPlan = (config: object): Plan => planOf({ network: { allow: ['127.0.0.0/8'] }, ...config });

/** A probe that reads `url` twice. Its first bad run is an incident that wakes people, with no extra run to confirm it. */
export const readPlan = (url: string, probe: object = {}, config: object = {}): Plan =>
  cloudPlan({
    probes: [
      {
        id: 'read',
        kind: 'http',
        schedule: { every: '1h' },
        samples: 2,
        severity: 'page',
        alarm: { breachAfter: '1 of 1', confirmAfter: false },
        steps: [{ name: 'get', request: { url }, expect: { status: 200 } }],
        ...probe,
      },
    ],
    ...config,
  });

/** A message for these runs of a plan, due now but for what is overridden. */
export const messageOf = (plan: Plan, items: readonly Partial<WorkItem>[] = [{}], more: object = {}): WorkMessage => {
  const slot = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
  const [probe] = plan.probes;
  if (!probe) throw new Error('no probe in the plan');
  const service = deployedService({ schema: 1, environment: 'dev', plan, values: {} });
  return {
    schema: 1,
    service,
    items: items.map((item) => ({ probe, slot, trigger: 'schedule', dueAt: item.slot ?? slot, ...item })),
    ...more,
  };
};

/** As SQS delivers it. */
export const deliveryOf = (message: WorkMessage | string, receiveCount = 1) => ({
  Records: [
    {
      messageId: crypto.randomUUID(),
      receiptHandle: 'handle',
      body: typeof message === 'string' ? message : JSON.stringify(message),
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: '0',
        SenderId: 'test',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:work',
      awsRegion: 'us-east-1',
    },
  ],
});

/** A Lambda with so much time to live. */
export const lifeOf = (remainingMs: number) => ({ getRemainingTimeInMillis: () => remainingMs });

export const longLife = lifeOf(600_000);
