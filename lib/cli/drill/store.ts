import { join, resolve } from 'node:path';
import { isRunAlive } from '../../local/drill/presence.ts';
import { type LocalDrillStore, openLocalDrillStore } from '../../local/drill/store.ts';
import { systemClock } from '../clock.ts';
import type { Terminal } from '../terminal.ts';

/** Opens what drills write down, in the file of the runs of a data folder. */
export const openDrillStore = (folder: string, { cwd }: Terminal): Promise<LocalDrillStore> => {
  const data = resolve(cwd, folder);
  const isAlive = (runId: string) => isRunAlive(data, runId);
  return openLocalDrillStore({ path: join(data, 'plimsoll.db'), clock: systemClock, isAlive });
};
