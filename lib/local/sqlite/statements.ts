import type { RunQuery } from '../../result/store.ts';
import { assertLimit, boundOf, usualLimit } from '../../result/values.ts';

export const insertRun = `INSERT INTO runs (run_id, probe, slot, region, status, verdict, started_at, stored_at, expires_at, document)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING`;
export const insertSketch = 'INSERT INTO sketches (run_id, series, data) VALUES (?, ?, ?)';
export const insertSamples = 'INSERT INTO samples (run_id, expires_at, passes) VALUES (?, ?, ?)';

export const selectRun = `SELECT r.document, s.passes FROM runs r LEFT JOIN samples s ON s.run_id = r.run_id WHERE r.run_id = ?`;
export const selectSketches = 'SELECT series, data FROM sketches WHERE run_id = ? ORDER BY series';

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

export const selectState = 'SELECT state FROM memories WHERE probe = ?';
export const selectStates = 'SELECT state FROM memories ORDER BY probe';

/** State, detectors and baseline as of one moment; each may be there without the others. */
export const selectMemory = `SELECT m.state, m.detectors, b.document AS baseline
  FROM (SELECT ?1 AS probe) p LEFT JOIN memories m ON m.probe = p.probe LEFT JOIN baselines b ON b.probe = p.probe`;

/** Probe, revision, state, detectors. Changes nothing unless the revision follows on the one that is there. */
export const insertMemory = `INSERT INTO memories (probe, revision, state, detectors) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (probe) DO NOTHING`;
export const updateMemory =
  'UPDATE memories SET revision = ?2, state = ?3, detectors = ?4 WHERE probe = ?1 AND revision = ?2 - 1';

export const selectBaseline = 'SELECT document FROM baselines WHERE probe = ?';
export const selectBaselines = 'SELECT document FROM baselines ORDER BY probe';

/** Probe, revision, document; as above. */
export const insertBaseline = `INSERT INTO baselines (probe, revision, document) VALUES (?1, ?2, ?3)
  ON CONFLICT (probe) DO NOTHING`;
export const updateBaseline =
  'UPDATE baselines SET revision = ?2, document = ?3 WHERE probe = ?1 AND revision = ?2 - 1';

export const insertMark = 'INSERT INTO marks (at, document) VALUES (?, ?)';

/** After, probe: those of all probes too. */
export const selectMarks = `SELECT document FROM marks WHERE at > ?1
  AND (document -> '$.probes' = '[]' OR EXISTS (SELECT 1 FROM json_each(document, '$.probes') WHERE value = ?2))
  ORDER BY at, position`;

export const insertEvent = 'INSERT INTO events (event_id, document) VALUES (?, ?) ON CONFLICT (event_id) DO NOTHING';
export const selectPending = 'SELECT document FROM events WHERE outcome IS NULL ORDER BY position';
export const settleEvent = 'UPDATE events SET outcome = ?, expires_at = ? WHERE event_id = ? AND outcome IS NULL';
export const deleteEvents = 'DELETE FROM events WHERE expires_at <= ?';

export const deleteMarks = 'DELETE FROM marks WHERE at <= ?';
export const deleteRuns = 'DELETE FROM runs WHERE expires_at <= ?';
export const deleteSamples = 'DELETE FROM samples WHERE expires_at <= ?';

type Bound = { readonly sql: string; readonly values: readonly (string | number)[] };

/** @throws RangeError when a bound is no time or the limit no whole number. */
export const selectRuns = ({
  probe,
  from,
  to,
  trigger,
  notGood,
  limit = usualLimit,
  order = 'newest',
}: RunQuery): Bound => {
  assertLimit(limit);
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, value: string | number) => {
    conditions.push(condition);
    values.push(value);
  };
  if (probe !== undefined) where('probe = ?', probe);
  if (from !== undefined) where('slot >= ?', boundOf('from', from));
  if (to !== undefined) where('slot < ?', boundOf('to', to));
  if (trigger !== undefined) {
    const wanted = [trigger].flat();
    conditions.push(`document ->> '$.trigger' IN (${wanted.map(() => '?').join(', ')})`);
    values.push(...wanted);
  }
  // The words of the index runs_not_good, which SQLite takes only for them.
  if (notGood) conditions.push("verdict IN ('degraded', 'fail', 'inconclusive')");
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  const filter = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return {
    sql: `SELECT document FROM runs ${filter} ORDER BY slot ${direction}, started_at ${direction}, run_id ${direction} LIMIT ?`,
    values: [...values, limit],
  };
};
