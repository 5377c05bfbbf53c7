import type { Journal } from '../../sequence/journal.ts';
import type { Clock } from '../prober.ts';

/**
 * Asks `look` now, after each frame, and at `dueMs` (monotonic) where something is decided by time alone, until it has
 * an answer or `untilMs` has passed. Rejects with the signal's own reason when it aborts.
 */
export const waitFor = <T>(
  look: () => T | undefined,
  untilMs: number,
  journal: Journal,
  clock: Clock,
  signal: AbortSignal,
  dueMs: () => number | undefined = () => undefined,
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
  let timer: NodeJS.Timeout | undefined;
  let armedForMs = Number.POSITIVE_INFINITY;
  const nextMs = () => Math.min(untilMs, dueMs() ?? untilMs);
  const onTime = () => {
    const nowMs = clock.monotonic();
    if (nowMs >= untilMs) return ask(true);
    if (nowMs >= armedForMs) ask(false);
    arm();
  };
  // A timer may fire up to a millisecond early: the window is the clock's, not the timer's.
  const arm = () => {
    armedForMs = nextMs();
    clearTimeout(timer);
    timer = setTimeout(onTime, Math.ceil(Math.max(0, armedForMs - clock.monotonic())));
  };
  arm();
  const stop = journal.watch(() => {
    ask(false);
    // A later time is found out when the earlier one has come.
    if (nextMs() < armedForMs) arm();
  });
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    stop();
    signal.removeEventListener('abort', onAbort);
  });
};
