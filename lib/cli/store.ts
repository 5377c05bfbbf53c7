import { join, resolve } from 'node:path';
import type { Plan } from '../config/plan.ts';
import { cadenceMs } from '../config/schedule.ts';
import { openSqliteStore } from '../local/sqlite.ts';
import type { Store } from '../result/store.ts';
import { systemClock } from './clock.ts';
import type { Terminal } from './terminal.ts';

/** Default of `--data`. */
export const defaultDataFolder = '.plimsoll';

/** Opens the embedded store of a data folder, making both where they are missing. */
export const openLocalStore = (folder: string, plan: Plan, terminal: Terminal): Promise<Store> => {
  const cadences = new Map(
    plan.probes.flatMap((probe) => (probe.schedule ? [[probe.id, cadenceMs(probe.schedule)] as const] : [])),
  );
  return openSqliteStore({
    path: join(resolve(terminal.cwd, folder), 'plimsoll.db'),
    clock: systemClock,
    cadenceMs: (probe) => cadences.get(probe),
  });
};
