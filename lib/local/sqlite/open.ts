import { closeSync, existsSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { naming, newerError, storeError } from './errors.ts';
import { migrations } from './migrations.ts';

/** "Plim", in the four bytes that SQLite keeps for the owner of a file. */
export const applicationId = 0x506c_696d;

/** Ours is its owner's alone, as evidence may be confidential; one that was there is left as it is. */
const makeFolder = (folder: string): void => {
  const isNew = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  const ignore = join(folder, '.gitignore');
  // Whoever commits the project does not want its measurements in it.
  if ((isNew || basename(folder) === '.plimsoll') && !existsSync(ignore)) writeFileSync(ignore, '*\n');
};

const headerOf = (path: string): Buffer => {
  // Made here, for its mode: SQLite would let everybody read it.
  const file = openSync(path, existsSync(path) ? 'r' : 'a+', 0o600);
  try {
    const header = Buffer.alloc(100);
    return header.subarray(0, readSync(file, header, 0, header.length, 0));
  } finally {
    closeSync(file);
  }
};

type Stamp = { readonly owner: number; readonly version: number };

const assertOurs = (path: string, { owner, version }: Stamp): void => {
  if (owner !== applicationId) throw storeError('not-a-store', path);
  if (version > migrations.length) throw newerError(path, version, migrations.length);
};

/**
 * Looks before SQLite does, which would leave its side files beside a file that is not ours. A file that is half made
 * (its journal lies beside it) is SQLite's to repair first.
 */
const assertUsable = (path: string): void => {
  const header = headerOf(path);
  if (header.length === 0 || existsSync(`${path}-journal`)) return;
  // https://sqlite.org/fileformat2.html#the_database_header
  if (header.length < 100 || header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
    throw storeError('not-a-store', path);
  assertOurs(path, { owner: header.readUInt32BE(68), version: header.readUInt32BE(60) });
};

const pragma = (database: DatabaseSync, name: string): number =>
  Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);

const stampOf = (database: DatabaseSync): Stamp => ({
  owner: pragma(database, 'application_id'),
  version: pragma(database, 'user_version'),
});

const isEmpty = (database: DatabaseSync): boolean =>
  database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;

/** All steps that are missing, or none: two processes that open a new store at once make it once. */
const migrate = (database: DatabaseSync, path: string): void => {
  const stamp = stampOf(database);
  if (!(stamp.owner === 0 && stamp.version === 0 && isEmpty(database))) assertOurs(path, stamp);
  for (const step of migrations.slice(stamp.version)) database.exec(step);
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`);
};

/** Runs work as one transaction that no other writer can step into; undone whole when it throws. */
export const transact = <T>(database: DatabaseSync, work: () => T): T => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const answer = work();
    database.exec('COMMIT');
    return answer;
  } catch (error) {
    // A full disk has already rolled it back.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

const prepareDatabase = (database: DatabaseSync, path: string, durable: boolean): void => {
  const isOld = stampOf(database).version < migrations.length;
  if (isOld) transact(database, () => migrate(database, path));
  assertOurs(path, stampOf(database));
  // FULL: what was acknowledged survives a power cut, not only a kill.
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'FULL' : 'OFF'}`);
  // The look at the header must find the new version in the file itself, not in its WAL.
  if (isOld) database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
};

/**
 * Opens the file, making it and its folder where they are missing and bringing an older layout up to date.
 *
 * @throws StoreError; the file is then as it was.
 */
export const openDatabase = (path: string, busyTimeoutMs: number, durable = true): DatabaseSync =>
  naming(path, () => {
    makeFolder(dirname(path));
    assertUsable(path);
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
    try {
      prepareDatabase(database, path, durable);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
