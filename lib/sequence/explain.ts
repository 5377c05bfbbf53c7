import type { FrameExpectation } from '../config/plan.ts';
import { jsonEquals } from '../match/equality.ts';
import type { Query, Window } from './expectation.ts';
import type { Entry, Journal } from './journal.ts';
import type { CompiledPattern } from './pattern.ts';

/** Why an expectation does not hold, in one sentence, and the frames that the sentence speaks of. */
export type Explanation = { readonly sentence: string; readonly frames: readonly number[] };

/** An expectation that came to its end. `ending` says how: `within 5,000 ms`, `before the connection closed`. */
export type Unmet = {
  readonly expectation: FrameExpectation;
  readonly query: Query;
  readonly journal: Journal;
  readonly window: Window;
  readonly ending: string;
};

/** A burst of frames must not turn one failure into a long search for its cause. */
const maxCandidates = 2_000;
const maxNamed = 5;

const number = new Intl.NumberFormat('en-US');
const plural = (count: number, noun: string): string => `${number.format(count)} ${noun}${count === 1 ? '' : 's'}`;

const nameFrames = (entries: readonly Entry[]): string => {
  const names = entries.slice(0, maxNamed).map(({ frame }) => `#${frame.n}`);
  return entries.length > maxNamed ? `${names.join(', ')} and ${entries.length - maxNamed} more` : names.join(', ');
};

/** The message that agrees with most of the pattern; of several, the latest. */
const findNearest = (pattern: CompiledPattern, entries: readonly Entry[]): Explanation | undefined => {
  let best: { readonly entry: Entry; readonly agreeing: number } | undefined;
  for (const entry of entries.slice(-maxCandidates)) {
    const agreeing = entry.message ? pattern.agreement(entry.message.body) : -1;
    if (agreeing >= (best?.agreeing ?? 0)) best = { entry, agreeing };
  }
  const { n } = best?.entry.frame ?? { n: 0 };
  const difference = best?.entry.message && pattern.difference(best.entry.message.body);
  if (!difference) return undefined;
  return { sentence: `nearest #${n} differs at ${difference.path}: ${difference.actual}`, frames: [n] };
};

