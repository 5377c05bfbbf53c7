import { randomUUID } from 'node:crypto';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createPageHandler } from '../../functions/page.ts';
import { openPageClients } from '../../lib/aws/pages/clients.ts';
import type { PageGround } from '../../lib/aws/pages/open.ts';
import { environmentNames } from '../../lib/names.ts';
import type { PageEvent } from '../../lib/page/event.ts';
import { usualSendPolicy } from '../../lib/probe/send.ts';
import type { Store } from '../../lib/result/store.ts';
import { makeState, makeStep } from './alarms.ts';
import { makeAwsPlace } from './aws-store.ts';
import { cloudPlan, deployTo } from './cloud-ground.ts';
import type { Emulator } from './emulator/emulator.ts';
import { drain } from './queues.ts';

/** What a subscriber of a topic gets. */
export type Told = { readonly subject: string; readonly text: string; readonly attributes: Record<string, string> };

type Attributes = Readonly<Record<string, { readonly Value: string }>>;

/** The stack's part around the page function, in an emulator, with a queue that hears what is said on its topics. */
type PagingScene = {
  readonly ground: PageGround;
  readonly store: Store;
  /** Records of the function's log. */
  readonly log: Record<string, unknown>[];
  /** Moves the clock, which stands at `noon` otherwise. */
  pass(ms: number): void;
  /** Puts events into the outbox, in this order. */
  keep(...events: readonly PageEvent[]): Promise<void>;
  /** Invokes the function with what Lambda would hand to it; `ground` of another process. */
  invoke(input: unknown, ground?: PageGround): Promise<unknown>;
  /** What was said on a topic since it was last asked. */
  heard(topic: 'page' | 'ticket'): Promise<readonly Told[]>;
  /** All items of the table, as they are. */
  items(): Promise<readonly Record<string, unknown>[]>;
  close(): void;
};

export const noon = Date.parse('2026-01-31T13:00:30.000Z');

export const verdictEvent = (event: PageEvent) => ({
  source: 'plimsoll',
  'detail-type': 'ProbeVerdictChanged',
  detail: event,
});

export const alarmRecords = (...messages: readonly object[]) => ({
  Records: messages.map((message) => ({ EventSource: 'aws:sns', Sns: { Message: JSON.stringify(message) } })),
});

const openTopic = async (sns: SNSClient, sqs: SQSClient, name: string) => {
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: `${name}-${randomUUID()}` }));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-${randomUUID()}` }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
  return { arn: TopicArn, queueUrl: QueueUrl };
};

const readTold = (body: string): Told => {
  const {
    Subject = '',
    Message,
    MessageAttributes = {},
  } = JSON.parse(body) as {
    readonly Subject?: string;
    readonly Message: string;
    readonly MessageAttributes?: Attributes;
  };
  const attributes = Object.fromEntries(Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value]));
  return { subject: Subject, text: Message, attributes };
};

/** @param config Of the service: `notify`, `variables`; its secrets lie in SSM already, by path. */
export const setPagingScene = async (
  emulator: Pick<Emulator, 'clientConfig' | 'region'>,
  config: object,
  secrets: Readonly<Record<string, string>> = {},
): Promise<PagingScene> => {
  const place = await makeAwsPlace(emulator);
  const [sns, sqs, ssm] = [SNSClient, SQSClient, SSMClient].map((Client) => new Client(emulator.clientConfig)) as [
    SNSClient,
    SQSClient,
    SSMClient,
  ];
  const topics = { page: await openTopic(sns, sqs, 'page'), ticket: await openTopic(sns, sqs, 'ticket') };
  const probes = [
    { id: 'api-read', kind: 'http', severity: 'page', steps: [{ request: { url: 'http://127.0.0.1:1/' } }] },
  ];
  const plan = cloudPlan({ service: 'notes', probes, ...config });
  const parameter = `/plan/${randomUUID()}`;
  await deployTo(emulator, place, parameter, plan);
  for (const [Name, Value] of Object.entries(secrets)) {
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: true }));
  }
  let nowMs = noon;
  const log: Record<string, unknown>[] = [];
  const ground: PageGround = {
    env: {
      [environmentNames.environment]: 'dev',
      [environmentNames.table]: place.table,
      [environmentNames.bucket]: place.bucket,
      [environmentNames.planParameter]: parameter,
      [environmentNames.pageTopicArn]: topics.page.arn,
      [environmentNames.ticketTopicArn]: topics.ticket.arn,
      AWS_REGION: emulator.region,
    },
    clients: openPageClients(emulator.clientConfig),
    clock: { now: () => nowMs, monotonic: () => performance.now() },
    log: (record) => log.push(record),
    sleep: async () => {},
    random: () => 0,
  };
  const policy = { ...usualSendPolicy, timeoutMs: 5000, firstBackoffMs: 1, longestBackoffMs: 5 };
  const store = place.open({ clock: ground.clock });
  return {
    ground,
    store,
    log,
    pass: (ms) => {
      nowMs += ms;
    },
    keep: async (...events) => {
      for (const event of events) await store.advance(makeStep(makeState(event.id, event.slot), event));
    },
    invoke: (input, own = ground) => createPageHandler(own, policy)(input, { getRemainingTimeInMillis: () => 300_000 }),
    heard: async (topic) => (await drain(sqs, topics[topic].queueUrl)).map(readTold),
    items: place.items,
    close: () => {
      for (const client of [sns, sqs, ssm]) client.destroy();
      place.close();
    },
  };
};
