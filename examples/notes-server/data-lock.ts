import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Two writers on one log would tear it. SQLite's file lock is used because the kernel lets go of it when the process
 * dies, SIGKILL included, so that a restart never meets a stale lock.
 * @throws Error in plain words when another server holds the folder.
 */
export function lockDataDir(dataDir: string): { release(): void } {
  mkdirSync(dataDir, { recursive: true });
  const database = new DatabaseSync(join(dataDir, 'lock.sqlite'), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch {
    database.close();
    throw new Error(`the data folder ${dataDir} is in use by another notes server; stop it or choose another --data`);
  }
  return { release: () => database.close() };
}
