/**
 * A process that writes runs until it has written `count` or is killed: `store-writer.ts PATH PREFIX COUNT`. It prints
 * the number of each run with a `>` as it hands it to the store, and bare once the store has acknowledged it.
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../lib/local/sqlite.ts';
import { writtenRun } from './written-run.ts';

const [path = '', prefix = '', count = '0'] = process.argv.slice(2);
const store = await openSqliteStore({ path, clock: { now: () => Date.now(), monotonic: () => performance.now() } });
for (let n = 0; n < Number(count); n += 1) {
  writeSync(1, `>${n}\n`);
  if ((await store.put(writtenRun(prefix, n))) !== 'stored') throw new Error(`run ${n} of ${prefix} was there already`);
  writeSync(1, `${n}\n`);
}
await store.close();
