import { openSleepers, settle } from '../../lib/local/rehearsal/sleepers.ts';
import type { SchedulerClock } from '../../lib/local/scheduler.ts';

/** A clock that stands still until a test moves it. */
export type DrivenClock = SchedulerClock & {
  /** Lets time pass; whoever sleeps wakes at its moment, and all that follows from it happens before time goes on. */
  pass(ms: number): Promise<void>;
  /** Time passes and nobody is woken before it has: the process stood still. */
  stall(ms: number): Promise<void>;
  /** The wall clock alone is set. */
  step(ms: number): void;
};

export const driveClock = (startMs: number): DrivenClock => {
  let wallMs = startMs;
  let monotonicMs = 0;
  const { sleep, nextAt, wakeDue } = openSleepers(() => monotonicMs);
  const move = (ms: number): void => {
    wallMs += ms;
    monotonicMs += ms;
  };
  const pass = async (ms: number): Promise<void> => {
    const endMs = monotonicMs + ms;
    await settle();
    for (let nextMs = nextAt(); nextMs <= endMs; nextMs = nextAt()) {
      move(Math.max(0, nextMs - monotonicMs));
      if (wakeDue()) await settle();
    }
    move(Math.max(0, endMs - monotonicMs));
  };
  return {
    now: () => wallMs,
    monotonic: () => monotonicMs,
    sleep,
    pass,
    stall: async (ms) => {
      await settle();
      move(ms);
      await pass(0);
    },
    step: (ms) => {
      wallMs += ms;
    },
  };
};
