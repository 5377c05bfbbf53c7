import { DatabaseSync } from 'node:sqlite';
import { naming } from './sqlite/errors.ts';

/** SQLITE_BUSY. */
const busy = 5;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === busy;

/**
 * Takes a lock file for as long as this process lives: a killed one leaves nothing locked, for the lock is the kernel's.
 * Answers how to release it, or `undefined` when another process has it.
 *
 * @throws StoreError when the folder or the disk is to blame.
 */
export const lockFile = (path: string): (() => void) | undefined =>
  naming(path, () => {
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      // Node has no file locks of its own; SQLite's are the operating system's.
      database.exec('BEGIN EXCLUSIVE');
      return () => database.close();
    } catch (error) {
      database.close();
      if (isBusy(error)) return undefined;
      throw error;
    }
  });
