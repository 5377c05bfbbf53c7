import type { Json } from '../../lib/config/plan.ts';
import { assembleRecord } from '../../lib/drill/assemble.ts';
import { type DrillClock, DrillError, type DrillStore } from '../../lib/drill/ports.ts';
import type { DrillReport } from '../../lib/drill/report.ts';

type Lock = { owner: string | undefined; fence: number; until: number };

export type MemoryDrillStore = DrillStore & {
  /** Whether somebody holds the lock of a target. */
  isHeld(target: string): boolean;
  partsOf(runId: string): ReadonlyMap<string, Json>;
};

/** A drill store that keeps JSON text, so that nothing is shared with who wrote it. */
export const openMemoryDrillStore = (clock: Pick<DrillClock, 'now'>): MemoryDrillStore => {
  const runs = new Map<string, Map<string, string>>();
  const locks = new Map<string, Lock>();
  const published: DrillReport[] = [];
  let killReason: string | undefined;
  const partsOf = (runId: string): Map<string, Json> =>
    new Map([...(runs.get(runId) ?? [])].map(([part, text]) => [part, JSON.parse(text) as Json]));
  const open = (runId: string): Map<string, string> => {
    const parts = runs.get(runId) ?? new Map<string, string>();
    runs.set(runId, parts);
    return parts;
  };
  const held = (target: string, owner: string, fence: number): Lock | undefined => {
    const lock = locks.get(target);
    return lock?.owner === owner && lock.fence === fence ? lock : undefined;
  };
  return {
    read: async (runId) => assembleRecord(partsOf(runId)),
    parts: async (runId, names) => new Map([...partsOf(runId)].filter(([part]) => names.includes(part))),
    put: async (runId, part, value) => void open(runId).set(part, JSON.stringify(value)),
    putOnce: async (runId, part, value) => {
      if (open(runId).has(part)) return false;
      open(runId).set(part, JSON.stringify(value));
      return true;
    },
    acquire: async (target, owner, leaseMs) => {
      const lock = locks.get(target) ?? { owner: undefined, fence: 0, until: 0 };
      const until = clock.now() + leaseMs;
      if (lock.owner !== undefined && lock.until > clock.now())
        return lock.owner === owner ? { fence: lock.fence } : { held: { by: lock.owner, until: lock.until } };
      locks.set(target, { owner, fence: lock.fence + 1, until });
      return { fence: lock.fence + 1 };
    },
    renew: async (target, owner, fence, leaseMs) => {
      const lock = held(target, owner, fence);
      if (lock) lock.until = clock.now() + leaseMs;
      return lock !== undefined;
    },
    release: async (target, owner, fence) => {
      const lock = held(target, owner, fence);
      if (lock) lock.owner = undefined;
      return lock !== undefined;
    },
    orphans: async () => [...runs.keys()].filter((runId) => assembleRecord(partsOf(runId))?.status === 'running'),
    killSwitch: async () => (killReason === undefined ? { on: false } : { on: true, reason: killReason }),
    setKillSwitch: async (on, reason) => {
      killReason = on ? reason : undefined;
    },
    publish: async (report) => {
      if (published.some(({ run }) => run === report.run)) return;
      const newest = published.find(({ drill }) => drill === report.drill);
      if ((newest?.hash ?? null) !== report.previous) throw new DrillError('Drill.Transient', 'another came between');
      published.unshift(JSON.parse(JSON.stringify(report)) as DrillReport);
    },
    reports: async (drillId, most) => published.filter(({ drill }) => drill === drillId).slice(0, most),
    isHeld: (target) => locks.get(target)?.owner !== undefined,
    partsOf,
  };
};
