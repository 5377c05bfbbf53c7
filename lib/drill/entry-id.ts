import { createHash } from 'node:crypto';
import type { Phase } from './record.ts';

const letters = { seed: 's', through: 't', after: 'a', ghost: 'g' } as const satisfies Record<Phase, string>;

/**
 * What all ids of a run begin with: readable, and no other run's beginning. Lower-case letters and digits, as many as a
 * multiple of 4: safe in a URL, a header, a file's name and a JSON text, and base64 as it stands (RFC 4648 §4), which is
 * all that etcd's gateway takes for a key. Decoded and encoded again it is the same.
 */
export const idPrefix = (runId: string): string => {
  const hash = createHash('sha256').update(runId).digest('hex');
  const readable = runId.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');
  const head = `drill${readable.slice(-24)}`;
  return head + hash.slice(0, 12 - (head.length % 4));
};

/** The same for the same run, phase and number: a state that is retried goes on where it was. */
export const entryId = (runId: string, phase: Phase, n: number): string =>
  `${idPrefix(runId)}${letters[phase]}${String(n).padStart(7, '0')}`;

/** Ids of a run, by their prefix, that a text names anywhere; each once. */
export const idsIn = (text: string, prefix: string): readonly string[] => [
  ...new Set(text.match(new RegExp(`${prefix}[a-z]\\d{7,}`, 'g')) ?? []),
];
