import type { RunQuery } from '../../result/store.ts';

export const insertRun = `INSERT INTO runs (run_id, probe, slot, region, status, verdict, started_at, stored_at, expires_at, document)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING`;
export const insertSketch = 'INSERT INTO sketches (run_id, series, data) VALUES (?, ?, ?)';
export const insertSamples = 'INSERT INTO samples (run_id, expires_at, passes) VALUES (?, ?, ?)';

export const selectRun = `SELECT r.document, s.passes FROM runs r LEFT JOIN samples s ON s.run_id = r.run_id WHERE r.run_id = ?`;
export const selectSketches = 'SELECT series, data FROM sketches WHERE run_id = ? ORDER BY series';

/** Newest runs of one probe that have this series: probe, series, limit. */
export const selectSeries = `SELECT r.document, s.data
  FROM runs r CROSS JOIN sketches s ON s.run_id = r.run_id AND s.series = ?2
  WHERE r.probe = ?1 ORDER BY r.slot DESC, r.started_at DESC, r.run_id DESC LIMIT ?3`;

/**
 * Newest run of each probe. SQLite would read the whole index for a GROUP BY: this hops from probe to probe instead,
 * two look-ups for each, however many runs there are.
 */
export const selectLatest = `WITH RECURSIVE probes (probe) AS (
    SELECT min(probe) FROM runs
    UNION ALL
    SELECT (SELECT min(r.probe) FROM runs r WHERE r.probe > probes.probe) FROM probes WHERE probes.probe IS NOT NULL
  )
  SELECT runs.document FROM probes CROSS JOIN runs ON runs.run_id =
    (SELECT n.run_id FROM runs n WHERE n.probe = probes.probe ORDER BY n.slot DESC, n.started_at DESC, n.run_id DESC LIMIT 1)
  ORDER BY probes.probe`;

export const selectState = 'SELECT document FROM states WHERE probe = ?';
export const selectStates = 'SELECT document FROM states ORDER BY probe';

/** Changes nothing when the state that is there is as new: probe, last slot, document. */
export const upsertState = `INSERT INTO states (probe, last_slot, document) VALUES (?, ?, ?)
  ON CONFLICT (probe) DO UPDATE SET last_slot = excluded.last_slot, document = excluded.document
  WHERE excluded.last_slot > states.last_slot`;

export const insertEvent = 'INSERT INTO events (event_id, document) VALUES (?, ?) ON CONFLICT (event_id) DO NOTHING';
export const selectPending = 'SELECT document FROM events WHERE outcome IS NULL ORDER BY position';
export const settleEvent = 'UPDATE events SET outcome = ?, expires_at = ? WHERE event_id = ? AND outcome IS NULL';
export const deleteEvents = 'DELETE FROM events WHERE expires_at <= ?';

export const deleteRuns = 'DELETE FROM runs WHERE expires_at <= ?';
export const deleteSamples = 'DELETE FROM samples WHERE expires_at <= ?';

type Bound = { readonly sql: string; readonly values: readonly (string | number)[] };

const slotMs = (name: string, time: string): number => {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError(`${name} must be an ISO time, not ${time}`);
  return ms;
};

/** @throws RangeError: SQLite itself would take a negative limit for none. */
export const assertLimit = (limit: number): void => {
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new RangeError(`limit must be a whole number of 0 and up, not ${limit}`);
  }
};

/** @throws RangeError when a bound is no time or the limit no whole number. */
export const selectRuns = ({ probe, from, to, trigger, notGood, limit = 100, order = 'newest' }: RunQuery): Bound => {
  assertLimit(limit);
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, value: string | number) => {
    conditions.push(condition);
    values.push(value);
  };
  if (probe !== undefined) where('probe = ?', probe);
  if (from !== undefined) where('slot >= ?', slotMs('from', from));
  if (to !== undefined) where('slot < ?', slotMs('to', to));
  if (trigger !== undefined) where("document ->> '$.trigger' = ?", trigger);
  // The words of the index runs_not_good, which SQLite takes only for them.
  if (notGood) conditions.push("verdict IN ('degraded', 'fail', 'inconclusive')");
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  const filter = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return {
    sql: `SELECT document FROM runs ${filter} ORDER BY slot ${direction}, started_at ${direction}, run_id ${direction} LIMIT ?`,
    values: [...values, limit],
  };
};
