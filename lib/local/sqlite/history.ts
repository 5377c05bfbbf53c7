import type { DatabaseSync } from 'node:sqlite';
import { observationOf } from '../../judge/observation.ts';
import type { Run } from '../../result/result.ts';
import type { SketchData } from '../../result/sketch.ts';
import type { Store } from '../../result/store.ts';
import { timeOf } from '../../result/values.ts';
import { naming } from './errors.ts';
import { documentOf } from './values.ts';

// In the order in which they were judged, which is not that of their slots: an extra run shares the slot of another.
const selectIds = `SELECT run_id FROM runs WHERE probe = ?1 AND slot >= ?2 AND slot < ?3 ORDER BY started_at, slot, run_id`;
const selectDocument = 'SELECT document FROM runs WHERE run_id = ?';
const selectSketches = 'SELECT series, data FROM sketches WHERE run_id = ? ORDER BY series';

const earliestMs = Number.MIN_SAFE_INTEGER;
const latestMs = Number.MAX_SAFE_INTEGER;

/**
 * Runs of a probe as the judge saw them. Their ids are read at once, their documents one by one: years of them take
 * little memory, and no lock is held while they are judged. A run that is pruned meanwhile is left out.
 */
export const historyOf = (database: DatabaseSync, path: string): Pick<Store, 'history'> => {
  const ids = database.prepare(selectIds);
  const document = database.prepare(selectDocument);
  const sketches = database.prepare(selectSketches);
  return {
    history: async function* (probe, { from, to } = {}) {
      const fromMs = from === undefined ? earliestMs : timeOf('from', from);
      const toMs = to === undefined ? latestMs : timeOf('to', to);
      const found = naming(path, () => ids.all(probe, fromMs, toMs));
      for (const { run_id: id } of found) {
        const stored = naming(path, () => {
          const row = document.get(String(id));
          const series = sketches.all(String(id));
          return (
            row && {
              run: documentOf<Run>(row),
              sketches: Object.fromEntries(
                series.map((each) => [String(each.series), documentOf<SketchData>(each, 'data')]),
              ),
            }
          );
        });
        if (stored) yield observationOf(stored);
      }
    },
  };
};
