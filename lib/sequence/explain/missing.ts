import type { FrameExpectation } from '../../config/plan.ts';
import type { Awaited } from '../expectation/query.ts';
import { byArrival, type Entry } from '../journal/frame.ts';
import { findElsewhere, findMisplaced, findNearest, type Place } from './candidate.ts';
import { describeSeen, type Explanation } from './explanation.ts';

type Missing = Place & { readonly expectation: FrameExpectation; readonly ending: string };

const describeWhat = (expectation: FrameExpectation, { number, of }: Awaited): string => {
  if (expectation.kind === 'one') return 'one';
  const bySequence = expectation.kind === 'inOrder' && expectation.by === 'sequence';
  return `${expectation.kind}${bySequence ? ' by sequence' : ''} ${number} of ${of}`;
};

const describeAwaited = ({ pattern, others = [], where, after }: Awaited): string =>
  [
    [pattern, ...others].map(({ text }) => text).join(' and '),
    ...(where === undefined ? [] : [`where ${where}`]),
    ...(after ? [`right behind #${after.frame.n}`] : []),
  ].join(' ');

/** What came in the place of the awaited message: it differs, or it only stands in the way. */
const describeIntruder = (entry: Entry, { pattern }: Awaited): Explanation => {
  const { n } = entry.frame;
  const difference = entry.message && pattern.difference(entry.message);
  const why = difference ? `differs at ${difference.path}: ${difference.actual}` : 'was claimed by an earlier step';
  return { sentence: `#${n} came instead and ${why}`, frames: [n] };
};

/** Messages that could have been the awaited one: where arrival decides, those behind the last match. */
const findSince = ({ expectation, query }: Missing): readonly Entry[] => {
  const matched = query.matched();
  const last = matched.at(-1);
  const anywhere =
    expectation.kind === 'unordered' || (expectation.kind === 'inOrder' && expectation.by === 'sequence');
  if (!anywhere) return query.seen().filter((entry) => !last || byArrival(entry, last) > 0);
  const taken = new Set(matched);
  return query.seen().filter((entry) => !taken.has(entry));
};

/** What was awaited, what came instead, and how much was seen. */
export const explainMissing = (missing: Missing): Explanation => {
  const { expectation, query, ending } = missing;
  const awaited = query.awaited();
  const last = query.matched().at(-1);
  const intruder = query.intruder();
  const since = findSince(missing);
  const misplaced = findMisplaced(missing);
  const hint =
    (misplaced?.isPast ? undefined : misplaced) ??
    (intruder ? describeIntruder(intruder, awaited) : undefined) ??
    findElsewhere(missing) ??
    findNearest(awaited.pattern, since, query.isOther) ??
    misplaced;
  const what = describeWhat(expectation, awaited);
  const sentence = `${what} never came ${ending}: awaited ${describeAwaited(awaited)}; ${describeSeen(since)}`;
  return {
    sentence: hint ? `${sentence}, ${hint.sentence}` : sentence,
    frames: [
      ...new Set([...(last ? [last.frame.n] : []), ...(intruder ? [intruder.frame.n] : []), ...(hint?.frames ?? [])]),
    ],
  };
};
