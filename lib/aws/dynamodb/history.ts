import { observationOf } from '../../judge/observation.ts';
import type { Store } from '../../result/store.ts';
import { timeOf } from '../../result/values.ts';
import type { Item } from './items.ts';
import { between, keyIn, keyNames, runPk } from './keys.ts';
import type { Parts } from './parts.ts';
import { byStart, isOver, readBrief, runIdIn } from './run-item.ts';

/** Documents read at once: of some kilobytes each. */
const batchSize = 100;

/** What sorts a run, and no document: some hundred bytes each. */
const brief: readonly string[] = [...keyNames, 'runId', 'startedAt', 'expiresAt'];

/**
 * Runs of a probe as the judge saw them. Their keys are read first, for the order in which they were judged is not that of
 * their slots; then their documents, some at a time: years of them take little memory.
 */
export const historyOf = ({ table, samples, clock }: Parts): Pick<Store, 'history'> => {
  const keysOf = async (probe: string, from?: string, to?: string): Promise<readonly Item[]> => {
    const range = between(
      from === undefined ? undefined : timeOf('from', from),
      to === undefined ? undefined : timeOf('to', to),
    );
    const found = range ? await table.all({ pk: runPk(probe), range, only: brief }) : [];
    return found.filter((item) => !isOver(item, 'expiresAt', clock.now())).toSorted(byStart);
  };
  return {
    history: async function* (probe, { from, to } = {}) {
      const found = await keysOf(probe, from, to);
      for (let n = 0; n < found.length; n += batchSize) {
        const batch = found.slice(n, n + batchSize);
        const items = new Map((await table.getMany(batch.map(keyIn))).map((item) => [runIdIn(item), item]));
        for (const each of batch) {
          // One that was pruned meanwhile is left out.
          const item = items.get(runIdIn(each));
          if (item) yield observationOf(await readBrief(item, samples));
        }
      }
    },
  };
};
