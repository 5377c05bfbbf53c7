import type { SchedulerClock } from '../scheduler.ts';
import { openSleepers, settle } from './sleepers.ts';

/** A clock that goes from one awakening to the next, as fast as the work in between allows. */
export type VirtualClock = SchedulerClock & {
  /** Lets time pass until this wall time (epoch ms), or until the signal aborts. */
  playUntil(wallMs: number, signal: AbortSignal): Promise<void>;
};

export const openVirtualClock = (startMs: number): VirtualClock => {
  let passedMs = 0;
  const { sleep, nextAt, wakeDue } = openSleepers(() => passedMs);
  return {
    now: () => startMs + passedMs,
    monotonic: () => passedMs,
    sleep,
    playUntil: async (wallMs, signal) => {
      const endMs = wallMs - startMs;
      await settle();
      for (let next = nextAt(); next <= endMs && !signal.aborted; next = nextAt()) {
        passedMs = Math.max(passedMs, next);
        wakeDue();
        await settle();
      }
      if (!signal.aborted) passedMs = Math.max(passedMs, endMs);
    },
  };
};
