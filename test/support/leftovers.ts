import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Emulator } from './emulator/emulator.ts';

type Place = { readonly emulator: Pick<Emulator, 'clientConfig' | 'endpoint' | 'region'>; readonly stack: string };

/** Services whose SDK client the project does not have: the emulator wants no signature, and tells them by its scope. */
const ask = async ({ emulator }: Place, service: string, path: string, target?: string): Promise<string> => {
  const scope = `Credential=test/20260101/${emulator.region}/${service}/aws4_request`;
  const answer = await fetch(`${emulator.endpoint}${path}`, {
    headers: {
      authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`,
      ...(target === undefined ? {} : { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }),
    },
    ...(target === undefined ? {} : { method: 'POST', body: '{}' }),
  });
  if (!answer.ok) throw new Error(`${service} answered ${answer.status}: ${await answer.text()}`);
  return answer.text();
};

const found = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '');

const withoutClients = async (place: Place): Promise<readonly string[]> => [
  ...found(await ask(place, 'scheduler', '/schedule-groups'), /"Name":\s*"([^"]+)"/g),
  ...found(await ask(place, 'scheduler', '/schedules'), /"Name":\s*"([^"]+)"/g),
  ...found(await ask(place, 'iam', '/?Action=ListRoles&Version=2010-05-08'), /<RoleName>([^<]+)</g),
  // Its client cannot read the emulator's answer.
  ...found(await ask(place, 'monitoring', '/?Action=ListDashboards&Version=2010-08-01'), /<DashboardName>([^<]+)</g),
  ...found(await ask(place, 'logs', '/', 'Logs_20140328.DescribeLogGroups'), /"logGroupName":\s*"([^"]+)"/g),
];

const withClients = async ({ emulator: { clientConfig } }: Place): Promise<readonly (string | undefined)[]> => {
  const cloudwatch = new CloudWatchClient(clientConfig);
  const lambda = new LambdaClient(clientConfig);
  const s3 = new S3Client({ ...clientConfig, forcePathStyle: true });
  return [
    ...((await new DynamoDBClient(clientConfig).send(new ListTablesCommand())).TableNames ?? []),
    ...((await s3.send(new ListBucketsCommand())).Buckets ?? []).map(({ Name }) => Name),
    ...((await lambda.send(new ListFunctionsCommand())).Functions ?? []).map(({ FunctionName }) => FunctionName),
    ...((await lambda.send(new ListEventSourceMappingsCommand())).EventSourceMappings ?? []).map(
      ({ FunctionArn }) => `mapping of ${FunctionArn}`,
    ),
    ...((await new SQSClient(clientConfig).send(new ListQueuesCommand())).QueueUrls ?? []),
    ...((await new SNSClient(clientConfig).send(new ListTopicsCommand())).Topics ?? []).map(({ TopicArn }) => TopicArn),
    ...((await new SSMClient(clientConfig).send(new DescribeParametersCommand())).Parameters ?? []).map(
      ({ Name }) => Name,
    ),
    ...((await new EventBridgeClient(clientConfig).send(new ListRulesCommand())).Rules ?? []).map(({ Name }) => Name),
    ...((await cloudwatch.send(new DescribeAlarmsCommand())).MetricAlarms ?? []).map(({ AlarmName }) => AlarmName),
  ];
};

/** Whatever bears the stack's name, of every kind that the stack makes; the assets of the bootstrap are everybody's. */
export const leftovers = async (place: Place): Promise<readonly string[]> =>
  [...(await withClients(place)), ...(await withoutClients(place))].filter(
    (name) => name?.toLowerCase().includes(place.stack.toLowerCase()) ?? false,
  ) as readonly string[];
