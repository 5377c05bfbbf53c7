import type { Span } from './secret-search.ts';

/** As many characters of a text decide whether it is looked at more closely. */
const headChars = 4;

type Bucket<Needle> = { readonly lengths: number[]; readonly needles: Map<string, Needle> };

const newBucket = <Needle>(): Bucket<Needle> => ({ lengths: [], needles: new Map() });

/**
 * Many texts to find at once, in a time that their number does not change: by their first characters, and then by the
 * whole of each length that begins so (captured tokens often begin alike, and are of one length).
 */
export const createNeedleIndex = <Needle>(merge: (a: Needle, b: Needle) => Needle) => {
  const buckets = new Map<string, Bucket<Needle>>();
  /** Of texts shorter than a head. */
  const headLengths = new Set<number>();
  const add = (text: string, needle: Needle): void => {
    const head = text.slice(0, headChars);
    headLengths.add(head.length);
    const bucket = buckets.get(head) ?? newBucket<Needle>();
    if (!bucket.lengths.includes(text.length)) bucket.lengths.push(text.length);
    const known = bucket.needles.get(text);
    bucket.needles.set(text, known === undefined ? needle : merge(known, needle));
    buckets.set(head, bucket);
  };
  /** Every occurrence, those that overlap too. */
  const find = (text: string, found: (span: Span, needle: Needle) => void): void => {
    for (let start = 0; start < text.length; start += 1) {
      for (const size of headLengths) {
        const bucket = buckets.get(text.slice(start, start + size));
        if (!bucket) continue;
        for (const length of bucket.lengths) {
          const needle = bucket.needles.get(text.slice(start, start + length));
          if (needle !== undefined) found({ start, end: start + length }, needle);
        }
      }
    }
  };
  /** Whether a longer one begins with these characters. */
  const begins = (start: string): boolean => {
    for (const text of buckets.get(start.slice(0, headChars))?.needles.keys() ?? []) {
      if (text.length > start.length && text.startsWith(start)) return true;
    }
    return false;
  };
  return { add, find, begins };
};
