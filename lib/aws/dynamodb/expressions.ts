import type { AttributeValue, DynamoDBClient } from '../sdk/dynamodb.ts';
import { number } from './items.ts';

/** Where a table is, and how to ask it so that an error names what was asked. */
export type Place = {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly asking: <T>(operation: string, call: () => Promise<T>) => Promise<T>;
};

/** An expression names attributes as `#name` and values as `:name`. */
export type Condition = {
  readonly expression: string;
  readonly values?: Readonly<Record<string, AttributeValue>>;
};

/** Reserved words are many: every attribute goes by a placeholder. */
export const namesIn = (...expressions: readonly (string | undefined)[]): Record<string, string> =>
  Object.fromEntries(
    expressions.flatMap((text) => [...(text ?? '').matchAll(/#(\w+)/g)].map(([name, plain]) => [name, plain ?? ''])),
  );

/** As part of a request that changes one item. */
export const conditionOf = ({ expression, values }: Condition) => ({
  ConditionExpression: expression,
  ExpressionAttributeNames: namesIn(expression),
  ...(values ? { ExpressionAttributeValues: { ...values } } : {}),
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
});

/** `pk` and `sk` alone, or whatever is named. */
export const projectionOf = (only: readonly string[] | undefined): string | undefined =>
  only?.map((name) => `#${name}`).join(', ');

/** Holds where an item of this revision follows on the one that is there: the first is 1. */
export const following = (revision: number): Condition =>
  revision === 1
    ? { expression: 'attribute_not_exists(#pk)' }
    : { expression: '#revision = :previous', values: { ':previous': number(revision - 1) } };
