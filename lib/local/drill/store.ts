import type { Json } from '../../config/plan.ts';
import type { DrillStore } from '../../drill/ports.ts';
import type { Clock } from '../../probe/prober.ts';
import { naming } from '../sqlite/errors.ts';
import { openDatabase } from '../sqlite/open.ts';
import { locksOf } from './store/locks.ts';
import { partsOf } from './store/parts.ts';
import { reportsOf } from './store/reports.ts';
import { killSwitchOf } from './store/switch.ts';

export type LocalDrillStoreOptions = {
  /** The file of the runs: `.plimsoll/plimsoll.db`. */
  readonly path: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Whether the process of a run is alive: a run whose process is not is an orphan at once, lease or no lease. */
  readonly isAlive: (runId: string) => boolean;
  /** How long a write waits for another process. Default 5,000. */
  readonly busyTimeoutMs?: number;
};

export type LocalDrillStore = DrillStore & {
  /** One part of a record as it was put. */
  part(runId: string, part: string): Promise<Json | undefined>;
  /** Who holds the lock of a target, lease or no lease. */
  holder(target: string): Promise<string | undefined>;
  close(): Promise<void>;
};

/**
 * Keeps drills in the file of the runs. Each call is one transaction, synced before it answers: a runner that is killed
 * leaves what it was told was written. @throws StoreError, also from every method.
 */
export const openLocalDrillStore = async (options: LocalDrillStoreOptions): Promise<LocalDrillStore> => {
  const { path, clock, isAlive, busyTimeoutMs = 5000 } = options;
  const database = openDatabase(path, busyTimeoutMs);
  return {
    ...partsOf(database, path),
    ...locksOf(database, path, { clock, isAlive }),
    ...reportsOf(database, path),
    ...killSwitchOf(database, path),
    close: async () => {
      if (database.isOpen) naming(path, () => database.close());
    },
  };
};
