import { setTimeout as sleep } from 'node:timers/promises';
import { pauseMs } from '../attempts.ts';
import { BatchGetItemCommand, BatchWriteItemCommand } from '../sdk/dynamodb.ts';
import type { Place } from './expressions.ts';
import type { Item } from './items.ts';
import { type Key, keyItem } from './keys.ts';

/** Requests take so many keys. */
const getSize = 100;
const writeSize = 25;

/** Answers in a row that do nothing. */
const mostIdle = 10;

const chunksOf = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));

/** Repeats a batch with what AWS left of it, until nothing is. */
const untilDone = async <T>(
  batch: readonly T[],
  send: (rest: readonly T[]) => Promise<readonly T[]>,
): Promise<void> => {
  let rest = batch;
  for (let idle = 0; rest.length > 0; ) {
    const left = await send(rest);
    idle = left.length < rest.length ? 0 : idle + 1;
    if (idle > mostIdle)
      throw new Error(`AWS leaves ${left.length} parts of a batch undone, however often it is asked`);
    if (left.length > 0) await sleep(pauseMs(idle));
    rest = left;
  }
};

/** In no order; what is not there is left out. */
export const getMany = async ({ dynamo, table, asking }: Place, keys: readonly Key[]): Promise<readonly Item[]> => {
  const items: Item[] = [];
  for (const chunk of chunksOf<Item>(keys.map(keyItem), getSize)) {
    await untilDone(chunk, async (rest) => {
      const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...rest], ConsistentRead: true } } });
      const answer = await asking('BatchGetItem', () => dynamo.send(command));
      items.push(...(answer.Responses?.[table] ?? []));
      return answer.UnprocessedKeys?.[table]?.Keys ?? [];
    });
  }
  return items;
};

export const removeMany = async ({ dynamo, table, asking }: Place, keys: readonly Key[]): Promise<void> => {
  for (const chunk of chunksOf<Item>(keys.map(keyItem), writeSize)) {
    await untilDone(chunk, async (rest) => {
      const removals = rest.map((Key) => ({ DeleteRequest: { Key } }));
      const command = new BatchWriteItemCommand({ RequestItems: { [table]: removals } });
      const answer = await asking('BatchWriteItem', () => dynamo.send(command));
      return (answer.UnprocessedItems?.[table] ?? []).flatMap(({ DeleteRequest }) =>
        DeleteRequest?.Key ? [DeleteRequest.Key] : [],
      );
    });
  }
};
