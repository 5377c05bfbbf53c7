/**
 * Knows when no sample is in flight: what is loaded or written meanwhile takes a share of the processor that the samples
 * are measured with, and SQLite, which is synchronous, all of it.
 */
export type Quiet = {
  /** Does this while nothing else may block. */
  during<T>(measurement: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is measured, or after the longest wait: a slow target must not hold up the others' results. */
  wait(): Promise<void>;
};

/** @param sleep May end when `signal` aborts; nobody waits for it longer. */
export const createQuiet = (
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
  longestWaitMs: number,
): Quiet => {
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
      if (measured === 0) return;
      const { signal } = calm;
      const calmed = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([calmed, sleep(longestWaitMs, signal)]);
    },
  };
};
