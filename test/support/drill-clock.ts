import type { DrillClock } from '../../lib/drill/ports.ts';
import { openSleepers } from '../../lib/local/rehearsal/sleepers.ts';

/** Turns of the event loop without anything new until all are taken to wait for the clock. */
const idleTurns = 4;

/**
 * A clock whose time passes as soon as everybody waits for it: hours of a drill in a moment, and the same ones on a machine
 * that is slow.
 */
export const openDrillClock = (startMs = Date.parse('2026-11-20T12:00:00Z')): DrillClock & { close(): void } => {
  let now = startMs;
  let idle = 0;
  let closed = false;
  const { sleep, nextAt, wakeDue } = openSleepers(() => now);
  const turn = (): void => {
    if (closed) return;
    idle += 1;
    if (idle > idleTurns && Number.isFinite(nextAt())) {
      now = Math.max(now, nextAt());
      wakeDue();
      idle = 0;
    }
    setImmediate(turn);
  };
  setImmediate(turn);
  return {
    now: () => now,
    sleep: (ms, signal) => {
      idle = 0;
      return sleep(ms, signal);
    },
    close: () => {
      closed = true;
    },
  };
};
