import type { Clock } from '../../probe/prober.ts';
import { newWriteId, number, text, writtenBy } from '../dynamodb/items.ts';
import { gaugesKey } from '../dynamodb/keys.ts';
import type { Table } from '../dynamodb/table.ts';

type TurnDeps = {
  readonly table: Pick<Table, 'update'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly sleep: (ms: number) => Promise<void>;
};

/** What changes within it is published together. */
const windowMs = 5_000;

/** Clocks of two machines differ, by less than this. */
const slackMs = 250;

/**
 * Every change of a verdict invokes the judge, and the gauges count all probes: when a thousand breach in one minute, a
 * thousand judges would read a thousand states each, and take the table from those who write them. So the first of a few
 * seconds waits until these are over, and then speaks for all. `true`: it is our turn, now. `false`: somebody else's, later.
 */
export const takeTurn = async ({ table, clock, sleep }: TurnDeps): Promise<boolean> => {
  const nowMs = clock.now();
  const endMs = (Math.floor(nowMs / windowMs) + 1) * windowMs;
  const turnId = newWriteId();
  const taken = await table.update(gaugesKey, 'SET #endMs = :endMs, #writeId = :turnId', {
    expression: 'attribute_not_exists(#endMs) OR #endMs < :endMs',
    values: { ':endMs': number(endMs), ':turnId': text(turnId) },
  });
  if (!taken.done && !writtenBy(taken.there, turnId)) return false;
  await sleep(endMs - nowMs + slackMs);
  return true;
};
