/**
 * The layout, step by step: a store at version n has had the first n steps. A step that was released never changes;
 * a new layout is a new step.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE runs (
     run_id TEXT PRIMARY KEY,
     probe TEXT NOT NULL,
     slot INTEGER NOT NULL,        -- epoch ms
     region TEXT NOT NULL,
     status TEXT NOT NULL,
     verdict TEXT,
     started_at INTEGER NOT NULL,  -- epoch ms
     stored_at INTEGER NOT NULL,   -- epoch ms
     expires_at INTEGER NOT NULL,  -- epoch ms
     document TEXT NOT NULL        -- the Run, as JSON
   ) STRICT;
   CREATE INDEX runs_by_probe ON runs (probe, slot, started_at, run_id);
   CREATE INDEX runs_by_slot ON runs (slot, started_at, run_id);
   CREATE INDEX runs_by_expiry ON runs (expires_at);

   CREATE TABLE sketches (
     run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
     series TEXT NOT NULL,
     data TEXT NOT NULL,           -- SketchData, as JSON
     PRIMARY KEY (run_id, series)
   ) STRICT;

   CREATE TABLE samples (
     run_id TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
     expires_at INTEGER NOT NULL,  -- epoch ms
     passes BLOB NOT NULL          -- gzipped NDJSON, a Pass a line
   ) STRICT;
   CREATE INDEX samples_by_expiry ON samples (expires_at);`,
  // What `watch` goes on from after a kill, and the look-ups of its dashboard.
  `CREATE TABLE states (
     probe TEXT PRIMARY KEY,
     last_slot INTEGER NOT NULL,   -- epoch ms
     document TEXT NOT NULL        -- the ProbeState, as JSON
   ) STRICT;

   CREATE TABLE events (
     position INTEGER PRIMARY KEY, -- order of arrival
     event_id TEXT NOT NULL UNIQUE,
     expires_at INTEGER,           -- epoch ms; NULL while pending
     outcome TEXT,                 -- the EventOutcome, as JSON; NULL while pending
     document TEXT NOT NULL        -- the PageEvent, as JSON
   ) STRICT;
   CREATE INDEX events_pending ON events (position) WHERE outcome IS NULL;
   CREATE INDEX events_by_expiry ON events (expires_at) WHERE expires_at IS NOT NULL;

   CREATE INDEX runs_not_good ON runs (slot, started_at, run_id) WHERE verdict IN ('degraded', 'fail', 'inconclusive');`,
  // The judge's memory. A state of before was one alarm, over runs: it stays open if it was.
  `CREATE TABLE memories (
     probe TEXT PRIMARY KEY,
     revision INTEGER NOT NULL,
     state TEXT NOT NULL,          -- the ProbeState, as JSON
     detectors TEXT NOT NULL       -- the Detectors, as JSON
   ) STRICT;
   INSERT INTO memories SELECT probe, 1, json_object(
       'probe', probe,
       'revision', 1,
       'state', document ->> '$.state',
       'since', document ->> '$.since',
       'alarms', json_object('runs', json_patch(
         json_object(
           'state', document ->> '$.state',
           'since', document ->> '$.since',
           'recent', (SELECT json_group_array(json_object(
               'slot', value ->> '$.slot',
               'bad', json(CASE value ->> '$.verdict' WHEN 'pass' THEN 'false' ELSE 'true' END)
             )) FROM json_each(document, '$.recent'))
         ),
         CASE WHEN document -> '$.incident' IS NULL THEN '{}' ELSE json_object('incident', document -> '$.incident') END
       )),
       'inconclusive', document -> '$.inconclusive',
       'lastSlot', document ->> '$.lastSlot'
     ), '{"slo":{},"regression":{}}' FROM states;
   DROP TABLE states;

   CREATE TABLE baselines (
     probe TEXT PRIMARY KEY,
     revision INTEGER NOT NULL,
     document TEXT NOT NULL        -- the BaselineDocument, as JSON
   ) STRICT;

   CREATE TABLE marks (
     position INTEGER PRIMARY KEY, -- order of arrival
     at INTEGER NOT NULL,          -- epoch ms
     document TEXT NOT NULL        -- the Mark, as JSON
   ) STRICT;
   CREATE INDEX marks_by_time ON marks (at, position);`,
  // What drills write down: the record of each by its parts, who may restart a target, and their reports.
  `CREATE TABLE drill_parts (
     run_id TEXT NOT NULL,
     part TEXT NOT NULL,
     value TEXT NOT NULL,          -- JSON
     PRIMARY KEY (run_id, part)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE drill_locks (
     target TEXT PRIMARY KEY,
     fence INTEGER NOT NULL,       -- grows with each holder
     owner TEXT,                   -- NULL: nobody holds it
     until INTEGER NOT NULL        -- epoch ms
   ) STRICT;

   CREATE TABLE drill_reports (
     position INTEGER PRIMARY KEY, -- order of arrival
     run_id TEXT NOT NULL UNIQUE,
     drill TEXT NOT NULL,
     ended_at INTEGER NOT NULL,    -- epoch ms
     document TEXT NOT NULL        -- the DrillReport, as JSON
   ) STRICT;
   CREATE INDEX drill_reports_by_drill ON drill_reports (drill, position);

   CREATE TABLE kill_switch (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     reason TEXT                   -- NULL: drills may run
   ) STRICT;`,
];
