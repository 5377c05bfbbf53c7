import type { Store, StoredRun } from '../../result/store.ts';
import { type Item, newWriteId, text, writtenBy } from './items.ts';
import type { Key } from './keys.ts';
import type { Parts } from './parts.ts';
import type { Probes } from './probes.ts';
import { factsOf, isOver, objectIn, packDocument, readWhole, runItem, samplesIn } from './run-item.ts';

/** Runs whose place is remembered: the index that finds the others is a moment behind. */
const mostKnown = 1_000;

const placesOf = () => {
  const known = new Map<string, Key>();
  return {
    find: (runId: string): Key | undefined => known.get(runId),
    keep: (runId: string, key: Key): void => {
      const [oldest] = known.keys();
      if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
      known.set(runId, key);
    },
  };
};

/** Takes back what a second measurement of a stored run left in S3; what stays goes when its time is over. */
const takeBack = async (runId: string, mine: Item, there: Item | undefined, { samples }: Parts): Promise<void> => {
  const [ref, object] = [samplesIn(mine), objectIn(mine)];
  try {
    if (ref !== undefined && ref !== samplesIn(there)) await samples.remove(ref, runId);
    if (object !== undefined && object !== objectIn(there)) await samples.removeDocument(object);
  } catch {
    // The answer is known, and does not hang on this.
  }
};

const putterOf = (parts: Parts, probes: Probes, places: ReturnType<typeof placesOf>) => {
  const { table, samples, retention, cadenceMs } = parts;
  return async (stored: StoredRun): Promise<'stored' | 'duplicate'> => {
    const { run } = stored;
    const facts = factsOf(run, retention, cadenceMs(run.probe));
    const [ref, document] = await Promise.all([
      samples.keep(stored),
      packDocument(stored, samples),
      probes.remember(run.probe, facts.expiresAt),
    ]);
    const writeId = newWriteId();
    const item = { ...runItem(run, facts, document, ref), writeId: text(writeId) };
    const written = await table.put(item, { expression: 'attribute_not_exists(#pk)' });
    places.keep(run.runId, facts.key);
    if (written.done || writtenBy(written.there, writeId)) return 'stored';
    await takeBack(run.runId, item, written.there, parts);
    return 'duplicate';
  };
};

export const runsOf = (parts: Parts, probes: Probes): Pick<Store, 'put' | 'get'> => {
  const { table, samples, clock } = parts;
  const places = placesOf();
  const find = async (runId: string): Promise<Item | undefined> => {
    const key = places.find(runId) ?? (await table.findRun(runId));
    return key && table.get(key);
  };
  return {
    put: putterOf(parts, probes, places),
    get: async (runId) => {
      const item = runId === '' ? undefined : await find(runId);
      if (!item || isOver(item, 'expiresAt', clock.now())) return undefined;
      const ref = isOver(item, 'samplesUntil', clock.now()) ? undefined : samplesIn(item);
      const [document, passes] = await Promise.all([
        readWhole(item, samples),
        ref === undefined ? [] : samples.read(ref, runId),
      ]);
      return { ...document, passes };
    },
  };
};
