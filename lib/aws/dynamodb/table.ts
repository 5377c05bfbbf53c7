import { setTimeout as sleep } from 'node:timers/promises';
import { pauseMs } from '../attempts.ts';
import { naming } from '../errors.ts';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactionConflictException,
  UpdateItemCommand,
} from '../sdk/dynamodb.ts';
import { getMany, removeMany } from './batches.ts';
import { type Condition, conditionOf, namesIn, type Place, projectionOf } from './expressions.ts';
import type { Item } from './items.ts';
import { type Key, keyItem } from './keys.ts';
import { findRun, type Question, queryPages } from './query.ts';
import { type Transacted, transact, type Write } from './transact.ts';

/** `there`: what stood in the way of a write whose condition did not hold. */
export type Written = { readonly done: true } | { readonly done: false; readonly there?: Item };

/** What a table can do, as the store needs it: read what was written, conditions as answers, all partial answers completed. */
export type Table = {
  get(key: Key, only?: readonly string[]): Promise<Item | undefined>;
  /** In no order; what is not there is left out. */
  getMany(keys: readonly Key[]): Promise<readonly Item[]>;
  /** The key of a run, by the index: a moment behind what is written, as all such indexes are. */
  findRun(runId: string): Promise<Key | undefined>;
  pages(question: Question): AsyncGenerator<readonly Item[]>;
  all(question: Question): Promise<readonly Item[]>;
  put(item: Item, condition?: Condition): Promise<Written>;
  update(key: Key, change: string, condition: Condition): Promise<Written>;
  remove(key: Key, condition?: Condition): Promise<Written>;
  removeMany(keys: readonly Key[]): Promise<void>;
  /** All or nothing. */
  transact(writes: readonly Write[]): Promise<Transacted>;
};

/** Others' transactions over the same item end within milliseconds. The SDK does not try again here. */
const mostConflicts = 10;

/** Answers a condition that did not hold, and tries again while a transaction of somebody else holds the item. */
const conditional = async (write: () => Promise<unknown>): Promise<Written> => {
  for (let attempt = 0; ; attempt++) {
    try {
      await write();
      return { done: true };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { done: false, ...(error.Item ? { there: error.Item } : {}) };
      }
      if (!(error instanceof TransactionConflictException) || attempt >= mostConflicts) throw error;
    }
    await sleep(pauseMs(attempt));
  }
};

const writersOf = ({ dynamo, table, asking }: Place): Pick<Table, 'put' | 'update' | 'remove'> => ({
  put: (item, condition) => {
    const command = new PutItemCommand({ TableName: table, Item: item, ...(condition && conditionOf(condition)) });
    return asking('PutItem', () => conditional(() => dynamo.send(command)));
  },
  update: (key, change, condition) => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: keyItem(key),
      UpdateExpression: change,
      ...conditionOf(condition),
      ExpressionAttributeNames: namesIn(change, condition.expression),
    });
    return asking('UpdateItem', () => conditional(() => dynamo.send(command)));
  },
  remove: (key, condition) => {
    const input = { TableName: table, Key: keyItem(key), ...(condition && conditionOf(condition)) };
    return asking('DeleteItem', () => conditional(() => dynamo.send(new DeleteItemCommand(input))));
  },
});

export const openTable = ({ dynamo, table }: Pick<Place, 'dynamo' | 'table'>): Table => {
  const asking: Place['asking'] = (operation, call) =>
    naming({ operation, resource: `the table ${table}` }, dynamo.config, call);
  const place: Place = { dynamo, table, asking };
  const pages = (question: Question) => queryPages(place, question);
  return {
    get: async (key, only) => {
      const projection = projectionOf(only);
      const names = projection && { ProjectionExpression: projection, ExpressionAttributeNames: namesIn(projection) };
      const input = { TableName: table, Key: keyItem(key), ConsistentRead: true, ...(names || {}) };
      return (await asking('GetItem', () => dynamo.send(new GetItemCommand(input)))).Item;
    },
    getMany: (keys) => getMany(place, keys),
    findRun: (runId) => findRun(place, runId),
    pages,
    all: async (question) => {
      const items: Item[] = [];
      for await (const page of pages(question)) items.push(...page);
      return items;
    },
    ...writersOf(place),
    removeMany: (keys) => removeMany(place, keys),
    transact: (writes) => asking('TransactWriteItems', () => transact(place, writes)),
  };
};
