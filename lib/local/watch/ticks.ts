import type { ProbePlan } from '../../config/plan.ts';
import type { ProbeState } from '../../judge/memory.ts';
import { type AlarmStep, stepTick } from '../../monitor/step.ts';
import { type Deadlines, openDeadlines } from './deadlines.ts';
import type { WatchDeps, WatchSettings } from './settings.ts';

/** Looks at the clock for probes whose run does not come. */
export type Ticks = Pick<Deadlines, 'note'> & {
  /** Takes the probes of another config. */
  replace(): void;
  /** Looks no more, and resolves when the last look has ended. */
  stop(): Promise<void>;
};

const lookEveryMs = 60_000;

/** A machine that slept for longer was not looking. */
const longestBreakMs = 60_000;

/** @param states as the store has them when the watch begins. @param moved takes what a look did to alarms. */
export const startTicks = (
  settings: () => WatchSettings,
  { clock, environment, longestSleepMs = lookEveryMs, listener }: WatchDeps,
  states: readonly ProbeState[],
  moved: (probe: ProbePlan, alarm: AlarmStep) => void,
): Ticks => {
  const deadlines = openDeadlines(states, lookEveryMs, clock.now());
  let awakeSinceMs = clock.now();
  let nap = new AbortController();
  let stopped = false;

  const look = async (id: string): Promise<void> => {
    const probe = settings().probes.find((one) => one.id === id);
    // In a maintenance window nobody is told, and it may be over soon.
    deadlines.putOff(id, clock.now() + lookEveryMs);
    if (!probe) return;
    try {
      const alarm = await stepTick(probe, { nowMs: clock.now(), awakeSinceMs }, environment, settings().monitor);
      if (alarm.after) deadlines.note(alarm.after);
      moved(probe, alarm);
    } catch (error) {
      listener.failed(id, error);
    }
  };
  const sleep = async (): Promise<void> => {
    nap = new AbortController();
    const beforeMs = clock.now();
    const askedMs = Math.min(longestSleepMs, Math.max(1000, deadlines.nextMs() - beforeMs));
    await clock.sleep(askedMs, nap.signal);
    if (clock.now() - beforeMs - askedMs <= longestBreakMs) return;
    awakeSinceMs = clock.now();
    deadlines.wake(awakeSinceMs);
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await sleep();
      for (const id of deadlines.due(clock.now())) if (!stopped) await look(id);
    }
  };
  deadlines.replace(settings());
  const looping = loop();

  return {
    note: deadlines.note,
    replace: () => {
      deadlines.replace(settings());
      nap.abort();
    },
    stop: async () => {
      stopped = true;
      nap.abort();
      await looping;
    },
  };
};
