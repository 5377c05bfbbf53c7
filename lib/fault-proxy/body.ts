import { setTimeout as sleep } from 'node:timers/promises';
import type { FieldEdit } from './fault.ts';
import { editField, flipBit } from './payload.ts';

export type Body = AsyncIterable<Buffer>;

/** A body larger than this passes a field edit untouched, and is not kept. */
const maxEditedBytes = 16 * 1024 ** 2;
const filler = Buffer.alloc(64 * 1024, ' ');

/** A few bytes, then a pause, and so on. */
export async function* drip(source: Body, bytes: number, everyMs: number, signal: AbortSignal): Body {
  let first = true;
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; start += bytes) {
      if (!first) await sleep(everyMs, undefined, { signal });
      first = false;
      yield chunk.subarray(start, start + bytes);
    }
  }
}

/** The body and then spaces up to a size: never more than a chunk of them in memory. */
export async function* pad(source: Body, size: number, hit: () => void): Body {
  let missing = size;
  for await (const chunk of source) {
    missing -= chunk.length;
    yield chunk;
  }
  if (missing > 0) hit();
  for (; missing > 0; missing -= filler.length) yield filler.subarray(0, Math.min(missing, filler.length));
}

/** Flips one bit in the first chunk; `at` is a number from 0 up to 1. */
export async function* corruptBit(source: Body, at: number, hit: () => void): Body {
  let done = false;
  for await (const chunk of source) {
    const flipped = done ? undefined : flipBit(chunk, at);
    if (flipped) {
      done = true;
      hit();
    }
    yield flipped ?? chunk;
  }
}

/** Passes the body on as it comes, and tells at its end what it was; nothing of one over 16 MB. */
export async function* keep(source: Body, tell: (whole: Buffer | undefined) => void): Body {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size <= maxEditedBytes) kept.push(chunk);
    yield chunk;
  }
  tell(size <= maxEditedBytes ? Buffer.concat(kept) : undefined);
}

/** Changes one field of a JSON body; passes on untouched what is no JSON, has no such field or is over 16 MB. */
export async function* corruptField(source: Body, edit: FieldEdit, hit: () => void): Body {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    kept.push(chunk);
    if (size > maxEditedBytes) yield* kept.splice(0);
  }
  const whole = Buffer.concat(kept);
  const edited = size > maxEditedBytes ? undefined : editField(whole, edit);
  if (edited) hit();
  if (whole.length > 0) yield edited ?? whole;
}

/** The first half of a body of this length; of one whose length nobody knows, half of its first chunk. */
export async function* firstHalf(source: Body, length: number | undefined): Body {
  let left = length === undefined ? undefined : Math.floor(length / 2);
  for await (const chunk of source) {
    left ??= Math.floor(chunk.length / 2);
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) return;
  }
}
