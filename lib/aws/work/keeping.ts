import { cadenceMs } from '../../config/schedule.ts';
import type { DeployedService } from '../../dispatch/deployed.ts';
import type { WorkItem } from '../../dispatch/message.ts';
import type { Clock } from '../../probe/prober.ts';
import type { Retention } from '../../result/retention.ts';
import type { Store } from '../../result/store.ts';
import { lazyStore } from '../lazy-store.ts';
import { once } from '../once.ts';
import type { LeftSamples } from '../samples.ts';

/** A store, and the raw samples that it leaves to be written together. */
export type Kept = {
  readonly store: Store;
  /** Tries for so long at most, and answers what could not be written. */
  readonly flush: (budgetMs: number) => Promise<readonly LeftSamples[]>;
};

export type OpenKept = (options: {
  readonly clock: Clock;
  readonly retention?: Retention;
  readonly cadenceMs: (probe: string) => number | undefined;
}) => Promise<Kept>;

/** Where the runs of a message are kept. */
export type Keeping = Kept & {
  /** This run was stored here and now: it is no duplicate of one that somebody else measured. */
  readonly isNew: (runId: string) => boolean;
};

const cadencesOf = (items: readonly WorkItem[]): ReadonlyMap<string, number> =>
  new Map(items.flatMap(({ probe }) => (probe.schedule ? [[probe.id, cadenceMs(probe.schedule)] as const] : [])));

export const openKeeping = (
  openKept: OpenKept,
  { retention }: Pick<DeployedService, 'retention'>,
  items: readonly WorkItem[],
  clock: Clock,
): Keeping => {
  const cadences = cadencesOf(items);
  const stored = new Set<string>();
  let opened = false;
  const open = once(() => {
    opened = true;
    return openKept({ clock, cadenceMs: (probe) => cadences.get(probe), ...(retention ? { retention } : {}) });
  });
  const store = lazyStore(async () => (await open()).store);
  return {
    store: {
      ...store,
      put: async (run) => {
        const outcome = await store.put(run);
        if (outcome === 'stored') stored.add(run.run.runId);
        return outcome;
      },
    },
    isNew: (runId) => stored.has(runId),
    flush: async (budgetMs) => (opened ? (await open()).flush(budgetMs) : []),
  };
};
