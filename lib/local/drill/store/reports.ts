import type { DatabaseSync } from 'node:sqlite';
import { DrillError, type DrillStore } from '../../../drill/ports.ts';
import type { DrillReport } from '../../../drill/report.ts';
import { naming } from '../../sqlite/errors.ts';
import { transact } from '../../sqlite/open.ts';
import { documentOf } from '../../sqlite/values.ts';

const insertReport = 'INSERT INTO drill_reports (run_id, drill, ended_at, document) VALUES (?, ?, ?, ?)';
const selectReports = 'SELECT document FROM drill_reports WHERE drill = ? ORDER BY position DESC LIMIT ?';
const selectRun = 'SELECT 1 FROM drill_reports WHERE run_id = ?';
const deleteParts = `DELETE FROM drill_parts
  WHERE run_id IN (SELECT run_id FROM drill_reports WHERE ended_at < ?)
  AND run_id NOT IN (SELECT owner FROM drill_locks WHERE owner IS NOT NULL)`;

/** A report says all that is left of a drill; what it was made of is kept for so long beside it. */
const keepPartsMs = 30 * 86_400_000;

export const reportsOf = (database: DatabaseSync, path: string): Pick<DrillStore, 'publish' | 'reports'> => {
  const insert = database.prepare(insertReport);
  const select = database.prepare(selectReports);
  const selectOne = database.prepare(selectRun);
  const prune = database.prepare(deleteParts);
  const publish = (report: DrillReport): void => {
    const endedAt = Date.parse(report.endedAt);
    const document = JSON.stringify(report);
    transact(database, () => {
      // Whoever comes first has the word: a runner that was taken for dead, and wakes up, changes nothing.
      if (selectOne.get(report.run)) return;
      const newest = select.get(report.drill, 1);
      const previous = newest ? documentOf<DrillReport>(newest).hash : null;
      if (previous !== report.previous) {
        throw new DrillError('Drill.Transient', `another report of ${report.drill} came before that of ${report.run}`);
      }
      insert.run(report.run, report.drill, endedAt, document);
      prune.run(endedAt - keepPartsMs);
    });
  };
  return {
    publish: async (report) => naming(path, () => publish(report)),
    reports: async (drillId, most) =>
      naming(path, () => select.all(drillId, most).map((row) => documentOf<DrillReport>(row))),
  };
};
