import { createHash } from 'node:crypto';
import { objectPrefixes } from '../../names.ts';
import type { Run } from '../../result/result.ts';

/** An S3 key has 1,024 bytes at most; a probe's id may be longer once it is spelt out. */
const longestId = 200;

const hashOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

/** An id of any script in characters that are safe in a key, in a URL and in a Hive partition. */
export const spellId = (id: string): string => {
  const spelt = encodeURIComponent(id.toWellFormed()).replaceAll(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return spelt.length > longestId ? `${spelt.slice(0, longestId)}~${hashOf(id)}` : spelt;
};

const dateOf = (run: Run): string => new Date(run.slot).toISOString().slice(0, 'YYYY-MM-DD'.length);

/** Where the samples of good runs of one batch and day lie. `tag`: unlike any other, for a batch may be delivered twice. */
export const batchKey = (run: Run, batchId: string, tag: string): string =>
  `${objectPrefixes.samples}date=${dateOf(run)}/${spellId(batchId)}-${tag}.ndjson.gz`;

/** Whether other runs may have their samples in the same object. */
export const isShared = (key: string): boolean => key.startsWith(`${objectPrefixes.samples}date=`);

const ownFolder = ({ probe }: Run): string => `probe=${spellId(probe)}`;

/**
 * An object of a run's own. Named after what it holds: the same run put again writes the same object, and a second
 * measurement of its slot another one.
 */
export const runKey = (run: Run, content: Uint8Array): string =>
  `${objectPrefixes.samples}${ownFolder(run)}/date=${dateOf(run)}/${spellId(run.runId)}-${hashOf(content)}.ndjson.gz`;

export const documentKey = (run: Run, content: Uint8Array): string =>
  `${objectPrefixes.documents}${ownFolder(run)}/date=${dateOf(run)}/${spellId(run.runId)}-${hashOf(content)}.json.gz`;
