import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../../lib/local/sqlite/migrations.ts';
import { applicationId } from '../../lib/local/sqlite/open.ts';
import * as statements from '../../lib/local/sqlite/statements.ts';
import { makeBaseline, makeEvent, makeState, makeStep } from '../support/alarms.ts';
import { makeStoredRun } from '../support/runs.ts';
import { describeStoreContract } from '../support/store-contract.ts';
import { makeStoreFolder } from '../support/store-folder.ts';

describeStoreContract('the embedded store', async () => {
  const place = makeStoreFolder();
  let store = await place.open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await place.open();
      return store;
    },
    cleanup: async () => {
      await store.close();
      place.remove();
    },
  };
});

describe('the embedded store', () => {
  let place: ReturnType<typeof makeStoreFolder>;
  beforeEach(() => {
    place = makeStoreFolder();
  });
  afterEach(() => place.remove());

  const inspect = <T>(look: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(place.path);
    try {
      return look(database);
    } finally {
      database.close();
    }
  };

  it('makes its folder for its owner alone, and keeps it out of version control', async () => {
    await (await place.open()).close();
    const folder = `${place.folder}/.plimsoll`;
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(place.path).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${folder}/.gitignore`, 'utf8')).toBe('*\n');
  });

  it('writes no .gitignore into a folder that was there', async () => {
    await (await place.open({ path: `${place.folder}/plimsoll.db` })).close();
    expect(existsSync(`${place.folder}/.gitignore`)).toBe(false);
  });

  it('says in the file whose it is and at which version', async () => {
    await (await place.open()).close();
    const header = readFileSync(place.path);
    expect(header.toString('latin1', 68, 72)).toBe('Plim');
    expect(header.readUInt32BE(60)).toBe(migrations.length);
    expect(inspect((database) => database.prepare('PRAGMA journal_mode').get())).toEqual({ journal_mode: 'wal' });
  });

  /** A file as an older version of us left it. */
  const makeOld = async (version: number, fill: (database: DatabaseSync) => void): Promise<void> => {
    await (await place.open()).close();
    rmSync(place.path);
    inspect((database) => {
      for (const step of migrations.slice(0, version)) database.exec(step);
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
      fill(database);
    });
  };

  it('brings a store of the first layout up to date, and loses nothing', async () => {
    const { run } = makeStoredRun();
    await makeOld(1, (database) => {
      const insert = database.prepare(statements.insertRun);
      insert.run(run.runId, run.probe, Date.parse(run.slot), 'local', 'done', 'pass', 0, 0, 1e13, JSON.stringify(run));
    });
    const store = await place.open();
    expect([await store.list(), await store.states()]).toEqual([[run], []]);
    const step = { ...makeStep(makeState('a', '2026-01-01T00:00:00Z'), makeEvent('one')), baseline: makeBaseline('a') };
    expect(await store.advance(step)).toBe('stored');
    await store.close();
  });

  it('takes over the states of the second layout: what was breached still is, and what was counted still counts', async () => {
    const [since, last] = ['2026-01-31T13:00:00.000Z', '2026-01-31T13:01:00.000Z'];
    const incident = { since, breachedAt: last };
    const recent = [
      { slot: since, verdict: 'fail' },
      { slot: last, verdict: 'degraded' },
    ];
    const old = { probe: 'a', state: 'breached', since: last, recent, inconclusive: 2, incident, lastSlot: last };
    const well = {
      probe: 'b',
      state: 'ok',
      since,
      recent: [{ slot: since, verdict: 'pass' }],
      inconclusive: 0,
      lastSlot: since,
    };
    await makeOld(2, (database) => {
      const insert = database.prepare('INSERT INTO states VALUES (?, ?, ?)');
      for (const state of [old, well]) insert.run(state.probe, Date.parse(state.lastSlot), JSON.stringify(state));
    });
    const store = await place.open();
    const readings = recent.map(({ slot }) => ({ slot, bad: true }));
    const runs = { state: 'breached', since: last, recent: readings, incident };
    expect(await store.memory('a')).toEqual({
      state: {
        probe: 'a',
        revision: 1,
        state: 'breached',
        since: last,
        alarms: { runs },
        inconclusive: 2,
        lastSlot: last,
      },
      detectors: { slo: {}, regression: {} },
    });
    expect((await store.state('b'))?.alarms).toEqual({
      runs: { state: 'ok', since, recent: [{ slot: since, bad: false }] },
    });
    expect(await store.advance(makeStep(makeState('a', '2026-01-31T13:02:00.000Z', 2)))).toBe('stored');
    await store.close();
  });

  it('can be closed twice', async () => {
    const store = await place.open();
    await store.close();
    await expect(store.close()).resolves.toBeUndefined();
  });

  it('leaves nothing of a pruned run behind', async () => {
    const store = await place.open();
    await store.put(makeStoredRun({ slot: '2020-01-01T00:00:00Z' }));
    expect(await store.prune(Date.UTC(2026, 0, 1))).toBe(1);
    await store.close();
    const rows = (table: string) => inspect((database) => database.prepare(`SELECT * FROM ${table}`).all());
    expect([rows('runs'), rows('sketches'), rows('samples')]).toEqual([[], [], []]);
  });

  it('takes a retention of its own', async () => {
    const store = await place.open({ retention: { runsMs: 1000, runCadences: 0, samplesMs: 500 } });
    const stored = makeStoredRun();
    const slot = Date.parse(stored.run.slot);
    await store.put(stored);
    expect([await store.prune(slot + 499), (await store.get(stored.run.runId))?.passes.length]).toEqual([0, 5]);
    expect([await store.prune(slot + 500), (await store.get(stored.run.runId))?.passes.length]).toEqual([0, 0]);
    expect([await store.prune(slot + 999), await store.prune(slot + 1000)]).toEqual([0, 1]);
    await store.close();
  });
});

describe('among 100,000 runs', () => {
  const place = makeStoreFolder();
  afterEach(() => place.remove());

  /** What SQLite would do, step by step. */
  const planOf = (database: DatabaseSync, sql: string, values: readonly (string | number)[]): string =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map((row) => String(row.detail))
      .join('\n');

  const fullScan = /\bSCAN (?:runs|r|n|s|sketches|samples)\b/;
  const sorting = /USE TEMP B-TREE/;

  it('every question is answered from an index, without reading all or sorting', async () => {
    await (await place.open()).close();
    const database = new DatabaseSync(place.path);
    database.exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
      INSERT INTO runs SELECT printf('%026d', i), 'probe-' || (i % 20), i * 60000, 'local', 'done', 'pass', i * 60000, 0, i, '{"n":' || i || '}' FROM n`);
    const { sql: byProbe, values } = statements.selectRuns({ probe: 'probe-1', from: '1970-02-01', to: '1970-03-01' });
    const listed = (['newest', 'oldest'] as const).map((order) => statements.selectRuns({ order }));
    const questions: readonly (readonly [string, readonly (string | number)[]])[] = [
      [statements.selectLatest, []],
      [byProbe, values],
      [statements.selectRun, ['x']],
      [statements.selectSketches, ['x']],
      [statements.deleteRuns, [0]],
      [statements.deleteSamples, [0]],
      [statements.selectState, ['probe-1']],
      [statements.selectMemory, ['probe-1']],
      [statements.updateMemory, ['probe-1', 2, '{}', '{}']],
      [statements.selectBaseline, ['probe-1']],
      [statements.updateBaseline, ['probe-1', 2, '{}']],
      [statements.selectMarks, [0, 'probe-1']],
      [statements.deleteMarks, [0]],
      [statements.settleEvent, ['{}', 0, 'x']],
      [statements.deleteEvents, [0]],
    ];
    const notGood = statements.selectRuns({ notGood: true });
    for (const [sql, bound] of questions) {
      const plan = planOf(database, sql, bound);
      expect(plan).toMatch(/SEARCH/);
      expect(plan).not.toMatch(fullScan);
      // The newest runs are sorted by probe once there is one for each.
      if (sql !== statements.selectLatest) expect(plan).not.toMatch(sorting);
    }
    for (const { sql, values: bound } of listed)
      expect(planOf(database, sql, bound)).toBe('SCAN runs USING INDEX runs_by_slot');
    expect(planOf(database, notGood.sql, notGood.values)).toBe('SCAN runs USING INDEX runs_not_good');
    expect(planOf(database, statements.selectPending, [])).toBe('SCAN events USING INDEX events_pending');
    // The check can say no.
    expect(planOf(database, 'SELECT probe, max(slot) FROM runs GROUP BY probe', [])).toMatch(fullScan);
    expect(planOf(database, 'SELECT * FROM runs ORDER BY verdict', [])).toMatch(sorting);
    database.close();

    const store = await place.open();
    expect(await store.latest()).toEqual(
      Array.from({ length: 20 }, (_, index) => ({ probe: `probe-${index}`, n: 99_980 + index }))
        .toSorted((a, b) => (a.probe < b.probe ? -1 : 1))
        .map(({ n }) => ({ n })),
    );
    await store.close();
  });
});
