import { tableShape } from '../../names.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Condition } from './expressions.ts';
import { type Item, number } from './items.ts';
import { keyIn, keyNames, markPk, runPk, settledPk } from './keys.ts';
import { lanes, type Parts } from './parts.ts';
import type { Probes } from './probes.ts';
import { isOver, objectIn, runIdIn, samplesIn } from './run-item.ts';

const wanted: readonly string[] = [...keyNames, 'runId', 'expiresAt', 'samplesUntil', 'samples', 'object'];

const pruneSamples = async (item: Item, { table, samples }: Parts): Promise<void> => {
  const ref = samplesIn(item);
  if (ref !== undefined) await samples.remove(ref, runIdIn(item));
  const condition = { expression: 'attribute_exists(#pk)' };
  await table.update(keyIn(item), 'REMOVE #samples, #samplesUntil', condition);
};

const pruneRun = async (item: Item, { samples }: Parts): Promise<void> => {
  const [ref, object] = [samplesIn(item), objectIn(item)];
  // Its objects first: what is in no item any more, nobody would find again.
  if (ref !== undefined) await samples.remove(ref, runIdIn(item));
  if (object !== undefined) await samples.removeDocument(object);
};

/** Those whose time is over by then. */
const over = (names: readonly string[], nowMs: number): Condition => ({
  expression: names.map((name) => `#${name} <= :now`).join(' OR '),
  values: { ':now': number(Math.floor(nowMs / 1000)) },
});

const pruneProbe = async (probe: string, nowMs: number, parts: Parts): Promise<number> => {
  const { table } = parts;
  let runs = 0;
  const filter = over(['expiresAt', 'samplesUntil'], nowMs);
  for await (const page of table.pages({ pk: runPk(probe), filter, only: wanted })) {
    const old = page.filter((item) => isOver(item, 'expiresAt', nowMs));
    const bare = page.filter((item) => !isOver(item, 'expiresAt', nowMs));
    await sideBySide(bare, lanes, (item) => pruneSamples(item, parts));
    await sideBySide(old, lanes, (item) => pruneRun(item, parts));
    await table.removeMany(old.map(keyIn));
    runs += old.length;
  }
  return runs;
};

/**
 * Deletes what has outlived its use, the way the table's time to live and the bucket's rules do by themselves, only sooner.
 * What of it is still there in the meantime no question finds.
 */
export const pruneAll = async (nowMs: number, parts: Parts, probes: Probes): Promise<number> => {
  const { table } = parts;
  const ids = await probes.list();
  const counts = await sideBySide(ids, lanes, (probe) => pruneProbe(probe, nowMs, parts));
  const filter = over([tableShape.expiry], nowMs);
  await sideBySide([settledPk, markPk(), ...ids.map(markPk)], lanes, async (pk) => {
    await table.removeMany((await table.all({ pk, filter, only: keyNames })).map(keyIn));
  });
  await probes.forget(Math.floor(nowMs / 1000));
  return counts.reduce((sum, count) => sum + count, 0);
};
