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
];
