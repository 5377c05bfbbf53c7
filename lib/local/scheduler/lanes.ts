import { plural } from '../../report/format.ts';
import type { SchedulerDeps, Unrun } from '../scheduler.ts';
import type { Entry, ScheduledProbe } from './entry.ts';

/** The few places in which probes run side by side, and the queue before them. */
export type Lanes = {
  /** A slot whose time has come. `mayBeKnown`: ask the record before it is run again. */
  enter(entry: Entry, slotMs: number, mayBeKnown: boolean): void;
  /** A run without a slot, unless the probe is busy anyway. */
  demand(entry: Entry): void;
  /** An extra run under a slot of its own, likewise. */
  confirm(entry: Entry, slotMs: number): void;
  /** Starts those who wait, as far as there is room. */
  fill(): void;
  /** The clock went back: a slot that is in the future again leaves the queue, and comes when it is due. */
  recall(nowMs: number): void;
  /** Drops from the queue who is not there any more. */
  keep(entries: ReadonlyMap<string, Entry>): void;
  isRunning(probe: string): boolean;
  /** Empties the queue, lets nobody in, and resolves when all have ended. */
  drain(): Promise<void>;
};

/** No slot: on demand. */
type Waiting = {
  readonly entry: Entry;
  readonly slotMs?: number;
  readonly mayBeKnown: boolean;
  readonly confirms?: true;
};
type Running = { readonly slotMs: number | undefined; readonly ended: Promise<void> };
type Deps = Pick<SchedulerDeps, 'clock' | 'concurrency' | 'run' | 'isKnown'>;

const describeRun = ({ slotMs }: Running): string =>
  slotMs === undefined ? 'a run on demand' : `the run of ${new Date(slotMs).toISOString()}`;

const isDue = ({ entry, slotMs }: Waiting, nowMs: number): boolean =>
  slotMs === undefined || slotMs + entry.offsetMs <= nowMs;

const carryOut = async ({ entry, slotMs, mayBeKnown, confirms }: Waiting, deps: Deps): Promise<void> => {
  if (slotMs === undefined) return deps.run(entry.probe, { kind: 'demand' });
  if (confirms) return deps.run(entry.probe, { kind: 'confirm', slotMs });
  if (mayBeKnown && (await deps.isKnown(entry.probe.id, slotMs))) return;
  const lateMs = Math.max(0, deps.clock.now() - slotMs - entry.offsetMs);
  await deps.run(entry.probe, { kind: 'slot', slotMs, lateMs });
};

export const createLanes = (deps: Deps, record: (probe: ScheduledProbe, unrun: Unrun) => void): Lanes => {
  // In the order of arrival: who is given a newer slot while it waits keeps its place.
  const waiting = new Map<string, Waiting>();
  const running = new Map<string, Running>();
  let closed = false;

  const begin = (id: string, turn: Waiting): void => {
    const ended = carryOut(turn, deps).finally(() => {
      running.delete(id);
      fill();
    });
    running.set(id, { slotMs: turn.slotMs, ended });
  };

  const fill = (): void => {
    for (const [id, turn] of waiting) {
      if (closed || running.size >= deps.concurrency) return;
      // The clock went back, and nobody has noticed yet.
      if (!isDue(turn, deps.clock.now())) continue;
      waiting.delete(id);
      begin(id, turn);
    }
  };

  return {
    enter: (entry, slotMs, mayBeKnown) => {
      const { probe } = entry;
      const current = running.get(probe.id);
      const older = waiting.get(probe.id);
      // The clock went back, and it comes a second time.
      if (current?.slotMs === slotMs || older?.slotMs === slotMs) return;
      if (current) {
        return record(probe, { status: 'skipped', slotMs, reason: `${describeRun(current)} was still going` });
      }
      if (older?.slotMs !== undefined && !older.confirms) {
        const reason = `its turn had not come when the next slot was due: ${plural(running.size, 'probe')} running and ${waiting.size} waiting`;
        record(probe, { status: 'late', slotMs: older.slotMs, reason });
      }
      waiting.set(probe.id, { entry, slotMs, mayBeKnown });
    },
    demand: (entry) => {
      const { id } = entry.probe;
      if (!running.has(id) && !waiting.has(id)) waiting.set(id, { entry, mayBeKnown: false });
    },
    confirm: (entry, slotMs) => {
      const { id } = entry.probe;
      if (!running.has(id) && !waiting.has(id)) waiting.set(id, { entry, slotMs, mayBeKnown: false, confirms: true });
    },
    fill,
    recall: (nowMs) => {
      for (const [id, turn] of waiting) if (!isDue(turn, nowMs)) waiting.delete(id);
    },
    keep: (entries) => {
      for (const [id, turn] of waiting) {
        const entry = entries.get(id);
        if (entry) waiting.set(id, { ...turn, entry });
        else waiting.delete(id);
      }
    },
    isRunning: (probe) => running.has(probe),
    drain: async () => {
      closed = true;
      waiting.clear();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
};
