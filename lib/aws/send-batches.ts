import type { Log } from './log.ts';
import { wordsOf } from './log.ts';
import { sideBySide } from './side-by-side.ts';

/** What an API takes in one call, and how one call is made. */
export type Batching<T> = {
  readonly mostEntries: number;
  readonly mostBytes: number;
  readonly bytesOf: (entry: T) => number;
  /** Sends these, and answers which of them were not taken, by their place, and why. Rejects when none was. */
  readonly send: (entries: readonly T[]) => Promise<readonly Refusal[]>;
};

export type Refusal = {
  readonly index: number;
  readonly reason: string;
  /** Again it would be refused again. */
  readonly final: boolean;
};

/** What could not be sent. */
type Unsent<T> = { readonly entry: T; readonly reason: string };

export type SendDeps = {
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly log: Log;
};

const callsAtOnce = 4;

/** Of what a call took only in part; calls that fail whole are repeated by the SDK. */
const turns = 4;
const firstWaitMs = 100;

/** Cuts entries into calls, in their order. One that is too large by itself goes alone, and is refused by whom it is sent to. */
export const cutBatches = <T>(
  entries: readonly T[],
  { mostEntries, mostBytes, bytesOf }: Pick<Batching<T>, 'mostEntries' | 'mostBytes' | 'bytesOf'>,
): readonly (readonly T[])[] => {
  const batches: T[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = bytesOf(entry);
    const batch = batches.at(-1);
    if (!batch || batch.length >= mostEntries || bytes > room) {
      batches.push([entry]);
      room = mostBytes - bytes;
    } else {
      batch.push(entry);
      room -= bytes;
    }
  }
  return batches;
};

const sendBatch = async <T>(
  entries: readonly T[],
  batching: Batching<T>,
  { sleep, random }: SendDeps,
): Promise<readonly Unsent<T>[]> => {
  let left = entries;
  const unsent: Unsent<T>[] = [];
  for (let turn = 1; ; turn++) {
    const refused = await batching.send(left).catch((error: unknown): readonly Refusal[] => {
      const reason = wordsOf(error);
      return left.map((_, index) => ({ index, reason, final: true }));
    });
    const again: T[] = [];
    for (const { index, reason, final } of refused) {
      const entry = left[index];
      if (entry === undefined) continue;
      if (final || turn === turns) unsent.push({ entry, reason });
      else again.push(entry);
    }
    if (again.length === 0) return unsent;
    left = again;
    // Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    await sleep(random() * firstWaitMs * 2 ** turn);
  }
};

/** Sends all, batch by batch, and again what was refused for the moment; answers what could not be sent. Never rejects. */
export const sendBatches = async <T>(
  entries: readonly T[],
  batching: Batching<T>,
  deps: SendDeps,
): Promise<readonly Unsent<T>[]> => {
  const sent = await sideBySide(cutBatches(entries, batching), callsAtOnce, (batch) =>
    sendBatch(batch, batching, deps),
  );
  return sent.flat();
};
