import type { DrillStore, Fence } from '../../../drill/ports.ts';
import { leaseMs as longestLeaseMs } from '../../../drill/step.ts';
import { type Item, newWriteId, number, numberIn, text, textIn, writtenBy } from '../../dynamodb/items.ts';
import { drillLockKey, drillLocksPk, keyIn, keyItem, openDrillsPk } from '../../dynamodb/keys.ts';
import type { StoreParts } from '../store.ts';

type Locks = Pick<DrillStore, 'acquire' | 'renew' | 'release' | 'orphans'>;

type Lock = {
  readonly owner: string | undefined;
  readonly fence: Fence;
  readonly until: number;
  readonly writeId: string | undefined;
};

const lockIn = (item: Item | undefined): Lock => ({
  owner: textIn(item, 'owner'),
  fence: numberIn(item, 'fence') ?? 0,
  until: numberIn(item, 'until') ?? 0,
  writeId: textIn(item, 'writeId'),
});

/** Each of those who want the same lock writes once, and whoever loses looks again. */
const mostTries = 20;

const own = '#owner = :owner AND #fence = :fence';

/** The locks of targets; an owner is a run. A lock outlives its lease, so that its fence only grows. */
export const locksOf = ({ table, clock }: StoreParts): Locks => {
  const write = async (target: string, seen: Lock, next: Omit<Lock, 'writeId'>): Promise<boolean> => {
    const writeId = newWriteId();
    const item = {
      ...keyItem(drillLockKey(target)),
      ...(next.owner === undefined ? {} : { owner: text(next.owner) }),
      fence: number(next.fence),
      until: number(Math.round(next.until)),
      writeId: text(writeId),
    };
    const written = await table.put(
      item,
      seen.writeId === undefined
        ? { expression: 'attribute_not_exists(#pk)' }
        : { expression: '#writeId = :seen', values: { ':seen': text(seen.writeId) } },
    );
    return written.done || writtenBy(written.there, writeId);
  };
  const held = (owner: string, fence: Fence) => ({ ':owner': text(owner), ':fence': number(fence) });
  return {
    acquire: async (target, owner, leaseMs) => {
      for (let tries = 0; tries < mostTries; tries += 1) {
        const lock = lockIn(await table.get(drillLockKey(target)));
        const nowMs = clock.now();
        const isHeld = lock.owner !== undefined && lock.until > nowMs;
        if (isHeld && lock.owner !== owner) return { held: { by: lock.owner ?? '', until: lock.until } };
        // Asked again by the same run, as after a retry: it is its own already.
        const fence = isHeld ? lock.fence : lock.fence + 1;
        if (await write(target, lock, { owner, fence, until: nowMs + leaseMs })) return { fence };
      }
      throw new Error(`the lock of ${target} changes hands too fast: ${mostTries} tries were not enough`);
    },
    renew: async (target, owner, fence, leaseMs) => {
      const nowMs = Math.round(clock.now());
      const written = await table.update(drillLockKey(target), 'SET #until = :until, #writeId = :mine', {
        expression: `${own} AND #until > :now`,
        values: {
          ...held(owner, fence),
          ':now': number(nowMs),
          ':until': number(nowMs + leaseMs),
          ':mine': text(newWriteId()),
        },
      });
      return written.done;
    },
    release: async (target, owner, fence) => {
      const writeId = newWriteId();
      const written = await table.update(drillLockKey(target), 'SET #writeId = :mine REMOVE #owner', {
        expression: own,
        values: { ...held(owner, fence), ':mine': text(writeId) },
      });
      return written.done || writtenBy(written.there, writeId);
    },
    orphans: async () => {
      const [open, locks] = await Promise.all([openDrillsPk, drillLocksPk].map((pk) => table.all({ pk })));
      const nowMs = clock.now();
      const leases = new Map(
        (locks ?? []).map(lockIn).flatMap(({ owner, until }) => (owner === undefined ? [] : [[owner, until] as const])),
      );
      const begun = (open ?? []).flatMap((item) => {
        const runId = keyIn(item).sk;
        // One that holds no lock yet, or any more, has as long as a lease for what it does without.
        const until = leases.get(runId) ?? (numberIn(item, 'startedAt') ?? 0) + longestLeaseMs;
        return until <= nowMs ? [runId] : [];
      });
      const kept = [...leases].flatMap(([owner, until]) => (until <= nowMs ? [owner] : []));
      return [...new Set([...begun, ...kept])].toSorted();
    },
  };
};
