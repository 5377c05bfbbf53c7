import type { Environment, ProbePlan } from '../../config/plan.ts';
import type { AlarmStep, MonitorDeps } from '../../monitor.ts';
import type { PageEvent } from '../../page/event.ts';
import type { Run } from '../../result/result.ts';
import type { Recipients } from '../delivery.ts';
import type { SchedulerClock } from '../scheduler.ts';

/** A config as it is at the moment; a reload brings another. */
export type WatchSettings = {
  readonly probes: readonly ProbePlan[];
  readonly monitor: MonitorDeps;
  readonly channels: Recipients['channels'];
};

/** What the watch tells of itself. */
export type WatchListener = {
  began(probe: string): void;
  ended(run: Run, alarm: AlarmStep): void;
  /** A look at the clock moved an alarm: a run is overdue. */
  moved(probe: string, alarm: AlarmStep): void;
  /** What became of the sending of an event. */
  told(event: PageEvent, line: string): void;
  /** The wall clock moved by this much, back when negative. */
  clockStepped(stepMs: number): void;
  /** Our own side failed; the watch goes on. */
  failed(probe: string, error: unknown): void;
};

export type WatchDeps = {
  readonly clock: SchedulerClock;
  readonly environment: Environment;
  /** Probes side by side. */
  readonly concurrency: number;
  readonly random: () => number;
  /** A step of the wall clock is noticed within this time. Default: some seconds; a clock that only we move needs none. */
  readonly longestSleepMs?: number;
  readonly listener: WatchListener;
};
