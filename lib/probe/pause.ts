import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; rejects with the signal's own reason when it aborts. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
};
