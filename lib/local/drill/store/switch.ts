import type { DatabaseSync } from 'node:sqlite';
import type { DrillStore } from '../../../drill/ports.ts';
import { naming } from '../../sqlite/errors.ts';

const selectReason = 'SELECT reason FROM kill_switch';
const writeReason = 'INSERT INTO kill_switch (id, reason) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET reason = ?1';

/** One for all drills of a data folder: it stops those under way, too. */
export const killSwitchOf = (
  database: DatabaseSync,
  path: string,
): Pick<DrillStore, 'killSwitch' | 'setKillSwitch'> => {
  const select = database.prepare(selectReason);
  const write = database.prepare(writeReason);
  return {
    killSwitch: async () => {
      const reason = naming(path, () => select.get()?.reason ?? null);
      return reason === null ? { on: false } : { on: true, reason: String(reason) };
    },
    setKillSwitch: async (on, reason) => {
      naming(path, () => write.run(on ? reason : null));
    },
  };
};
