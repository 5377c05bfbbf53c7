import { setTimeout as sleep } from 'node:timers/promises';
import { pauseMs } from '../attempts.ts';
import { TransactionCanceledException, type TransactWriteItem, TransactWriteItemsCommand } from '../sdk/dynamodb.ts';
import { type Condition, conditionOf, namesIn, type Place } from './expressions.ts';
import { type Item, newWriteId } from './items.ts';
import { type Key, keyItem } from './keys.ts';

/** One part of a transaction. */
export type Write =
  | { readonly kind: 'put'; readonly item: Item; readonly condition?: Condition }
  | { readonly kind: 'update'; readonly key: Key; readonly change: string; readonly condition: Condition }
  | { readonly kind: 'remove'; readonly key: Key; readonly condition: Condition }
  | { readonly kind: 'check'; readonly key: Key; readonly condition: Condition };

/** `refused`: by the number of each part whose condition did not hold, what stood in its way. */
export type Transacted =
  | { readonly done: true }
  | { readonly done: false; readonly refused: ReadonlyMap<number, Item | undefined> };

/** AWS takes no more in one transaction. */
export const mostWrites = 100;

/** While others write the same items, or the table is throttled inside of a transaction, which the SDK does not look into. */
const mostAttempts = 12;
const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

const requestOf = (table: string, write: Write): TransactWriteItem => {
  const condition = write.condition ? conditionOf(write.condition) : {};
  if (write.kind === 'put') return { Put: { TableName: table, Item: write.item, ...condition } };
  const key = { TableName: table, Key: keyItem(write.key), ...conditionOf(write.condition) };
  if (write.kind === 'remove') return { Delete: key };
  if (write.kind === 'check') return { ConditionCheck: key };
  const names = namesIn(write.change, write.condition.expression);
  return { Update: { ...key, UpdateExpression: write.change, ExpressionAttributeNames: names } };
};

const refusedIn = ({ CancellationReasons = [] }: TransactionCanceledException): ReadonlyMap<number, Item | undefined> =>
  new Map(
    CancellationReasons.flatMap(({ Code, Item }, index) =>
      Code === 'ConditionalCheckFailed' ? [[index, Item] as const] : [],
    ),
  );

const isPassing = ({ CancellationReasons = [] }: TransactionCanceledException): boolean =>
  CancellationReasons.some(({ Code }) => Code !== undefined && passing.has(Code));

/** Writes all or nothing. @throws what the SDK does, once conflicts and throttling have outlasted all attempts. */
export const transact = async (
  { dynamo, table }: Pick<Place, 'dynamo' | 'table'>,
  writes: readonly Write[],
): Promise<Transacted> => {
  if (writes.length > mostWrites) throw new RangeError(`${writes.length} writes are too many for one transaction`);
  const items = writes.map((write) => requestOf(table, write));
  // Its token makes another attempt of the same call none, for ten minutes: the answer is that of the first.
  const command = new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: newWriteId() });
  for (let attempt = 0; ; attempt++) {
    try {
      await dynamo.send(command);
      return { done: true };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const refused = refusedIn(error);
      if (refused.size > 0) return { done: false, refused };
      if (!isPassing(error) || attempt >= mostAttempts) throw error;
    }
    await sleep(pauseMs(attempt));
  }
};
