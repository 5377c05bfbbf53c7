import type { CountExpectation, FrameExpectation, FramePattern, OrderedExpectation } from '../config/plan.ts';
import { queryAbsent } from './expectation/absent.ts';
import { queryCount } from './expectation/count.ts';
import { createCursor } from './expectation/cursor.ts';
import { queryOrdered } from './expectation/ordered.ts';
import type { Query, Window } from './expectation/query.ts';
import { queryUnordered } from './expectation/unordered.ts';
import type { Journal } from './journal.ts';
import { type Compiler, describePattern } from './pattern.ts';
import { inMs } from './words.ts';

export type { Awaited, Progress, Query, Window } from './expectation/query.ts';

const describeAll = (patterns: readonly FramePattern[]): string =>
  patterns.map((pattern) => describePattern(pattern)).join(', ');

const describeOrder = ({ by, contiguous, groupBy }: OrderedExpectation): string => {
  const words = [
    ...(by === 'sequence' ? ['by sequence'] : []),
    ...(groupBy === undefined ? [] : [`grouped by ${groupBy}`]),
    ...(contiguous ? ['contiguous'] : []),
  ];
  return words.length === 0 ? 'inOrder' : `inOrder (${words.join(', ')})`;
};

const describeCount = ({ exactly, min, max, until }: CountExpectation): string => {
  const bounds = [
    ...(exactly === undefined ? [] : [`exactly ${exactly}`]),
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
  ].join(' and ');
  if (!until) return bounds;
  return 'pattern' in until
    ? `${bounds} until ${describePattern(until.pattern)}`
    : `${bounds} until ${inMs(until.quietMs)} of quiet`;
};

/** The name of an expectation's check, from the plan's own words: `one {type: "ack"}`. */
export const describeExpectation = (expectation: FrameExpectation): string => {
  switch (expectation.kind) {
    case 'one':
      return `one ${describePattern(expectation.pattern)}`;
    case 'inOrder':
      return `${describeOrder(expectation)} ${describeAll(expectation.patterns)}`;
    case 'unordered':
      return `unordered ${describeAll(expectation.patterns)}`;
    case 'count':
      return `count ${describePattern(expectation.pattern)} ${describeCount(expectation)}`;
    case 'absent':
      return `absent ${describePattern(expectation.pattern)}`;
  }
};

const firstToArrive = { by: 'arrival', contiguous: false } as const;

/**
 * Starts an expectation, its templates filled in, over a window of the journal. `count` and `absent` look at all
 * messages, the others pass over those that were claimed before.
 *
 * @throws SyntaxError for a path that is not JSONPath.
 */
export const createQuery = (
  expectation: FrameExpectation,
  compiler: Compiler,
  journal: Journal,
  window: Window,
): Query => {
  const cursor = createCursor(journal, window);
  switch (expectation.kind) {
    case 'one':
      return queryOrdered([compiler.pattern(expectation.pattern)], firstToArrive, compiler, cursor);
    case 'inOrder':
      return queryOrdered(expectation.patterns.map(compiler.pattern), expectation, compiler, cursor);
    case 'unordered':
      return queryUnordered(expectation.patterns.map(compiler.pattern), cursor);
    case 'count':
      return queryCount(expectation, compiler, cursor, window);
    case 'absent': {
      const afterSeen = expectation.afterSeen && compiler.pattern(expectation.afterSeen);
      return queryAbsent(compiler.pattern(expectation.pattern), afterSeen, cursor, window);
    }
  }
};
