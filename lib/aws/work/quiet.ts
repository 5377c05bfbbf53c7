/**
 * Knows when no sample is in flight. What is loaded and written at the end of a run takes a share of the one processor that
 * the others are measured with.
 */
export type Quiet = {
  during<T>(measurement: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is measured, or after the longest wait: a slow target must not hold up the others' results. */
  wait(): Promise<void>;
};

export const createQuiet = (sleep: (ms: number) => Promise<void>, longestWaitMs: number): Quiet => {
  let measured = 0;
  let calm = Promise.withResolvers<void>();
  return {
    during: async (measurement) => {
      if (measured === 0) calm = Promise.withResolvers<void>();
      measured += 1;
      try {
        return await measurement();
      } finally {
        measured -= 1;
        if (measured === 0) calm.resolve();
      }
    },
    wait: async () => {
      if (measured > 0) await Promise.race([calm.promise, sleep(longestWaitMs)]);
    },
  };
};
