import { type Answer, answer, fault, json, type Open, type Sdk, type Talk } from './talk.ts';

const key = { pk: { S: 'a' }, sk: { S: 'b' } };
const item = {
  ...key,
  n: { N: '12.5' },
  b: { B: Buffer.from('bytes').toString('base64') },
  l: { L: [{ BOOL: true }, { NULL: true }] },
};
const written = { ...key, n: { N: '12.5' }, b: { B: Buffer.from('bytes') }, m: { M: { ss: { SS: ['x', 'y'] } } } };
const dynamoFaults: readonly Answer[] = [
  fault('ConditionalCheckFailedException', { Item: item }),
  fault('TransactionConflictException'),
  fault('ReplicatedWriteConflictException'),
  fault('ProvisionedThroughputExceededException'),
  fault('ResourceNotFoundException'),
  fault('ValidationException'),
  answer(500, { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: 'not now' }),
];

export const dynamodbTalks: readonly Talk[] = [
  {
    says: 'GetItem',
    ask: ({ dynamodb: d }, open) =>
      open(d.DynamoDBClient).send(new d.GetItemCommand({ TableName: 't', Key: key, ConsistentRead: true })),
    answers: [json({ Item: item })],
  },
  ...dynamoFaults.map((refusal) => ({
    says: `PutItem, refused with ${/#(\w+)/.exec(refusal.body)?.[1]}`,
    ask: ({ dynamodb: d }: Sdk, open: Open) =>
      open(d.DynamoDBClient).send(
        new d.PutItemCommand({
          TableName: 't',
          Item: written,
          ConditionExpression: 'attribute_not_exists(pk)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    answers: [refusal],
  })),
  {
    says: 'UpdateItem',
    ask: ({ dynamodb: d }, open) =>
      open(d.DynamoDBClient).send(
        new d.UpdateItemCommand({
          TableName: 't',
          Key: key,
          UpdateExpression: 'SET n = :n',
          ExpressionAttributeValues: { ':n': { N: '1' } },
          ReturnValues: 'ALL_NEW',
        }),
      ),
    answers: [json({ Attributes: item })],
  },
  {
    says: 'DeleteItem',
    ask: ({ dynamodb: d }, open) => open(d.DynamoDBClient).send(new d.DeleteItemCommand({ TableName: 't', Key: key })),
    answers: [json({})],
  },
  {
    says: 'Query, a page of it',
    ask: ({ dynamodb: d }, open) =>
      open(d.DynamoDBClient).send(
        new d.QueryCommand({
          TableName: 't',
          KeyConditionExpression: 'pk = :p',
          ExpressionAttributeValues: { ':p': { S: 'a' } },
          Limit: 2,
          ScanIndexForward: false,
        }),
      ),
    answers: [json({ Items: [item, item], Count: 2, ScannedCount: 2, LastEvaluatedKey: key })],
  },
  {
    says: 'BatchGetItem',
    ask: ({ dynamodb: d }, open) =>
      open(d.DynamoDBClient).send(new d.BatchGetItemCommand({ RequestItems: { t: { Keys: [key] } } })),
    answers: [json({ Responses: { t: [item] }, UnprocessedKeys: { t: { Keys: [key] } } })],
  },
  {
    says: 'BatchWriteItem',
    ask: ({ dynamodb: d }, open) =>
      open(d.DynamoDBClient).send(
        new d.BatchWriteItemCommand({ RequestItems: { t: [{ PutRequest: { Item: written } }] } }),
      ),
    answers: [json({ UnprocessedItems: {} })],
  },
  {
    says: 'TransactWriteItems, cancelled',
    ask: ({ dynamodb: d }, open) =>
      open(d.DynamoDBClient).send(
        new d.TransactWriteItemsCommand({
          ClientRequestToken: 'token',
          TransactItems: [{ Put: { TableName: 't', Item: written } }, { Delete: { TableName: 't', Key: key } }],
        }),
      ),
    answers: [
      fault('TransactionCanceledException', {
        CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: item }, { Code: 'None' }],
      }),
    ],
  },
];
