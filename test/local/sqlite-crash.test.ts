import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeStoreFolder } from '../support/store-folder.ts';
import { writtenRun } from '../support/written-run.ts';

const writerFile = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url));
const kills = 50;
const killsInsideAWrite = 10;

/** A writer in a process of its own, and the numbers of the runs that its store has acknowledged. */
const startWriter = (path: string, prefix: string, count: number) => {
  const child: ChildProcess = spawn(process.execPath, [writerFile, path, prefix, String(count)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let out = '';
  let complaints = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  // A line that was cut was never read as an acknowledgement by anybody.
  const lines = () => out.split('\n').slice(0, -1);
  const acknowledged = () =>
    lines()
      .filter((line) => !line.startsWith('>'))
      .map(Number);
  return {
    child,
    ended,
    acknowledged,
    /** It had handed a run to the store, and the store had not answered. */
    insideAWrite: () => lines().at(-1)?.startsWith('>') ?? false,
    complaints: () => complaints,
    /** It has handed so many runs to the store, or ended. */
    wrote: async (runs: number) => {
      while (lines().filter((line) => line.startsWith('>')).length < runs && child.exitCode === null) await delay(2);
    },
  };
};

describe('a store whose writer is killed', () => {
  let place: ReturnType<typeof makeStoreFolder>;
  beforeEach(() => {
    place = makeStoreFolder();
  });
  afterEach(() => place.remove());

  const integrity = () => {
    const database = new DatabaseSync(place.path);
    const answer = [
      ...database.prepare('PRAGMA integrity_check').all(),
      ...database.prepare('PRAGMA foreign_key_check').all(),
    ];
    database.close();
    return answer;
  };

  it(`is sound, and holds every acknowledged run whole, ${kills} times over`, async () => {
    let total = 0;
    let inside = 0;
    for (let round = 0; round < kills; round += 1) {
      const writer = startWriter(place.path, `round-${round}`, 1_000_000);
      // The very first round may die while it makes the store.
      await (round === 0 ? delay(100 + Math.random() * 200) : writer.wrote(1 + (round % 4)));
      await delay(Math.random() * 60);
      writer.child.kill('SIGKILL');
      await writer.ended;
      expect(writer.complaints()).toBe('');

      const store = await place.open();
      for (const n of writer.acknowledged()) {
        const expected = writtenRun(`round-${round}`, n);
        expect(await store.get(expected.run.runId)).toEqual(expected);
      }
      const stored = await store.list({ probe: `round-${round}`, limit: 1_000_000, order: 'oldest' });
      // One more may be there than was acknowledged: written, and killed before it could say so. It is whole too.
      expect(stored.length - writer.acknowledged().length).toBeOneOf([0, 1]);
      for (const run of stored.slice(-1))
        expect(await store.get(run.runId)).toEqual(writtenRun(run.probe, stored.length - 1));
      await store.close();
      expect(integrity()).toEqual([{ integrity_check: 'ok' }]);
      total += stored.length;
      inside += writer.insideAWrite() ? 1 : 0;
    }
    expect(total).toBeGreaterThan(kills);
    expect(inside).toBeGreaterThanOrEqual(killsInsideAWrite);
  });

  it('loses nothing to a second process that makes and writes it at the same time', async () => {
    const writers = ['left', 'right'].map((prefix) => startWriter(place.path, prefix, 150));
    await Promise.all(writers.map((writer) => writer.ended));
    expect(writers.map((writer) => writer.complaints())).toEqual(['', '']);
    expect(writers.map((writer) => writer.acknowledged().length)).toEqual([150, 150]);
    const store = await place.open();
    for (const prefix of ['left', 'right']) {
      const stored = await store.list({ probe: prefix, limit: 1000, order: 'oldest' });
      expect(stored).toEqual(Array.from({ length: 150 }, (_, n) => writtenRun(prefix, n).run));
    }
    await store.close();
    expect(integrity()).toEqual([{ integrity_check: 'ok' }]);
  });

  it('would be found out: a run that was acknowledged and is gone is missed', async () => {
    const writer = startWriter(place.path, 'planted', 5);
    await writer.ended;
    const database = new DatabaseSync(place.path);
    database.exec('DELETE FROM runs WHERE run_id = (SELECT max(run_id) FROM runs)');
    database.close();
    const store = await place.open();
    const found = await Promise.all(writer.acknowledged().map((n) => store.get(writtenRun('planted', n).run.runId)));
    expect(found.filter((each) => each === undefined)).toHaveLength(1);
    await store.close();
  });
});