/** Why a message that matches does not count. */
const whyNot = (entry: Entry, { query, window }: Unmet): string => {
  const lateMs = entry.frame.at - window.untilMs;
  if (lateMs > 0) return `came ${Math.ceil(lateMs)} ms too late`;
  if (entry.consumed) return 'was claimed by an earlier step';
  if (entry.position < window.from) return 'came before this search begins: let it begin at a mark (from)';
  const { number: awaited, of } = query.awaited();
  const last = query.matched().at(-1);
  return `came before ${awaited - 1} of ${of}${last ? ` (#${last.frame.n})` : ''}: out of order`;
};

/** A message that matches and yet does not count, if there is one: then its place is at fault, not its absence. */
const findMisplaced = (unmet: Unmet): Explanation | undefined => {
  const { query, journal, window } = unmet;
  const { pattern } = query.awaited();
  const matched = new Set(query.matched());
  const candidates = journal
    .entriesOf(window.connection)
    .slice(-maxCandidates)
    .filter((entry) => !matched.has(entry) && entry.message && pattern.matches(entry.message.body));
  const best = candidates.findLast((entry) => !entry.consumed) ?? candidates.at(-1);
  return best && { sentence: `#${best.frame.n} matches but ${whyNot(best, unmet)}`, frames: [best.frame.n] };
};

const describeSeen = (entries: readonly Entry[]): string => {
  const unreadable = entries.filter((entry) => entry.message?.problem !== undefined);
  const seen = entries.length === 0 ? 'no frame seen since' : `${plural(entries.length, 'frame')} seen since`;
  const problem = unreadable[0]?.message?.problem;
  return problem ? `${seen}, ${unreadable.length} of them unreadable (${nameFrames(unreadable)}: ${problem})` : seen;
};

/** What was awaited, what came instead, and how much was seen. */
const explainMissing = (unmet: Unmet): Explanation => {
  const { expectation, query, ending } = unmet;
  const { pattern, number: awaited, of } = query.awaited();
  const last = query.matched().at(-1);
  const since = last ? query.seen().filter((entry) => entry.position > last.position) : query.seen();
  const hint = findMisplaced(unmet) ?? findNearest(pattern, since);
  const what = expectation.kind === 'inOrder' ? `inOrder ${awaited} of ${of}` : expectation.kind;
  const sentence = `${what} never came ${ending}: awaited ${pattern.text}; ${describeSeen(since)}`;
  return {
    sentence: hint ? `${sentence}, ${hint.sentence}` : sentence,
    frames: [...(last ? [last.frame.n] : []), ...(hint?.frames ?? [])],
  };
};

/** Whether the last of these says again what the one before it said. */
const describeRepeat = (entries: readonly Entry[]): string | undefined => {
  const [first, second] = entries.slice(-2);
  const repeats = first?.message && second?.message && jsonEquals(first.message.body, second.message.body);
  return repeats ? `#${second.frame.n} repeats #${first.frame.n}` : undefined;
};

type Count = Extract<FrameExpectation, { kind: 'count' }>;

const explainCount = ({ exactly, min, max }: Count, { query, ending }: Unmet): Explanation => {
  const matched = query.matched();
  const { pattern } = query.awaited();
  const most = exactly ?? max;
  const tooMany = most !== undefined && matched.length > most;
  const wanted = exactly !== undefined ? `exactly ${exactly}` : tooMany ? `at most ${max}` : `at least ${min}`;
  const came = `${matched.length} came${matched.length > 0 ? ` (${nameFrames(matched)})` : ''}`;
  const claimed = new Set(matched);
  const others = query.seen().filter((entry) => !claimed.has(entry));
  const nearest = tooMany ? undefined : findNearest(pattern, others);
  const detail = tooMany
    ? describeRepeat(matched)
    : [describeSeen(query.seen()), nearest?.sentence].filter(Boolean).join(', ');
  // Nothing wrong with the count: what is missing is the rest of the window.
  if (!tooMany && matched.length >= (exactly ?? min ?? 0))
    return { sentence: `the count of ${pattern.text} was cut short`, frames: [] };
  const sentence = `${came}${tooMany ? '' : ` ${ending}`}, ${wanted} awaited: ${pattern.text}`;
  return {
    sentence: detail ? `${sentence}; ${detail}` : sentence,
    frames: [...matched.slice(-maxNamed).map(({ frame }) => frame.n), ...(nearest?.frames ?? [])],
  };
};

/** Explains why seeing nothing proves nothing. */
export const explainUnproven = ({ expectation, query, ending }: Unmet): Explanation => {
  const letGo = query.seen().some((entry) => entry.message === undefined);
  const why = letGo
    ? 'frames were let go, unseen, to keep the journal within its memory'
    : expectation.kind === 'absent' && expectation.afterSeen
      ? `neither did ${query.awaited().pattern.text}, which was to prove that the connection is alive`
      : 'nothing shows that the connection was alive: no frame, and no answer to a ping';
  return { sentence: `none came ${ending}, but ${why}`, frames: [] };
};

/** Explains an expectation that does not hold. */
export const explainUnmet = (unmet: Unmet): Explanation => {
  const { expectation, query } = unmet;
  const [found] = query.matched();
  switch (expectation.kind) {
    case 'one':
    case 'inOrder':
      return explainMissing(unmet);
    case 'count':
      return explainCount(expectation, unmet);
    case 'absent':
      if (!found) return { sentence: `the absence of ${query.awaited().pattern.text} was cut short`, frames: [] };
      return { sentence: `#${found.frame.n} came: ${query.awaited().pattern.text}`, frames: [found.frame.n] };
  }
};
