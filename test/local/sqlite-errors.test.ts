import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { naming } from '../../lib/local/sqlite/errors.ts';
import { migrations } from '../../lib/local/sqlite/migrations.ts';
import type { StoreError, StoreProblem } from '../../lib/local/sqlite.ts';
import { makeStoredRun } from '../support/runs.ts';
import { makeStoreFolder } from '../support/store-folder.ts';

describe('a store that cannot be used', () => {
  let place: ReturnType<typeof makeStoreFolder>;
  beforeEach(() => {
    place = makeStoreFolder();
    mkdirSync(dirname(place.path));
  });
  afterEach(() => place.remove());

  const opener = fileURLToPath(new URL('../support/store-opener.ts', import.meta.url));
  const tryAsNobody = (path: string): { readonly problem: StoreProblem | null; readonly message: string } =>
    JSON.parse(execFileSync(process.execPath, [opener, path], { encoding: 'utf8' }));

  const fill = async (runs = 50): Promise<void> => {
    const store = await place.open();
    for (let n = 0; n < runs; n += 1) await store.put(makeStoredRun({ probe: `probe-${n}` }));
    await store.close();
  };

  const edit = (sql: string): void => {
    const database = new DatabaseSync(place.path);
    database.exec(sql);
    database.close();
  };

  const folderNow = () => readdirSync(dirname(place.path)).filter((name) => name !== '.gitignore');
  const refusal = async (): Promise<StoreError> => {
    const before = readFileSync(place.path);
    const error: unknown = await place.open().then(
      () => new Error('it opened'),
      (reason: unknown) => reason,
    );
    expect(readFileSync(place.path).equals(before), 'the file is untouched').toBe(true);
    expect(folderNow()).toEqual(['plimsoll.db']);
    return error as StoreError;
  };

  it.each([
    ['garbage', Buffer.from('this is no database, whatever it is called. '.repeat(100))],
    ['zeros', Buffer.alloc(8192)],
    ['one byte', Buffer.from('S')],
    ['half a header', Buffer.from('SQLite format 3\0')],
  ])('is refused when it is %s', async (_, content) => {
    writeFileSync(place.path, content);
    expect(await refusal()).toMatchObject({
      name: 'StoreError',
      problem: 'not-a-store',
      path: place.path,
      message: `${place.path} is not a Plimsoll store; move it away or choose another --data folder`,
    });
  });

  it.each([
    ['with an owner', 'PRAGMA application_id = 42; CREATE TABLE theirs (a)'],
    ['without one', 'CREATE TABLE theirs (a)'],
    ['with a version', 'PRAGMA user_version = 1; CREATE TABLE theirs (a)'],
  ])("is refused when it is somebody else's database, %s", async (_, sql) => {
    edit(sql);
    expect(await refusal()).toMatchObject({ problem: 'not-a-store' });
  });

  it('is refused when a newer version wrote it', async () => {
    await fill(1);
    edit('PRAGMA user_version = 99');
    expect(await refusal()).toMatchObject({
      problem: 'newer',
      message: `the store ${place.path} was written by a newer Plimsoll (its layout is version 99, this one knows ${migrations.length}); upgrade Plimsoll or choose another --data folder`,
    });
  });

  it.each([100, 4096, 40_960])('is refused when it was cut to %d bytes', async (size) => {
    await fill();
    truncateSync(place.path, size);
    expect(await refusal()).toMatchObject({
      problem: 'corrupt',
      message: `the store ${place.path} is damaged; move it away (a new one is made) or restore a backup`,
    });
  });

  it('says so when a table is gone', async () => {
    await fill(1);
    edit('DROP TABLE samples');
    await expect(place.open()).rejects.toMatchObject({ problem: 'corrupt' });
  });

  it('says so when a page inside is damaged', async () => {
    await fill();
    const bytes = readFileSync(place.path);
    bytes.fill(0xa5, 4096 * 2);
    writeFileSync(place.path, bytes);
    const read = async () => {
      const store = await place.open();
      try {
        await store.list();
      } finally {
        await store.close();
      }
    };
    await expect(read()).rejects.toMatchObject({ problem: 'corrupt' });
  });

  it('says so when what a row holds is damaged', async () => {
    await fill(1);
    const { runId } = makeStoredRun({ probe: 'probe-0' }).run;
    edit("UPDATE samples SET passes = x'1f8b0800ff'");
    const store = await place.open();
    await expect(store.get(runId)).rejects.toMatchObject({ problem: 'corrupt' });
    edit("UPDATE runs SET document = '{'");
    await expect(store.list()).rejects.toMatchObject({ problem: 'corrupt' });
    await store.close();
  });

  it('says so when another process holds the lock for too long, and works again afterwards', async () => {
    await fill(1);
    const store = await place.open({ busyTimeoutMs: 10 });
    const other = new DatabaseSync(place.path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.put(makeStoredRun())).rejects.toMatchObject({
      problem: 'locked',
      message: `the store ${place.path} is locked by another process; wait for it to finish or choose another --data folder`,
    });
    other.exec('ROLLBACK');
    other.close();
    expect(await store.put(makeStoredRun())).toBe('stored');
    await store.close();
  });

  it('says so when the disk is full', () => {
    const database = new DatabaseSync(place.path);
    database.exec('CREATE TABLE t (a); PRAGMA max_page_count = 3');
    const overfill = () => naming(place.path, () => database.exec('INSERT INTO t VALUES (zeroblob(100000))'));
    expect(overfill).toThrow(`no space left for the store ${place.path}; free some disk space and run again`);
    database.close();
  });

  it('says so when its path is a folder, or leads through a file', async () => {
    mkdirSync(place.path);
    await expect(place.open()).rejects.toMatchObject({ problem: 'not-a-store' });
    writeFileSync(`${place.folder}/file`, '');
    await expect(place.open({ path: `${place.folder}/file/plimsoll.db` })).rejects.toMatchObject({
      problem: 'not-a-store',
    });
  });

  it('lets a fault of our own code through as it is', () => {
    expect(() => naming(place.path, () => undefined as unknown as string[]).at(0)).toThrow(TypeError);
    expect(() =>
      naming(place.path, () => {
        throw new RangeError('ours');
      }),
    ).toThrow(new RangeError('ours'));
  });

  describe.skipIf(process.platform === 'win32')('without permission', () => {
    afterEach(() => chmodSync(dirname(place.path), 0o700));
    const sentence = () =>
      `the store ${place.path} cannot be written; give yourself write permission or choose another --data folder`;

    it('is not made in a read-only folder, and leaves nothing there', () => {
      chmodSync(place.folder, 0o755);
      chmodSync(dirname(place.path), 0o555);
      expect(tryAsNobody(place.path)).toEqual({ problem: 'readonly', message: sentence() });
      expect(readdirSync(dirname(place.path))).toEqual([]);
    });

    it('is not written in a read-only folder, and stays as it was', async () => {
      await fill(1);
      const before = readFileSync(place.path);
      chmodSync(place.folder, 0o755);
      chmodSync(place.path, 0o444);
      chmodSync(dirname(place.path), 0o555);
      expect(tryAsNobody(place.path)).toEqual({ problem: 'readonly', message: sentence() });
      expect(readFileSync(place.path).equals(before)).toBe(true);
      expect(existsSync(`${place.path}-wal`)).toBe(false);
    });

    it('is made where there is permission', () => {
      // The check can say yes: the same somebody, in a folder of theirs.
      chmodSync(place.folder, 0o755);
      if (process.getuid?.() === 0) chownSync(dirname(place.path), 65_534, 65_534);
      expect(tryAsNobody(place.path)).toEqual({ problem: null });
    });
  });
});
