import { tableShape } from '../../names.ts';
import type { Clock } from '../../probe/prober.ts';
import type { DynamoDBClient } from '../sdk/dynamodb.ts';
import { expirySeconds, number, text, textIn } from './items.ts';
import { demandKey, keyItem } from './keys.ts';
import { openTable } from './table.ts';

export type DemandOptions = { readonly dynamo: DynamoDBClient; readonly table: string; readonly clock: Clock };

/** A pipeline that is run again on the day after means the same demand; a year later it does not. */
const rememberedMs = 7 * 86_400_000;

/**
 * When runs with this client token were first asked for (ISO): now, unless somebody did so in the last 7 days. It is the
 * slot of the runs, so that the same token gives the same runs.
 */
export const firstAskedAt = async ({ dynamo, table, clock }: DemandOptions, token: string): Promise<string> => {
  const nowMs = Math.round(clock.now());
  const askedAt = new Date(nowMs).toISOString();
  const item = {
    ...keyItem(demandKey(token)),
    [tableShape.expiry]: number(expirySeconds(nowMs + rememberedMs)),
    until: number(nowMs + rememberedMs),
    askedAt: text(askedAt),
  };
  const written = await openTable({ dynamo, table }).put(item, {
    expression: 'attribute_not_exists(#pk) OR #until <= :now',
    values: { ':now': number(nowMs) },
  });
  return written.done ? askedAt : (textIn(written.there, 'askedAt') ?? askedAt);
};
