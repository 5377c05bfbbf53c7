import type { DatabaseSync } from 'node:sqlite';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Clock } from '../probe/prober.ts';
import type { Pass, Run } from '../result/result.ts';
import { defaultRetention, expiryOf, type Retention } from '../result/retention.ts';
import type { SketchData } from '../result/sketch.ts';
import type { Store, StoredRun } from '../result/store.ts';
import { runTime } from '../result/values.ts';
import { naming } from './sqlite/errors.ts';
import { eventsOf } from './sqlite/events.ts';
import { historyOf } from './sqlite/history.ts';
import { baselinesOf, marksOf, memoriesOf } from './sqlite/judge.ts';
import { openDatabase, transact } from './sqlite/open.ts';
import * as statements from './sqlite/statements.ts';

export { StoreError, type StoreProblem } from './sqlite/errors.ts';

export type SqliteStoreOptions = {
  /** The file, made with its folder where missing: `.plimsoll/plimsoll.db`. */
  readonly path: string;
  readonly clock: Clock;
  /** Default: runs 90 days or 200 cadences, samples 400 days. */
  readonly retention?: Retention;
  /** Time between two runs of a probe, if it has a schedule: what its retention is reckoned by. */
  readonly cadenceMs?: (probe: string) => number | undefined;
  /** How long a write waits for another process. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** Whether what was acknowledged survives a power cut. Default: it does; a store that is thrown away need not wait. */
  readonly durable?: boolean;
};

type Row = ReturnType<ReturnType<DatabaseSync['prepare']>['get']>;

const readJson = <T>(row: Row, column: string): T => JSON.parse(String(row?.[column]));

const packPasses = (passes: readonly Pass[]): Uint8Array =>
  gzipSync(passes.map((pass) => `${JSON.stringify(pass)}\n`).join(''));

const unpackPasses = (row: Row): readonly Pass[] => {
  const packed = row?.passes;
  if (!(packed instanceof Uint8Array)) return [];
  const lines = gunzipSync(packed).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line): Pass => JSON.parse(line));
};

/** Everything that takes time or can fail on its own account happens before the lock is taken. */
const rowsOf = ({ run, sketches, passes }: StoredRun, options: SqliteStoreOptions) => {
  const { retention = defaultRetention, cadenceMs, clock } = options;
  const slot = runTime(run, 'slot');
  const { runAt, samplesAt } = expiryOf(retention, slot, cadenceMs?.(run.probe));
  const { runId, probe, region, status, verdict } = run;
  const startedAt = runTime(run, 'startedAt');
  const times = [startedAt, clock.now(), runAt].map(Math.round);
  return {
    run: [runId, probe, slot, region, status, verdict, ...times, JSON.stringify(run)],
    sketches: Object.entries(sketches).map(([series, data]) => [runId, series, JSON.stringify(data)]),
    samples: [runId, Math.round(samplesAt), packPasses(passes)],
  };
};

const writerOf = (database: DatabaseSync, options: SqliteStoreOptions) => {
  const insertRun = database.prepare(statements.insertRun);
  const insertSketch = database.prepare(statements.insertSketch);
  const insertSamples = database.prepare(statements.insertSamples);
  return (stored: StoredRun): 'stored' | 'duplicate' => {
    const rows = rowsOf(stored, options);
    return transact(database, () => {
      if (insertRun.run(...rows.run).changes === 0) return 'duplicate';
      for (const sketch of rows.sketches) insertSketch.run(...sketch);
      insertSamples.run(...rows.samples);
      return 'stored';
    });
  };
};

const readerOf = (database: DatabaseSync) => {
  const selectRun = database.prepare(statements.selectRun);
  const selectSketches = database.prepare(statements.selectSketches);
  return (runId: string): StoredRun | undefined => {
    const row = selectRun.get(runId);
    if (!row) return undefined;
    const sketches = selectSketches.all(runId).map((each) => [String(each.series), readJson<SketchData>(each, 'data')]);
    return { run: readJson<Run>(row, 'document'), sketches: Object.fromEntries(sketches), passes: unpackPasses(row) };
  };
};

const prune = (database: DatabaseSync, now: number, { runsMs }: Retention): number =>
  transact(database, () => {
    database.prepare(statements.deleteSamples).run(now);
    database.prepare(statements.deleteEvents).run(now);
    database.prepare(statements.deleteMarks).run(now - runsMs);
    return Number(database.prepare(statements.deleteRuns).run(now).changes);
  });

/** Here a file shows that lacks a table. */
const prepareAll = (database: DatabaseSync, options: SqliteStoreOptions) => {
  try {
    return naming(options.path, () => ({
      write: writerOf(database, options),
      read: readerOf(database),
      selectLatest: database.prepare(statements.selectLatest),
      memories: memoriesOf(database, options.path),
      baselines: baselinesOf(database, options.path),
      marks: marksOf(database, options.path),
      history: historyOf(database, options.path),
      events: eventsOf(database, options.path, (options.retention ?? defaultRetention).runsMs),
    }));
  } catch (error) {
    database.close();
    throw error;
  }
};

/**
 * The embedded store: one SQLite file, shared by any number of processes. Each run is one transaction, synced before
 * it is acknowledged. SQLite is synchronous: never write while a sample is in flight.
 *
 * @throws StoreError (also from every method) when the file or the disk is to blame.
 */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<Store> => {
  const { path, busyTimeoutMs = 5000, durable = true } = options;
  const database = openDatabase(path, busyTimeoutMs, durable);
  const { write, read, selectLatest, ...parts } = prepareAll(database, options);
  const readRun = (row: Row) => readJson<Run>(row, 'document');
  return {
    put: async (stored) => naming(path, () => write(stored)),
    get: async (runId) => naming(path, () => read(runId)),
    list: async (query = {}) => {
      const { sql, values } = statements.selectRuns(query);
      return naming(path, () =>
        database
          .prepare(sql)
          .all(...values)
          .map(readRun),
      );
    },
    latest: async () => naming(path, () => selectLatest.all().map(readRun)),
    ...parts.memories,
    ...parts.baselines,
    ...parts.marks,
    ...parts.events,
    ...parts.history,
    prune: async (now) => naming(path, () => prune(database, now, options.retention ?? defaultRetention)),
    close: async () => {
      if (database.isOpen) naming(path, () => database.close());
    },
  };
};
