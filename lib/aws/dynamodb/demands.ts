import { createHash } from 'node:crypto';
import { tableShape } from '../../names.ts';
import type { DynamoDBClient } from '../sdk/dynamodb.ts';
import { expirySeconds, number, text, textIn } from './items.ts';
import { demandKey, keyItem } from './keys.ts';
import { openTable } from './table.ts';

/** What somebody asks for: these probes, with this client token, at this time (epoch ms). */
export type Asked = { readonly token: string; readonly probes: readonly string[]; readonly nowMs: number };

/** When the token was first used (ISO), and whether that was for the same probes. */
type FirstAsked = { readonly askedAt: string; readonly isSame: boolean };

/** A pipeline that is run again on the day after means the same demand; a year later it does not. */
const rememberedMs = 7 * 86_400_000;

/** Ten thousand ids are more than an item holds. */
const digestOf = (probes: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(probes.toSorted())).digest('base64url');

/**
 * When runs with this client token were first asked for: now, unless somebody did so in the last 7 days. It is the slot of
 * the runs, so that the same token gives the same runs. It takes one conditional write, and no other right to the table.
 */
export const firstAsked = async (
  dynamo: DynamoDBClient,
  table: string,
  { token, probes, nowMs }: Asked,
): Promise<FirstAsked> => {
  const askedMs = Math.round(nowMs);
  const mine = { askedAt: new Date(askedMs).toISOString(), probes: digestOf(probes) };
  const item = {
    ...keyItem(demandKey(token)),
    [tableShape.expiry]: number(expirySeconds(askedMs + rememberedMs)),
    until: number(askedMs + rememberedMs),
    askedAt: text(mine.askedAt),
    probes: text(mine.probes),
  };
  const written = await openTable({ dynamo, table }).put(item, {
    expression: 'attribute_not_exists(#pk) OR #until <= :now',
    values: { ':now': number(askedMs) },
  });
  if (written.done) return { askedAt: mine.askedAt, isSame: true };
  const askedAt = textIn(written.there, 'askedAt') ?? mine.askedAt;
  return { askedAt, isSame: textIn(written.there, 'probes') === mine.probes };
};
