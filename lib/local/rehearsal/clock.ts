import type { SchedulerClock } from '../scheduler.ts';

/** A clock that goes from one awakening to the next, as fast as the work in between allows. */
export type VirtualClock = SchedulerClock & {
  /** Lets time pass until this wall time (epoch ms), or until the signal aborts. */
  playUntil(wallMs: number, signal: AbortSignal): Promise<void>;
};

/** All that is queued behind promises happens; nothing here waits for a socket. */
const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

type Sleeper = { readonly at: number; readonly wake: () => void };

export const openVirtualClock = (startMs: number): VirtualClock => {
  const sleepers = new Set<Sleeper>();
  let passedMs = 0;

  const nextAt = (): number => {
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of sleepers) next = Math.min(next, at);
    return next;
  };
  const wakeDue = (): void => {
    for (const sleeper of [...sleepers]) if (sleeper.at <= passedMs) sleeper.wake();
  };

  return {
    now: () => startMs + passedMs,
    monotonic: () => passedMs,
    sleep: (ms, signal) =>
      new Promise((done) => {
        if (signal.aborted) return done();
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', wake);
          done();
        };
        // As a timer: never sooner than a millisecond, never early.
        const sleeper = { at: passedMs + Math.max(1, Math.ceil(ms)), wake };
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake, { once: true });
      }),
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
