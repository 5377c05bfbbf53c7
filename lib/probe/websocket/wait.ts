import type { Journal } from '../../sequence/journal.ts';
import type { Clock } from '../prober.ts';

/**
 * Asks `look` now and after each frame until it has an answer or `untilMs` (monotonic) has passed. Rejects with the
 * signal's own reason when it aborts.
 */
export const waitFor = <T>(
  look: () => T | undefined,
  untilMs: number,
  journal: Journal,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> => {
  signal.throwIfAborted();
  const immediate = look();
  if (immediate !== undefined) return Promise.resolve(immediate);
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  const ask = (last: boolean) => {
    try {
      const answer = look();
      if (last || answer !== undefined) resolve(answer);
    } catch (error) {
      // Thrown into a socket's event it would end the process.
      reject(error);
    }
  };
  let timer: NodeJS.Timeout;
  // A timer may fire up to a millisecond early: the window is the clock's, not the timer's.
  const arm = () => {
    const leftMs = untilMs - clock.monotonic();
    if (leftMs <= 0) ask(true);
    else timer = setTimeout(arm, Math.ceil(leftMs));
  };
  arm();
  const stop = journal.watch(() => ask(false));
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    stop();
    signal.removeEventListener('abort', onAbort);
  });
};
