import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../../probe/prober.ts';
import { naming } from '../../sqlite/errors.ts';
import { transact } from '../../sqlite/open.ts';
import type { LocalDrillStore } from '../store.ts';

type Locks = Pick<LocalDrillStore, 'acquire' | 'renew' | 'release' | 'holder' | 'orphans'>;

const selectLock = 'SELECT fence, owner, until FROM drill_locks WHERE target = ?';
const writeLock = `INSERT INTO drill_locks (target, fence, owner, until) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (target) DO UPDATE SET fence = ?2, owner = ?3, until = ?4`;
const renewLock = `UPDATE drill_locks SET until = ?4
  WHERE target = ?1 AND owner = ?2 AND fence = ?3 AND until > ?5`;
const releaseLock = 'UPDATE drill_locks SET owner = NULL WHERE target = ?1 AND owner = ?2 AND fence = ?3';

/** Runs that have not ended; beside each the lease of the lock that it holds. */
const selectOpen = `SELECT run_id, until FROM (SELECT DISTINCT run_id FROM drill_parts) AS runs
  LEFT JOIN drill_locks ON owner = run_id
  WHERE owner IS NOT NULL OR NOT EXISTS (SELECT 1 FROM drill_reports WHERE drill_reports.run_id = runs.run_id)
  ORDER BY run_id`;

type Deps = { readonly clock: Pick<Clock, 'now'>; readonly isAlive: (runId: string) => boolean };

/** The locks of targets. Here an owner is a run: one process runs one. */
export const locksOf = (database: DatabaseSync, path: string, { clock, isAlive }: Deps): Locks => {
  const select = database.prepare(selectLock);
  const write = database.prepare(writeLock);
  const renew = database.prepare(renewLock);
  const release = database.prepare(releaseLock);
  const open = database.prepare(selectOpen);
  const isAbandoned = (runId: string, until: unknown): boolean =>
    !isAlive(runId) || (until !== null && Number(until) <= clock.now());

  const take = (target: string, owner: string, leaseMs: number): Awaited<ReturnType<Locks['acquire']>> =>
    transact(database, () => {
      const row = select.get(target);
      const [by, fence, until] = [row?.owner ?? null, Number(row?.fence ?? 0), Number(row?.until ?? 0)];
      const nowMs = clock.now();
      // Asked again by the same run, as after a retry: it is its own already.
      if (by === owner && until > nowMs) {
        write.run(target, fence, owner, nowMs + leaseMs);
        return { fence };
      }
      if (by !== null && until > nowMs) return { held: { by: String(by), until } };
      write.run(target, fence + 1, owner, nowMs + leaseMs);
      return { fence: fence + 1 };
    });

  return {
    acquire: async (target, owner, leaseMs) => naming(path, () => take(target, owner, leaseMs)),
    renew: async (target, owner, fence, leaseMs) => {
      const nowMs = clock.now();
      return naming(path, () => renew.run(target, owner, fence, nowMs + leaseMs, nowMs).changes === 1);
    },
    release: async (target, owner, fence) => naming(path, () => release.run(target, owner, fence).changes === 1),
    holder: async (target) => {
      const owner = naming(path, () => select.get(target)?.owner ?? null);
      return owner === null ? undefined : String(owner);
    },
    orphans: async () => {
      const rows = naming(path, () => open.all());
      return rows
        .map((row) => [String(row.run_id), row.until] as const)
        .flatMap(([id, until]) => (isAbandoned(id, until) ? [id] : []));
    },
  };
};
