import type { Clock } from '../probe/prober.ts';

/** The clocks of the machine that a function runs on. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** The same clock with its wall time set forward by so much; durations stay what they are. */
export const shiftClock = (clock: Clock, shiftMs: number): Clock =>
  shiftMs === 0 ? clock : { now: () => clock.now() + shiftMs, monotonic: clock.monotonic };
