import type { SchedulerClock } from '../scheduler.ts';

/** Those who wait for a clock that somebody moves. */
export type Sleepers = Pick<SchedulerClock, 'sleep'> & {
  /** When (ms of that clock) the next of them wants to be woken; infinite when nobody sleeps. */
  nextAt(): number;
  /** Wakes all whose moment has come; answers whether there were any. */
  wakeDue(): boolean;
};

type Sleeper = { readonly at: number; readonly wake: () => void };

/** @param monotonic the clock they sleep by. */
export const openSleepers = (monotonic: () => number): Sleepers => {
  const sleepers = new Set<Sleeper>();
  return {
    sleep: (ms, signal) =>
      new Promise((done) => {
        if (signal.aborted) return done();
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', wake);
          done();
        };
        // As a timer: never sooner than a millisecond, never early.
        const sleeper = { at: monotonic() + Math.max(1, Math.ceil(ms)), wake };
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake, { once: true });
      }),
    nextAt: () => {
      let next = Number.POSITIVE_INFINITY;
      for (const { at } of sleepers) next = Math.min(next, at);
      return next;
    },
    wakeDue: () => {
      const due = [...sleepers].filter(({ at }) => at <= monotonic());
      for (const sleeper of due) sleeper.wake();
      return due.length > 0;
    },
  };
};

/** All that is queued behind promises happens; no socket is waited for. */
export const settle = (): Promise<void> => new Promise((done) => setImmediate(done));
