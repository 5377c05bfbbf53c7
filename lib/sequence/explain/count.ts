import type { CountExpectation } from '../../config/plan.ts';
import { jsonEquals } from '../../match/equality.ts';
import type { Query } from '../expectation/query.ts';
import type { Entry } from '../journal/frame.ts';
import { maxNamed, nameFrames, number } from '../words.ts';
import { findNearest } from './candidate.ts';
import { describeSeen, type Explanation } from './explanation.ts';

/** Whether the last of these says again what the one before it said. */
const describeRepeat = (entries: readonly Entry[]): string | undefined => {
  const [first, second] = entries.slice(-2);
  const repeats = first?.message && second?.message && jsonEquals(first.message.body, second.message.body);
  return repeats ? `#${second.frame.n} repeats #${first.frame.n}` : undefined;
};

/** `2 (#3, #5)`; `2 came (#3, #5)`. */
const cameOf = (matched: readonly Entry[], came = ''): string =>
  `${number(matched.length)}${came}${matched.length > 0 ? ` (${nameFrames(matched)})` : ''}`;

export const explainCount = (
  { exactly, min, max }: CountExpectation,
  { query, ending }: { readonly query: Query; readonly ending: string },
): Explanation => {
  const matched = query.matched();
  const { pattern } = query.awaited();
  const most = exactly ?? max;
  const tooMany = most !== undefined && matched.length > most;
  // Nothing wrong with the count: what is missing is the rest of the window.
  if (!tooMany && matched.length >= (exactly ?? min ?? 0))
    return { sentence: `the count of ${pattern.text} was cut short at ${cameOf(matched)}`, frames: [] };
  const wanted = exactly !== undefined ? `exactly ${exactly}` : tooMany ? `at most ${max}` : `at least ${min}`;
  const came = cameOf(matched, ' came');
  const claimed = new Set(matched);
  const others = query.seen().filter((entry) => !claimed.has(entry));
  const nearest = tooMany ? undefined : findNearest(pattern, others);
  const detail = tooMany
    ? describeRepeat(matched)
    : [describeSeen(query.seen()), nearest?.sentence].filter(Boolean).join(', ');
  const sentence = `${came}${tooMany ? '' : ` ${query.ending() ?? ending}`}, ${wanted} awaited: ${pattern.text}`;
  return {
    sentence: detail ? `${sentence}; ${detail}` : sentence,
    frames: [...matched.slice(-maxNamed).map(({ frame }) => frame.n), ...(nearest?.frames ?? [])],
  };
};
