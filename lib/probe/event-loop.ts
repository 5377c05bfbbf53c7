import type { Clock } from './prober.ts';

const intervalMs = 5;

/** Watches how late our own event loop is: what it delays, it adds to a sample. */
export type EventLoopWatch = {
  start(): void;
  /** Worst delay in ms since `start`. */
  worstMs(): number;
  stop(): void;
};

/**
 * A timer of our own: `monitorEventLoopDelay` records nothing for its first interval after a reset, and so misses a
 * block in a sample of a few milliseconds (seen on Node 24).
 */
export const watchEventLoop = (clock: Clock): EventLoopWatch => {
  let lastMs = clock.monotonic();
  let worst = 0;
  const tick = () => {
    const now = clock.monotonic();
    worst = Math.max(worst, now - lastMs - intervalMs);
    lastMs = now;
  };
  const timer = setInterval(tick, intervalMs);
  return {
    start: () => {
      lastMs = clock.monotonic();
      worst = 0;
    },
    // A tick that is overdue now has not fired yet: its lateness counts too.
    worstMs: () => Math.max(worst, clock.monotonic() - lastMs - intervalMs, 0),
    stop: () => clearInterval(timer),
  };
};
