import { identityOf } from './identity.ts';
import type { DrillClock, Ports } from './ports.ts';
import type { Sighting } from './record.ts';

/** Gives the work a signal that is also aborted after so long, by the drill's own clock. */
export const within = async <T>(
  clock: DrillClock,
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const limit = new AbortController();
  const done = new AbortController();
  const expire = async (): Promise<void> => {
    await clock.sleep(limitMs, AbortSignal.any([done.signal, signal]));
    if (!done.signal.aborted) limit.abort();
  };
  // A clock whose sleep throws when it is ended early has ended it for the same reason.
  expire().catch(() => undefined);
  try {
    return await work(AbortSignal.any([limit.signal, signal]));
  } finally {
    done.abort();
  }
};

/** Does the work for each, a few at a time; answers in the order of the items. */
export const each = async <T, R>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> => {
  const answers: R[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      signal.throwIfAborted();
      answers[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, items.length) }, lane));
  return answers;
};

/** Whether anybody answers at all: where nobody does, asking for each entry would take as long as there are entries. */
export const isAnswering = async ({ clock, target, drill }: Ports, signal: AbortSignal): Promise<boolean> => {
  for (let n = 0; n < 3; n += 1) {
    const sighting = await target.identify(signal);
    if (identityOf(sighting) !== undefined) return true;
    await clock.sleep(drill.everyMs, signal);
  }
  return false;
};

/** Enough looks that replicas behind a balancer show themselves. */
const looks = 10;

/** Who the target says it is, look after look, over several times of the sampling interval. */
export const lookOften = async (ports: Ports, signal: AbortSignal): Promise<readonly Sighting[]> => {
  const { clock, target, drill } = ports;
  const sightings: Sighting[] = [];
  for (let n = 0; n < looks; n += 1) {
    signal.throwIfAborted();
    sightings.push(await target.identify(signal));
    await clock.sleep(drill.everyMs, signal);
  }
  return sightings;
};
