/**
 * A process that writes parts of a drill's record until it is killed: `part-writer.ts PATH RUN`. It prints the number of
 * each part once the store has acknowledged it.
 */
import { writeSync } from 'node:fs';
import { openLocalDrillStore } from '../../../lib/local/drill/store.ts';

const [path = '', run = ''] = process.argv.slice(2);
const store = await openLocalDrillStore({ path, clock: { now: () => Date.now() }, isAlive: () => true });
await store.acquire('notes', run, 60_000);
for (let n = 0; ; n += 1) {
  await store.put(run, `part/${n}`, { n, text: 'x'.repeat(200) });
  writeSync(1, `${n}\n`);
}
