import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

/** A content coding by its name, and what undoes it. */
export type Decoder = { readonly name: string; readonly stream: Transform };

/** RFC 9659 §3: a window of at most 8 MB, where the format would let a sender ask for far more memory. */
const zstdWindowLog = 23;

// A map and no object: the name comes from the target, and `constructor` is a member of every object.
const decoders: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog } })],
]);

/** Codings that are undone one upon the other; each holds a window of its own in memory. */
export const maxCodings = 4;

/** The codings of a content-encoding field that change something, in the order in which they were applied. */
export const codingsOf = (field: string | undefined): readonly string[] =>
  (field ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');

/** Decoders for these codings, the last applied first (RFC 9110 §8.4); none where one is unknown: the body stays as it came. */
export const createDecoders = (codings: readonly string[]): readonly Decoder[] =>
  codings.every((name) => decoders.has(name))
    ? codings.toReversed().flatMap((name) => {
        const stream = decoders.get(name)?.();
        return stream ? [{ name, stream }] : [];
      })
    : [];
