import type { Entry } from '../journal/frame.ts';
import { nameFrames, plural } from '../words.ts';

/** Why an expectation does not hold, in one sentence, and the frames that the sentence speaks of. */
export type Explanation = { readonly sentence: string; readonly frames: readonly number[] };

/** How much was seen, and whether it could be read. */
export const describeSeen = (entries: readonly Entry[]): string => {
  const unreadable = entries.filter((entry) => entry.message?.problem !== undefined);
  const seen = entries.length === 0 ? 'no frame seen since' : `${plural(entries.length, 'frame')} seen since`;
  const problem = unreadable[0]?.message?.problem;
  return problem ? `${seen}, ${unreadable.length} of them unreadable (${nameFrames(unreadable)}: ${problem})` : seen;
};
