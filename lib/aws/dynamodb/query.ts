import { tableShape } from '../../names.ts';
import { type AttributeValue, QueryCommand, type QueryCommandInput } from '../sdk/dynamodb.ts';
import { type Condition, namesIn, type Place, projectionOf } from './expressions.ts';
import type { Item } from './items.ts';
import { type Between, type Key, keyIn } from './keys.ts';

export type Question = {
  readonly pk: string;
  /** Of sort keys. Default: all. */
  readonly range?: Between;
  /** Left out at AWS, after they were paid for. */
  readonly filter?: Condition;
  /** Names of attributes. Default: all. */
  readonly only?: readonly string[];
  /** By sort key. Default `oldest`. */
  readonly order?: 'newest' | 'oldest';
  /** Items of the first page, before the filter; each further page has twice as many. Default: what fits into 1 MB. */
  readonly pageSize?: number;
};

/** A page that is looked through for little is not made larger than this. */
const largestPage = 1_000;

const inputOf = (table: string, question: Question): QueryCommandInput => {
  const { pk, range, filter, only, order = 'oldest' } = question;
  const keys = `#${tableShape.partitionKey} = :pk${range ? ` AND #${tableShape.sortKey} BETWEEN :from AND :to` : ''}`;
  const projection = projectionOf(only);
  const bounds: Record<string, AttributeValue> = range ? { ':from': { S: range.from }, ':to': { S: range.to } } : {};
  return {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: keys,
    ...(filter ? { FilterExpression: filter.expression } : {}),
    ...(projection === undefined ? {} : { ProjectionExpression: projection }),
    ExpressionAttributeNames: namesIn(keys, filter?.expression, projection),
    ExpressionAttributeValues: { ':pk': { S: pk }, ...bounds, ...filter?.values },
    ScanIndexForward: order === 'oldest',
  };
};

/** The answers to a question, page by page: 1 MB at most each, and some may be empty. */
export async function* queryPages(
  { dynamo, table, asking }: Place,
  question: Question,
): AsyncGenerator<readonly Item[]> {
  const input = inputOf(table, question);
  let { pageSize } = question;
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = {
      ...input,
      ...(pageSize === undefined ? {} : { Limit: pageSize }),
      ...(start ? { ExclusiveStartKey: start } : {}),
    };
    const answer = await asking('Query', () => dynamo.send(new QueryCommand(page)));
    yield answer.Items ?? [];
    start = answer.LastEvaluatedKey;
    pageSize = pageSize && Math.min(largestPage, pageSize * 2);
  } while (start);
}

/** Where a run is, by the index: a moment behind what is written, as all such indexes are. */
export const findRun = async ({ dynamo, table, asking }: Place, runId: string): Promise<Key | undefined> => {
  const { index, key } = tableShape.byRunId;
  const input = {
    TableName: table,
    IndexName: index,
    KeyConditionExpression: `#${key} = :id`,
    ExpressionAttributeNames: { [`#${key}`]: key },
    ExpressionAttributeValues: { ':id': { S: runId } },
    Limit: 1,
  };
  const { Items = [] } = await asking('Query', () => dynamo.send(new QueryCommand(input)));
  return Items[0] && keyIn(Items[0]);
};
