import type { ProbeKind } from '../config/plan.ts';
import type { Prober } from '../probe/prober.ts';
import type { Store } from '../result/store.ts';
import type { SchedulerClock } from './scheduler.ts';

/** Knows when no sample is in flight. SQLite is synchronous: what it does meanwhile, it adds to the sample. */
export type Quiet = {
  /** Does this while nothing else may block. */
  during<T>(measurement: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is measured, or after the longest wait: a slow target must not hold up the others' results. */
  wait(): Promise<void>;
};

export const createQuiet = (clock: SchedulerClock, longestWaitMs: number): Quiet => {
  let measured = 0;
  let calm = new AbortController();
  return {
    during: async (measurement) => {
      if (measured === 0) calm = new AbortController();
      measured += 1;
      try {
        return await measurement();
      } finally {
        measured -= 1;
        if (measured === 0) calm.abort();
      }
    },
    wait: async () => {
      if (measured > 0) await clock.sleep(longestWaitMs, calm.signal);
    },
  };
};

type Probers = Readonly<Record<ProbeKind, Prober>>;

export const quietProbers = (probers: Probers, quiet: Quiet): Probers => ({
  http: (...call) => quiet.during(() => probers.http(...call)),
  websocket: (...call) => quiet.during(() => probers.websocket(...call)),
});

/**
 * The same store, but what it does at the end of a run waits for a quiet moment: once, at the first look into it after
 * the measurement. The writes follow in the same breath, and a second wait would only hold up the queue.
 */
export const quietStore = (store: Store, quiet: Quiet): Store => ({
  ...store,
  memory: async (...call) => {
    await quiet.wait();
    return store.memory(...call);
  },
  put: async (stored) => {
    if (stored.run.status !== 'done') await quiet.wait();
    return store.put(stored);
  },
});
