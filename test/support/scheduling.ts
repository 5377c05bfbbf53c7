import type { Schedule } from '../../lib/config/plan.ts';
import { firesBetween } from '../../lib/config/schedule.ts';
import { startOffsetMs } from '../../lib/config/spread.ts';
import { type Scheduler, startScheduler, type Unrun } from '../../lib/local/scheduler.ts';
import { type DrivenClock, driveClock } from './driven-clock.ts';
import { probeOf } from './probing.ts';

const base = probeOf({ kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:1/' } }] });

export const scheduled = (id: string, schedule: Schedule) => ({ ...base, id, schedule });
export const every = (id: string, everyMs: number) => scheduled(id, { kind: 'every', everyMs });
export const cron = (id: string, expression: string, timezone = 'UTC') =>
  scheduled(id, { kind: 'cron', expression, timezone });
export type Probe = ReturnType<typeof scheduled>;

/** A run that began, by the wall clock of its moment. */
export type Begun = { readonly probe: string; readonly slotMs: number; readonly atMs: number; readonly lateMs: number };

/** An extra run that began. */
export type Confirmed = { readonly probe: string; readonly slotMs: number; readonly atMs: number };

export type Bench = {
  readonly clock: DrivenClock;
  readonly scheduler: Scheduler;
  /** Of slots alone. */
  readonly begun: readonly Begun[];
  readonly demanded: readonly string[];
  readonly confirmed: readonly Confirmed[];
  readonly unrun: readonly (Unrun & { readonly probe: string })[];
  readonly steps: readonly number[];
  /** What went wrong in a way that no schedule explains. */
  readonly faults: readonly string[];
  /** Each slot that something is known of, oldest first; a `missed` record stands for several. */
  covered(probe: Probe): readonly number[];
  /** Stops it, and lets what runs come to its end. */
  finish(): Promise<void>;
};

export type BenchOptions = {
  readonly startMs: number;
  readonly concurrency?: number;
  readonly durationMs?: (probe: string, slotMs: number) => number;
  readonly takenMs?: ReadonlyMap<string, number>;
};

/** A scheduler on a driven clock, whose runs only take time, over a record that takes each slot once. */
export const openBench = (probes: readonly Probe[], options: BenchOptions): Bench => {
  const { startMs, concurrency = 4, durationMs = () => 10 } = options;
  const clock = driveClock(startMs);
  const begun: Begun[] = [];
  const demanded: string[] = [];
  const confirmed: Confirmed[] = [];
  const unrun: (Unrun & { readonly probe: string })[] = [];
  const steps: number[] = [];
  const faults: string[] = [];
  const running = new Set<string>();
  const known = new Set<string>();
  const scheduler = startScheduler({
    clock,
    concurrency,
    run: async (probe, turn) => {
      if (running.has(probe.id)) faults.push(`${probe.id} overlaps itself`);
      running.add(probe.id);
      if (running.size > concurrency) faults.push(`${running.size} probes at once`);
      if (turn.kind === 'demand') demanded.push(probe.id);
      else if (turn.kind === 'confirm') confirmed.push({ probe: probe.id, slotMs: turn.slotMs, atMs: clock.now() });
      else {
        const { slotMs, lateMs } = turn;
        const atMs = clock.now();
        if (known.has(`${probe.id} ${slotMs}`)) faults.push(`${probe.id} ran ${slotMs} twice`);
        if (atMs < slotMs + startOffsetMs(probe.id, probe.schedule)) faults.push(`${probe.id} was early`);
        begun.push({ probe: probe.id, slotMs, atMs, lateMs });
      }
      await clock.sleep(durationMs(probe.id, turn.kind === 'slot' ? turn.slotMs : 0), new AbortController().signal);
      if (turn.kind === 'slot') known.add(`${probe.id} ${turn.slotMs}`);
      running.delete(probe.id);
    },
    record: async (probe, record) => {
      const key = `${probe.id} ${record.slotMs}`;
      if (known.has(key)) return;
      known.add(key);
      unrun.push({ probe: probe.id, ...record });
    },
    isKnown: async (probe, slotMs) => known.has(`${probe} ${slotMs}`),
    onClockStep: (stepMs) => steps.push(stepMs),
  });
  scheduler.replace(probes, options.takenMs);
  const covered = (probe: Probe): readonly number[] => {
    const ran = begun.filter((one) => one.probe === probe.id).map(({ slotMs }) => slotMs);
    const told = unrun
      .filter((one) => one.probe === probe.id)
      .flatMap(({ slotMs, missed }) => {
        if (!missed) return [slotMs];
        const slots = firesBetween(probe.schedule, missed.fromMs - 1, slotMs, 1_000_000);
        if (slots.length !== missed.slots) faults.push(`${probe.id} counted ${missed.slots} of ${slots.length} slots`);
        return slots;
      });
    return [...ran, ...told].sort((a, b) => a - b);
  };
  const finish = async (): Promise<void> => {
    const stopped = scheduler.stop();
    await clock.pass(600_000);
    await stopped;
  };
  return { clock, scheduler, begun, demanded, confirmed, unrun, steps, faults, covered, finish };
};

/** The slots whose start lies in (`afterMs`, `untilMs`]. */
export const slotsDue = (probe: Probe, afterMs: number, untilMs: number): readonly number[] => {
  const offsetMs = startOffsetMs(probe.id, probe.schedule);
  return firesBetween(probe.schedule, afterMs - offsetMs, untilMs - offsetMs, 1_000_000);
};
