import type { ProbePlan } from '../config/plan.ts';
import type { Clock } from '../probe/prober.ts';
import type { RunStatus } from '../result/result.ts';
import { dueAt, type Entry, openEntry, placeAfter, type ScheduledProbe, takeDue } from './scheduler/entry.ts';
import { createLanes } from './scheduler/lanes.ts';

/** A clock that can also wait: tests drive it. */
export type SchedulerClock = Clock & {
  /** Resolves after `ms` of monotonic time, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/** A slot (epoch ms) whose turn has come, and how much later than due it begins; or a run that somebody asked for. */
export type Turn =
  | { readonly kind: 'slot'; readonly slotMs: number; readonly lateMs: number }
  /** An extra run soon after one that failed, under a slot of its own. */
  | { readonly kind: 'confirm'; readonly slotMs: number }
  | { readonly kind: 'demand' };

/** A slot that is not run, for the record; a `missed` one stands for all from `fromMs` on. */
export type Unrun = {
  readonly status: Extract<RunStatus, 'skipped' | 'late' | 'missed'>;
  readonly slotMs: number;
  readonly reason: string;
  readonly missed?: { readonly slots: number; readonly fromMs: number };
};

export type SchedulerDeps = {
  readonly clock: SchedulerClock;
  /** Probes side by side. */
  readonly concurrency: number;
  /** Carries out a turn. Must not reject. */
  readonly run: (probe: ScheduledProbe, turn: Turn) => Promise<void>;
  /** Must not reject. */
  readonly record: (probe: ScheduledProbe, unrun: Unrun) => Promise<void>;
  /** Whether this slot is on record; asked only where it may be, as after the clock went back. */
  readonly isKnown: (probe: string, slotMs: number) => Promise<boolean>;
  /** The wall clock moved by this much against the monotonic one: back when negative. */
  readonly onClockStep: (stepMs: number) => void;
  /** Default 5,000: a step of the wall clock is noticed within this time, and a machine that woke up too. */
  readonly longestSleepMs?: number;
};

/** An extra run: under which slot (epoch ms), and when. */
export type Extra = { readonly slotMs: number; readonly atMs: number };

export type Scheduler = {
  /**
   * Takes these probes instead of those before; who keeps its id and schedule keeps its place. `takenMs`: the newest slot
   * on record of a probe, from which on its slots count as missed; without one it begins now.
   */
  replace(probes: readonly ProbePlan[], takenMs?: ReadonlyMap<string, number>): void;
  /** Epoch ms of the slot that comes next, and of its start; nothing for a probe without one. */
  next(probe: string): { readonly slotMs: number; readonly startMs: number } | undefined;
  isRunning(probe: string): boolean;
  /** Runs a probe once more at a time (epoch ms), unless a slot of its schedule is due or running by then. */
  confirm(probe: string, extra: Extra): void;
  /** Runs each probe once as soon as there is room, unless it runs or waits already. */
  demand(): void;
  /** Starts nothing more, and resolves when all that runs has ended. */
  stop(): Promise<void>;
};

const usualLongestSleepMs = 5000;

/** Below it the two clocks differ by what NTP slews and timers round. */
const clockStepMs = 1000;

const hasSchedule = (probe: ProbePlan): probe is ScheduledProbe => probe.schedule !== undefined;

const missedReason = (slots: number, isNew: boolean): string =>
  `${slots === 1 ? '1 slot was' : `${slots} slots were`} missed: ${isNew ? 'the watch was not running' : 'this machine slept or stood still, or its clock was set forward'}`;

/** Starts probes at their slots until it is stopped: one timer for all of them. */
export const startScheduler = (deps: SchedulerDeps): Scheduler => {
  const { clock, longestSleepMs = usualLongestSleepMs } = deps;
  const extras = new Map<string, Extra>();
  const entries = new Map<string, Entry>();
  const records = new Set<Promise<void>>();
  const lanes = createLanes(deps, record);
  let last = { nowMs: clock.now(), monotonicMs: clock.monotonic() };
  let nap = new AbortController();
  let stopped = false;

  function record(probe: ScheduledProbe, unrun: Unrun): void {
    const written = deps.record(probe, unrun).finally(() => records.delete(written));
    records.add(written);
  }

  const noticeClockStep = (nowMs: number): void => {
    const monotonicMs = clock.monotonic();
    const stepMs = nowMs - last.nowMs - (monotonicMs - last.monotonicMs);
    last = { nowMs, monotonicMs };
    if (Math.abs(stepMs) < clockStepMs) return;
    deps.onClockStep(stepMs);
    if (stepMs > 0) return;
    lanes.recall(nowMs);
    // Else all would wait until the time that was is there again.
    for (const entry of entries.values()) placeAfter(entry, nowMs - entry.offsetMs);
  };

  const take = (entry: Entry, nowMs: number): void => {
    const { runMs, missed } = takeDue(entry, nowMs);
    if (missed) {
      const { slots, firstMs: fromMs, lastMs: slotMs } = missed;
      const reason = missedReason(slots, entry.isNew);
      record(entry.probe, { status: 'missed', slotMs, reason, missed: { slots, fromMs } });
    }
    if (runMs !== undefined) lanes.enter(entry, runMs, runMs <= entry.takenMs);
    entry.takenMs = Math.max(entry.takenMs, runMs ?? 0, missed?.lastMs ?? 0);
  };

  /** Answers when the next of them is due. */
  const takeExtras = (nowMs: number): number => {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [id, { slotMs, atMs }] of extras) {
      if (atMs > nowMs) {
        nextMs = Math.min(nextMs, atMs);
        continue;
      }
      extras.delete(id);
      const entry = entries.get(id);
      if (entry) lanes.confirm(entry, slotMs);
    }
    return nextMs;
  };

  const tick = (): number => {
    const nowMs = clock.now();
    noticeClockStep(nowMs);
    let nextMs = nowMs + longestSleepMs;
    for (const entry of entries.values()) {
      if (dueAt(entry) <= nowMs) take(entry, nowMs);
      entry.isNew = false;
      nextMs = Math.min(nextMs, dueAt(entry));
    }
    nextMs = Math.min(nextMs, takeExtras(nowMs));
    lanes.fill();
    return nextMs - nowMs;
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      nap = new AbortController();
      await clock.sleep(tick(), nap.signal);
    }
  };
  const looping = loop();

  return {
    replace: (probes, takenMs) => {
      const nowMs = clock.now();
      const before = new Map(entries);
      entries.clear();
      for (const probe of probes.filter(hasSchedule)) {
        const known = before.get(probe.id);
        const stays = known && JSON.stringify(known.schedule) === JSON.stringify(probe.schedule);
        if (stays) known.probe = probe;
        const entry = stays ? known : openEntry(probe, nowMs, takenMs?.get(probe.id));
        if (known && !stays) entry.takenMs = Math.max(entry.takenMs, known.takenMs);
        entries.set(probe.id, entry);
      }
      lanes.keep(entries);
      nap.abort();
    },
    next: (probe) => {
      const entry = entries.get(probe);
      if (entry === undefined || !Number.isFinite(entry.nextMs)) return undefined;
      return { slotMs: entry.nextMs, startMs: dueAt(entry) };
    },
    isRunning: lanes.isRunning,
    confirm: (probe, extra) => {
      extras.set(probe, extra);
      nap.abort();
    },
    demand: () => {
      for (const entry of entries.values()) lanes.demand(entry);
      lanes.fill();
    },
    stop: async () => {
      stopped = true;
      nap.abort();
      await Promise.all([looping, lanes.drain()]);
      await Promise.all(records);
    },
  };
};
