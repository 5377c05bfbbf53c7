import type { Pass, Run } from '../../result/result.ts';
import type { StoredRun } from '../../result/store.ts';
import { documentKey, isShared, runKey } from './keys.ts';
import { linesOf, packLines, unpackPasses } from './lines.ts';
import { type Bucket, deleteObject, getObject, putObject } from './objects.ts';

/** Key of the object in the bucket: raw samples as gzipped NDJSON, a line `{ runId, probe, slot, pass }` for each pass. */
export type SampleRef = string;

/** What of runs is too large, or needed too seldom, for the table. */
export type SampleStore = {
  /** Nothing: the run has no passes. */
  keep(stored: StoredRun): Promise<SampleRef | undefined>;
  /** None of an object that is not there: its time is over, or nobody has written it yet. */
  read(ref: SampleRef, runId: string): Promise<readonly Pass[]>;
  /** Takes back the samples of one run. An object that others share stays until its time is over. */
  remove(ref: SampleRef, runId: string): Promise<void>;
  /** Keeps a document that the table is too small for, and answers its key. */
  keepDocument(run: Run, content: Uint8Array): Promise<string>;
  readDocument(key: string): Promise<Uint8Array | undefined>;
  removeDocument(key: string): Promise<void>;
};

/** Writes each run's samples at once, in an object of their own. Every method rejects with StoreUnreachableError. */
export const openSamples = (place: Bucket): SampleStore => ({
  keep: async (stored) => {
    if (stored.passes.length === 0) return undefined;
    const body = await packLines(linesOf(stored));
    const key = runKey(stored.run, body);
    await putObject(place, key, body);
    return key;
  },
  read: async (ref, runId) => {
    const body = await getObject(place, ref);
    return body ? unpackPasses(body, runId) : [];
  },
  remove: async (ref) => {
    if (!isShared(ref)) await deleteObject(place, ref);
  },
  keepDocument: async (run, content) => {
    const key = documentKey(run, content);
    await putObject(place, key, content);
    return key;
  },
  readDocument: (key) => getObject(place, key),
  removeDocument: (key) => deleteObject(place, key),
});

/** Writes samples that a dead letter carries. */
export const restoreSamples = (place: Bucket, { key, body }: LeftSamples): Promise<void> => putObject(place, key, body);

/** Samples that could not be written in time, and the object they belong in. */
export type LeftSamples = { readonly key: SampleRef; readonly body: Uint8Array };
