import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore, type SqliteStoreOptions } from '../../lib/local/sqlite.ts';

const weekMs = 7 * 86_400_000;

/** A folder of its own for a store, and the way to open it. */
export const makeStoreFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-store-'));
  const path = join(folder, '.plimsoll', 'plimsoll.db');
  const clock = { now: () => Date.UTC(2026, 0, 31), monotonic: () => 0 };
  return {
    folder,
    path,
    open: (options: Partial<SqliteStoreOptions> = {}) =>
      openSqliteStore({ path, clock, cadenceMs: (probe) => (probe === 'weekly' ? weekMs : undefined), ...options }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
