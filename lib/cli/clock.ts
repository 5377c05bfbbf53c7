import { setTimeout as wait } from 'node:timers/promises';
import type { SchedulerClock } from '../local/scheduler.ts';

/** The machine's clocks. */
export const systemClock: SchedulerClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // An abort is a reason to look again, not a fault.
  sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
};
