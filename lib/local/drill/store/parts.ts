import type { DatabaseSync } from 'node:sqlite';
import type { Json } from '../../../config/plan.ts';
import { assembleRecord } from '../../../drill/assemble.ts';
import { naming } from '../../sqlite/errors.ts';
import { documentIn, documentOf } from '../../sqlite/values.ts';
import type { LocalDrillStore } from '../store.ts';

const selectParts = 'SELECT part, value FROM drill_parts WHERE run_id = ? ORDER BY part';
const selectPart = 'SELECT value FROM drill_parts WHERE run_id = ? AND part = ?';
const insertPart = 'INSERT INTO drill_parts (run_id, part, value) VALUES (?, ?, ?) ON CONFLICT (run_id, part) DO';

/** The record of a run, by its parts. */
export const partsOf = (
  database: DatabaseSync,
  path: string,
): Pick<LocalDrillStore, 'read' | 'parts' | 'put' | 'putOnce' | 'part'> => {
  const all = database.prepare(selectParts);
  const one = database.prepare(selectPart);
  const write = database.prepare(`${insertPart} UPDATE SET value = excluded.value`);
  const writeOnce = database.prepare(`${insertPart} NOTHING`);
  const part = (runId: string, name: string): Json | undefined =>
    documentIn<Json>(
      naming(path, () => one.get(runId, name)),
      'value',
    );
  return {
    read: async (runId) => {
      const rows = naming(path, () => all.all(runId));
      return assembleRecord(rows.map((row) => [String(row.part), documentOf<Json>(row, 'value')] as const));
    },
    parts: async (runId, names) =>
      new Map(
        names.flatMap((name) => {
          const value = part(runId, name);
          return value === undefined ? [] : [[name, value]];
        }),
      ),
    part: async (runId, name) => part(runId, name),
    put: async (runId, part, value) => {
      naming(path, () => write.run(runId, part, JSON.stringify(value)));
    },
    putOnce: async (runId, part, value) =>
      naming(path, () => writeOnce.run(runId, part, JSON.stringify(value)).changes === 1),
  };
};
