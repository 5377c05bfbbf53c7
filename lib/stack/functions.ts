import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DeployedPlan } from '../dispatch/deployed.ts';
import { environmentNames } from '../names.ts';
import { StackFunction } from './function.ts';
import type { FunctionName } from './names.ts';
import {
  findRuns,
  type Permission,
  publishTo,
  putEvents,
  putMetrics,
  readPlan,
  readVariables,
  rememberDemands,
  sendTo,
  takeFrom,
  useKey,
  useObjects,
  useTable,
} from './permissions.ts';
import type { PlanAsset } from './plan-asset.ts';
import type { Queues } from './queues.ts';
import type { Storage } from './storage.ts';
import type { Topics } from './topics.ts';

export type FunctionsProps = {
  readonly deployed: DeployedPlan;
  /** Folder that holds a folder for each function. */
  readonly folder: string;
  readonly key: IKey | undefined;
  readonly storage: Storage;
  readonly queues: Queues;
  readonly topics: Topics;
  readonly planAsset: PlanAsset;
  /** ARNs of topics that are the user's own. */
  readonly ownTopics: readonly string[];
};

type Settings = Readonly<Record<keyof typeof environmentNames, string>>;

/** Handed out late is recorded as late; handed out never is a slot that nobody can explain. */
const retried = { retries: 2, maxAge: Duration.hours(1) } as const;

/** The four functions, each with what it may do and no more. */
export class Functions extends Construct {
  readonly byName: Readonly<Record<FunctionName, StackFunction>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const settings = settingsOf(props);
    const { deadLetters } = props.queues;
    const make = (name: FunctionName, permissions: readonly Permission[], asynchronous = false): StackFunction =>
      new StackFunction(this, titleOf(name), {
        name,
        folder: props.folder,
        permissions,
        environment: Object.fromEntries(wantedSettings[name].map((key) => [environmentNames[key], settings[key]])),
        ...(asynchronous ? { asynchronous: { ...retried, failures: deadLetters } } : {}),
      });
    this.byName = {
      dispatch: make('dispatch', dispatchMay(props), true),
      probe: make('probe', probeMay(props, this)),
      // A tick that failed comes again in five minutes, and its alarm is the heartbeat that it did not give.
      judge: make('judge', judgeMay(props, this)),
      page: make('page', pageMay(props, this), true),
    };
    new EventSourceMapping(this, 'Work', {
      target: this.byName.probe.lambda,
      eventSourceArn: props.queues.work.queueArn,
      // A message is a batch already: 1 to 10 runs.
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: props.deployed.plan.cloud.maxConcurrency,
    });
  }
}

const dispatchMay = ({ queues, storage, planAsset, key }: FunctionsProps): readonly Permission[] => [
  ...readPlan(planAsset.parameter.parameterArn, planAsset.objectArns),
  rememberDemands(storage.table.tableArn),
  sendTo('HandOut', [queues.work.queueArn]),
  sendTo('DeadLetters', [queues.deadLetters.queueArn]),
  ...useKey(key),
];

const probeMay = ({ queues, storage, deployed, key }: FunctionsProps, scope: Construct): readonly Permission[] => [
  takeFrom(queues.work.queueArn),
  // The run that confirms a failure goes into the queue, too.
  sendTo('HandOut', [queues.work.queueArn]),
  sendTo('DeadLetters', [queues.deadLetters.queueArn]),
  useTable(storage.table.tableArn, ['ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']),
  findRuns(storage.table.tableArn),
  ...useObjects(storage.bucket.bucketArn, ['read', 'write', 'remove']),
  putMetrics(),
  putEvents(scope),
  ...readVariables(scope, deployed.plan),
  ...useKey(key),
];

const judgeMay = ({ queues, storage, planAsset, key }: FunctionsProps, scope: Construct): readonly Permission[] => [
  ...readPlan(planAsset.parameter.parameterArn, planAsset.objectArns),
  // Extra runs that were lost are asked for anew.
  sendTo('HandOut', [queues.work.queueArn]),
  // It reads states and events, and no run: nothing of it lies in the bucket. What it puts, it puts in transactions.
  useTable(storage.table.tableArn, ['ConditionCheckItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']),
  putMetrics(),
  putEvents(scope),
  ...useKey(key),
];

const pageMay = (props: FunctionsProps, scope: Construct): readonly Permission[] => {
  const { queues, storage, topics, planAsset, ownTopics, deployed, key } = props;
  return [
    ...readPlan(planAsset.parameter.parameterArn, planAsset.objectArns),
    useTable(storage.table.tableArn, ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']),
    publishTo([topics.page.topicArn, topics.ticket.topicArn, ...ownTopics]),
    sendTo('DeadLetters', [queues.deadLetters.queueArn]),
    ...readVariables(scope, deployed.plan),
    ...useKey(key),
  ];
};

/** What each reads of its environment (`readSettings`): a name too few fails each of its invocations. */
const wantedSettings = {
  dispatch: ['environment', 'table', 'workQueueUrl', 'planParameter'],
  probe: ['environment', 'table', 'bucket', 'workQueueUrl', 'deadLetterQueueUrl'],
  judge: ['environment', 'table', 'bucket', 'workQueueUrl', 'planParameter'],
  page: ['environment', 'table', 'bucket', 'planParameter', 'pageTopicArn', 'ticketTopicArn'],
} as const satisfies Readonly<Record<FunctionName, readonly (keyof Settings)[]>>;

const titleOf = (name: FunctionName): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

const settingsOf = ({ deployed, storage, queues, topics, planAsset }: FunctionsProps): Settings => ({
  environment: deployed.environment,
  table: storage.table.tableName,
  bucket: storage.bucket.bucketName,
  workQueueUrl: queues.work.queueUrl,
  deadLetterQueueUrl: queues.deadLetters.queueUrl,
  planParameter: planAsset.parameter.parameterName,
  pageTopicArn: topics.page.topicArn,
  ticketTopicArn: topics.ticket.topicArn,
});
