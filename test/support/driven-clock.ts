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

/** All that is queued behind promises happens; no socket is waited for. */
const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

type Sleeper = { readonly at: number; readonly wake: () => void };

export const driveClock = (startMs: number): DrivenClock => {
  const sleepers = new Set<Sleeper>();
  let wallMs = startMs;
  let monotonicMs = 0;
  const move = (ms: number): void => {
    wallMs += ms;
    monotonicMs += ms;
  };
  const wakeDue = (): boolean => {
    const due = [...sleepers].filter(({ at }) => at <= monotonicMs);
    for (const sleeper of due) sleeper.wake();
    return due.length > 0;
  };
  const pass = async (ms: number): Promise<void> => {
    const endMs = monotonicMs + ms;
    await settle();
    for (;;) {
      const nextMs = Math.min(...[...sleepers].map(({ at }) => at));
      if (nextMs > endMs) break;
      move(Math.max(0, nextMs - monotonicMs));
      if (wakeDue()) await settle();
    }
    move(Math.max(0, endMs - monotonicMs));
  };
  return {
    now: () => wallMs,
    monotonic: () => monotonicMs,
    sleep: (ms, signal) =>
      new Promise((done) => {
        if (signal.aborted) return done();
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', wake);
          done();
        };
        // As a timer: never sooner than a millisecond, never early.
        const sleeper = { at: monotonicMs + Math.max(1, Math.ceil(ms)), wake };
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake, { once: true });
      }),
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
