import { tableShape } from '../../names.ts';
import type { Run } from '../../result/result.ts';
import { expiryOf, type Retention } from '../../result/retention.ts';
import type { StoredRun } from '../../result/store.ts';
import { runTime } from '../../result/values.ts';
import type { SampleRef, SampleStore } from '../samples.ts';
import { bytes, expirySeconds, type Item, number, numberIn, pack, text, textIn, unpack, unpackIn } from './items.ts';
import { type Key, keyItem, runKey, slotIn } from './keys.ts';

/** What is in a run's document; its samples lie elsewhere. */
type StoredDocument = Pick<StoredRun, 'run' | 'sketches'>;

/** What is known of a run before it is kept. */
type RunFacts = {
  readonly key: Key;
  /** ISO. */
  readonly startedAt: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly samplesUntil: number;
};

/** @throws RangeError when a time of the run is none. */
export const factsOf = (run: Run, retention: Retention, cadenceMs: number | undefined): RunFacts => {
  const slotMs = runTime(run, 'slot');
  const { runAt, samplesAt } = expiryOf(retention, slotMs, cadenceMs);
  return {
    key: runKey(run.probe, slotMs, run.runId),
    startedAt: new Date(runTime(run, 'startedAt')).toISOString(),
    expiresAt: expirySeconds(runAt),
    samplesUntil: expirySeconds(samplesAt),
  };
};

/**
 * AWS takes items of 400 kB with their keys, and charges a write for each kB: what is much larger is cheaper in S3. The
 * first pass that failed may have a lot of evidence; all else of a document is seldom more than 3 kB.
 */
const largestDocument = 64 * 1024;

/** A document as the table takes it: whole, or without its exemplar, or not at all; and where the whole lies then. */
type PackedDocument = { readonly document?: Uint8Array; readonly object?: string };

export const packDocument = async (
  { run, sketches }: StoredDocument,
  samples: SampleStore,
): Promise<PackedDocument> => {
  const whole = await pack({ run, sketches } satisfies StoredDocument);
  if (whole.length <= largestDocument) return { document: whole };
  const rest = await pack({ run: { ...run, exemplar: null }, sketches } satisfies StoredDocument);
  const object = await samples.keepDocument(run, whole);
  return rest.length <= largestDocument ? { document: rest, object } : { object };
};

export const runItem = (
  run: Run,
  { key, startedAt, expiresAt, samplesUntil }: RunFacts,
  { document, object }: PackedDocument,
  samples: SampleRef | undefined,
): Item => ({
  ...keyItem(key),
  [tableShape.byRunId.key]: text(run.runId),
  [tableShape.expiry]: number(expiresAt),
  startedAt: text(startedAt),
  trigger: text(run.trigger),
  status: text(run.status),
  ...(run.verdict === null ? {} : { verdict: text(run.verdict) }),
  ...(document ? { document: bytes(document) } : {}),
  ...(object === undefined ? {} : { object: text(object) }),
  ...(samples === undefined ? {} : { samples: text(samples), samplesUntil: number(samplesUntil) }),
});

/** The document of a run, without its exemplar where that lies in S3. */
export const readBrief = async (item: Item, samples: SampleStore): Promise<StoredDocument> =>
  (await unpackIn<StoredDocument>(item, 'document')) ?? readWhole(item, samples);

/** The whole document. What S3 has lost is left out, if the rest is in the table. */
export const readWhole = async (item: Item, samples: SampleStore): Promise<StoredDocument> => {
  const object = textIn(item, 'object');
  const content = object === undefined ? undefined : await samples.readDocument(object);
  if (content) return unpack<StoredDocument>(content);
  const brief = await unpackIn<StoredDocument>(item, 'document');
  if (!brief) throw new Error(`the document of run ${textIn(item, tableShape.byRunId.key)} is gone: ${object}`);
  return brief;
};

export const samplesIn = (item: Item | undefined): SampleRef | undefined => textIn(item, 'samples');
export const objectIn = (item: Item | undefined): string | undefined => textIn(item, 'object');
export const runIdIn = (item: Item): string => textIn(item, tableShape.byRunId.key) ?? '';

/** Whether that time (epoch seconds) of an item has come; AWS takes up to some days over it. */
export const isOver = (item: Item, name: 'expiresAt' | 'samplesUntil', nowMs: number): boolean =>
  (numberIn(item, name) ?? Number.POSITIVE_INFINITY) * 1000 <= nowMs;

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

const placeOf = (item: Item) => ({
  slot: slotIn(textIn(item, tableShape.sortKey) ?? ''),
  startedAt: textIn(item, 'startedAt') ?? '',
  runId: runIdIn(item),
});

/** By slot, oldest first; runs of one slot by when they started. */
export const bySlot = (left: Item, right: Item): number => {
  const [a, b] = [placeOf(left), placeOf(right)];
  return compare(a.slot, b.slot) || compare(a.startedAt, b.startedAt) || compare(a.runId, b.runId);
};

/** In the order in which they were judged. */
export const byStart = (left: Item, right: Item): number => {
  const [a, b] = [placeOf(left), placeOf(right)];
  return compare(a.startedAt, b.startedAt) || compare(a.slot, b.slot) || compare(a.runId, b.runId);
};
