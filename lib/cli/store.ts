import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plan } from '../config/plan.ts';
import { cadenceOf } from '../config/schedule.ts';
import { openSqliteStore } from '../local/sqlite.ts';
import type { Store } from '../result/store.ts';
import { systemClock } from './clock.ts';
import type { Terminal } from './terminal.ts';

/** Default of `--config`. */
export const defaultConfigFile = 'plimsoll.config.ts';

/** Default of `--data`. */
export const defaultDataFolder = '.plimsoll';

const fileOf = (folder: string, { cwd }: Terminal): string => join(resolve(cwd, folder), 'plimsoll.db');

/** Whether a data folder has a store; looking makes none. */
export const hasLocalStore = (folder: string, terminal: Terminal): boolean => existsSync(fileOf(folder, terminal));

/**
 * Opens the embedded store of a data folder, making both where they are missing. `plan`: the one of the moment; how long
 * things are kept is what it said when the store was opened.
 */
export const openLocalStore = (folder: string, plan: () => Plan, terminal: Terminal): Promise<Store> =>
  openSqliteStore({
    path: fileOf(folder, terminal),
    clock: systemClock,
    retention: plan().retention,
    cadenceMs: (id) => cadenceOf(plan(), id),
  });
