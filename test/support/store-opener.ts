/**
 * Tries to open a store and to write to it, as somebody who is not root: `store-opener.ts PATH`. Prints the error as
 * JSON. Everything is loaded first, since that somebody may not read this repository.
 */
import { writeSync } from 'node:fs';
import { openSqliteStore, StoreError } from '../../lib/local/sqlite.ts';
import { makeStoredRun } from './runs.ts';

const nobody = 65_534;
if (process.getuid?.() === 0) {
  process.setgroups?.([nobody]);
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
}
try {
  const store = await openSqliteStore({ path: process.argv[2] ?? '', clock: { now: () => 0, monotonic: () => 0 } });
  await store.put(makeStoredRun());
  writeSync(1, '{"problem":null}');
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  writeSync(1, JSON.stringify({ problem: error.problem, message: error.message }));
}
