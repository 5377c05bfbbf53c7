import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../probe/prober.ts';
import type { StoredRun } from '../../result/store.ts';
import { pauseMs } from '../attempts.ts';
import { sideBySide } from '../side-by-side.ts';
import { batchKey, runKey } from './keys.ts';
import { linesOf, packLines, passesIn, unpackPasses } from './lines.ts';
import { type Bucket, putObject } from './objects.ts';
import { type LeftSamples, openSamples, type SampleRef, type SampleStore } from './store.ts';

export type SampleBatchOptions = Bucket & {
  readonly clock: Clock;
  /** Names the object; need not be unique. */
  readonly batchId: string;
  /** How long a run that is not good waits for its own object to be written, before `flush` has to. Default 3,000. */
  readonly atOnceMs?: number;
};

export type SampleBatch = SampleStore & {
  /**
   * Writes what is not written yet, again and again for so long at most, and answers what could not be: the caller's to put
   * somewhere else. Never rejects.
   */
  flush(budgetMs: number): Promise<readonly LeftSamples[]>;
};

const firstPauseMs = 100;
const longestPauseMs = 5_000;

const isGood = ({ run }: StoredRun): boolean => run.verdict === 'pass' || run.verdict === null;

/** Objects that are still to be written: texts of good runs by run, packed bodies of the others. */
type Waiting = { readonly shared: Map<SampleRef, Map<string, string>>; readonly own: Map<SampleRef, Uint8Array> };

/** Tries until it is written or the time is over. */
const writePatiently = async (place: Bucket, { key, body }: LeftSamples, budgetMs: number, clock: Clock) => {
  const endMs = clock.monotonic() + budgetMs;
  for (let attempt = 0; ; attempt++) {
    const leftMs = endMs - clock.monotonic();
    if (leftMs <= 0) return false;
    const signal = AbortSignal.timeout(Math.ceil(leftMs));
    try {
      await putObject(place, key, body, signal);
      return true;
    } catch {
      // Whatever it was: the object is answered as one that could not be written.
      await sleep(Math.max(0, Math.min(pauseMs(attempt, firstPauseMs, longestPauseMs), endMs - clock.monotonic())));
    }
  }
};

const bodiesOf = async ({ shared, own }: Waiting): Promise<readonly LeftSamples[]> => {
  const packed = [...shared].map(async ([key, runs]) => ({ key, body: await packLines([...runs.values()].join('')) }));
  return [...(await Promise.all(packed)), ...[...own].map(([key, body]) => ({ key, body }))];
};

/** Good runs: one object a batch, written by `flush`. */
const keeperOf = ({ shared, own }: Waiting, options: SampleBatchOptions, tag: () => string) => {
  const keepShared = (stored: StoredRun): SampleRef => {
    const key = batchKey(stored.run, options.batchId, tag());
    const runs = shared.get(key) ?? new Map<string, string>();
    shared.set(key, runs.set(stored.run.runId, linesOf(stored)));
    return key;
  };
  const keepOwn = async (stored: StoredRun): Promise<SampleRef> => {
    const body = await packLines(linesOf(stored));
    const key = runKey(stored.run, body);
    own.set(key, body);
    if (await writePatiently(options, { key, body }, options.atOnceMs ?? 3_000, options.clock)) own.delete(key);
    return key;
  };
  return async (stored: StoredRun) => {
    if (stored.passes.length === 0) return undefined;
    return isGood(stored) ? keepShared(stored) : keepOwn(stored);
  };
};

const newTag = (): string => randomBytes(6).toString('hex');

/**
 * The samples of a batch of runs. A run that is not good gets an object of its own at once, with its evidence; where that
 * fails, its samples wait like the others, and the run can be stored all the same.
 */
export const openSampleBatch = (options: SampleBatchOptions): SampleBatch => {
  const { clock } = options;
  const samples = openSamples(options);
  const waiting: Waiting = { shared: new Map(), own: new Map() };
  let tag = newTag();
  return {
    ...samples,
    keep: keeperOf(waiting, options, () => tag),
    read: async (ref, runId) => {
      const text = waiting.shared.get(ref)?.get(runId);
      if (text !== undefined) return passesIn(text, runId);
      const body = waiting.own.get(ref);
      return body ? unpackPasses(body, runId) : samples.read(ref, runId);
    },
    remove: async (ref, runId) => {
      const runs = waiting.shared.get(ref);
      if (runs?.delete(runId) && runs.size === 0) waiting.shared.delete(ref);
      if (!waiting.own.delete(ref)) await samples.remove(ref, runId);
    },
    flush: async (budgetMs) => {
      // What is kept from here on goes into another object, for this one is written whole.
      tag = newTag();
      const bodies = await bodiesOf(waiting);
      const written = await sideBySide(bodies, bodies.length, (each) => writePatiently(options, each, budgetMs, clock));
      for (const [n, { key }] of bodies.entries()) {
        if (written[n]) [waiting.shared, waiting.own].forEach((map) => void map.delete(key));
      }
      return bodies.filter((_, n) => !written[n]);
    },
  };
};
