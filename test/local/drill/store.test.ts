import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLocalDrillStore } from '../../../lib/local/drill/store.ts';
import { drillReport } from '../../support/drill/reports.ts';
import { beginRun, itKeepsDrills } from '../../support/drill/store-contract.ts';
import { fresh } from '../../support/fresh.ts';
import { makeStoreFolder } from '../../support/store-folder.ts';

const writerFile = join(import.meta.dirname, '../../support/drill/part-writer.ts');

describe('the store of drills', () => {
  const desk = fresh(async () => {
    const place = makeStoreFolder();
    const alive = new Set<string>();
    const time = { nowMs: 1_000_000 };
    const open = () =>
      openLocalDrillStore({ path: place.path, clock: { now: () => time.nowMs }, isAlive: (run) => alive.has(run) });
    const store = await open();
    return { ...place, alive, time, store, again: open, close: () => store.close().then(place.remove) };
  });

  const begin = (runId: string) => beginRun(desk(), runId);

  itKeepsDrills(desk);

  it('finds runs whose process is dead or whose lease is over, and no other', async () => {
    const { store, alive, time } = desk();
    for (const run of ['dead', 'early', 'late', 'done', 'stuck']) await begin(run);
    for (const run of ['early', 'late', 'done']) alive.add(run);
    await store.acquire('a', 'late', 1000);
    await store.publish(drillReport({ run: 'done' }));
    await store.publish(drillReport({ run: 'stuck', previous: 'aa', hash: 'bb' }));
    await store.acquire('b', 'stuck', 5000);
    expect(await store.orphans()).toEqual(['dead', 'stuck']);
    time.nowMs += 1000;
    expect(await store.orphans()).toEqual(['dead', 'late', 'stuck']);
  });

  it('holds every part that it acknowledged to a writer that is killed, ten times over', async () => {
    const { path, again } = desk();
    for (let round = 0; round < 10; round += 1) {
      const run = `round-${round}`;
      const child = spawn(process.execPath, [writerFile, path, run], { stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      let out = '';
      const some = new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk) => {
          out += chunk;
          if (out.length > 10 + 7 * round) resolve();
        });
      });
      const ended = once(child, 'close');
      await some;
      child.kill('SIGKILL');
      await ended;
      const acknowledged = out.split('\n').slice(0, -1).map(Number);
      const store = await again();
      for (const n of acknowledged) expect(await store.part(run, `part/${n}`)).toMatchObject({ n });
      expect(await store.orphans()).toContain(run);
      await store.release('notes', run, round + 1);
      await store.close();
    }
    const database = new DatabaseSync(path);
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  });
});
