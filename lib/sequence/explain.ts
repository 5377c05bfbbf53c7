import type { FrameExpectation } from '../config/plan.ts';
import type { Query, Window } from './expectation/query.ts';
import { explainCount } from './explain/count.ts';
import { describeSeen, type Explanation } from './explain/explanation.ts';
import { explainMissing } from './explain/missing.ts';
import type { Journal } from './journal.ts';
import { nameFrames, number } from './words.ts';

export type { Explanation } from './explain/explanation.ts';

/** An expectation that came to its end. `ending` says how: `within 5,000 ms`, `before the connection closed`. */
export type Unmet = {
  readonly expectation: FrameExpectation;
  readonly query: Query;
  readonly journal: Journal;
  readonly window: Window;
  readonly ending: string;
};

const whyUnproven = (query: Query): string =>
  query.missed()
    ? 'frames were let go, unseen, to keep the journal within its memory'
    : (query.doubt() ??
      'nothing shows that the connection was still alive then: no frame after it, and no answer to a ping');

/** Explains why seeing nothing proves nothing. */
export const explainUnproven = ({ query, ending }: Unmet): Explanation => {
  const matched = query.matched();
  const came = matched.length === 0 ? 'none' : `${number(matched.length)} (${nameFrames(matched)})`;
  return { sentence: `${came} came ${query.ending() ?? ending}, but ${whyUnproven(query)}`, frames: [] };
};

/** Explains an expectation that does not hold. */
export const explainUnmet = (unmet: Unmet): Explanation => {
  const { expectation, query } = unmet;
  const [found] = query.matched();
  switch (expectation.kind) {
    case 'one':
    case 'inOrder':
    case 'unordered':
      return explainMissing(unmet);
    case 'count':
      return explainCount(expectation, unmet);
    case 'absent':
      if (!found) {
        const sentence = `the absence of ${query.awaited().pattern.text} was cut short; ${describeSeen(query.seen())}`;
        return { sentence, frames: [] };
      }
      return { sentence: `#${found.frame.n} came: ${query.awaited().pattern.text}`, frames: [found.frame.n] };
  }
};
