import { answer, fault, json, type Talk } from './talk.ts';

export const otherTalks: readonly Talk[] = [
  {
    says: 'GetParameter',
    ask: ({ ssm }, open) =>
      open(ssm.SSMClient).send(new ssm.GetParameterCommand({ Name: '/plan', WithDecryption: true })),
    answers: [
      json({
        Parameter: { Name: '/plan', Type: 'String', Value: 's3://b/k', Version: 3, LastModifiedDate: 1_767_225_600.5 },
      }),
    ],
  },
  {
    says: 'GetParameters, refused',
    ask: ({ ssm }, open) =>
      open(ssm.SSMClient).send(new ssm.GetParametersCommand({ Names: ['/a', '/b'], WithDecryption: true })),
    answers: [fault('InternalServerError')],
  },
  {
    says: 'GetSecretValue',
    ask: ({ secretsManager: s }, open) =>
      open(s.SecretsManagerClient).send(new s.GetSecretValueCommand({ SecretId: 'token' })),
    answers: [json({ Name: 'token', SecretString: '{"a":"b"}', CreatedDate: 1_767_225_600 })],
  },
  {
    says: 'GetSecretValue, refused',
    ask: ({ secretsManager: s }, open) =>
      open(s.SecretsManagerClient).send(new s.GetSecretValueCommand({ SecretId: 'token' })),
    answers: [fault('ResourceNotFoundException')],
  },
  {
    says: 'PutMetricData, enough to be compressed',
    ask: ({ cloudwatch: c }, open) =>
      open(c.CloudWatchClient).send(
        new c.PutMetricDataCommand({
          Namespace: 'Plimsoll',
          MetricData: Array.from({ length: 200 }, (_, n) => ({
            MetricName: 'Latency',
            Dimensions: [{ Name: 'Probe', Value: `p${n}` }],
            Timestamp: new Date(1_767_225_600_000 + n),
            Values: [1.5, 2],
            Counts: [1, 3],
            Unit: 'Milliseconds' as const,
          })),
        }),
      ),
    answers: [answer(200, '<PutMetricDataResponse><ResponseMetadata/></PutMetricDataResponse>')],
  },
  {
    says: 'PutEvents',
    ask: ({ eventbridge: e }, open) =>
      open(e.EventBridgeClient).send(
        new e.PutEventsCommand({
          Entries: [{ Source: 'plimsoll', DetailType: 'alarm', Detail: '{}', Time: new Date(1_767_225_600_000) }],
        }),
      ),
    answers: [
      json({ FailedEntryCount: 1, Entries: [{ EventId: 'e' }, { ErrorCode: 'InternalFailure', ErrorMessage: 'm' }] }),
    ],
  },
  {
    says: 'Publish, throttled at first',
    ask: ({ sns }, open) =>
      open(sns.SNSClient).send(
        new sns.PublishCommand({ TopicArn: 'arn:aws:sns:eu-central-1:1:t', Message: 'down', Subject: 's' }),
      ),
    answers: [
      answer(
        400,
        '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>',
      ),
      answer(200, '<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>'),
    ],
  },
];
