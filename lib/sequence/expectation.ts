import type { FrameExpectation, FramePattern } from '../config/plan.ts';
import type { Entry, Journal } from './journal.ts';
import { type CompiledPattern, describePattern } from './pattern.ts';

/** Where a query looks: one connection, from a position on, at frames that came no later than `untilMs`. */
export type Window = {
  readonly connection: string;
  readonly from: number;
  /** Monotonic. */
  readonly untilMs: number;
};

/**
 * How a query stands. `waiting`: what comes later may still change it. At the end, where nothing came and nothing should:
 * `unheard` holds if the connection was alive, which others must know; `unproven` cannot be told any more.
 */
export type Progress = 'waiting' | 'met' | 'failed' | 'unheard' | 'unproven';

/** One expectation over the journal. It looks at each message once, however often it is asked. */
export type Query = {
  /** Looks at what came since the last look. */
  advance(): Progress;
  /** How it stands when nothing more can come: at the end of the window, or after the connection closed. */
  conclude(): Progress;
  /** Messages that matched so far; of `absent`, the one that should not have come. */
  matched(): readonly Entry[];
  /** Messages looked at. */
  seen(): readonly Entry[];
  /** The pattern that is still awaited, and its number of how many; of a `count` or `absent`, its one pattern. */
  awaited(): { readonly pattern: CompiledPattern; readonly number: number; readonly of: number };
};

type Count = Pick<Extract<FrameExpectation, { kind: 'count' }>, 'exactly' | 'min' | 'max'>;

const boundsOf = ({ exactly, min, max }: Count) => ({ least: exactly ?? min ?? 0, most: exactly ?? max });

const describeCount = ({ exactly, min, max }: Count): string =>
  [
    ...(exactly === undefined ? [] : [`exactly ${exactly}`]),
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
  ].join(' and ');

/** The name of an expectation's check, from the plan's own words: `one {type: "ack"}`. */
export const describeExpectation = (expectation: FrameExpectation): string => {
  switch (expectation.kind) {
    case 'one':
      return `one ${describePattern(expectation.pattern)}`;
    case 'inOrder':
      return `inOrder ${expectation.patterns.map((pattern) => describePattern(pattern)).join(', ')}`;
    case 'count':
      return `count ${describePattern(expectation.pattern)} ${describeCount(expectation)}`;
    case 'absent':
      return `absent ${describePattern(expectation.pattern)}`;
  }
};

/** Walks the messages of a window once, over many calls. */
const createCursor = (journal: Journal, window: Window) => {
  const entries = journal.entriesOf(window.connection);
  let next = window.from;
  return {
    /** Next message of the window, or nothing for now. */
    take: (): Entry | undefined => {
      const entry = entries[next];
      if (!entry || entry.frame.at > window.untilMs) return undefined;
      next += 1;
      return entry;
    },
    seen: (): readonly Entry[] => entries.slice(window.from, next),
  };
};

/** All patterns one after another, others may lie between: the earliest match of each is as good as any later one. */
const queryInOrder = (patterns: readonly CompiledPattern[], journal: Journal, window: Window): Query => {
  const cursor = createCursor(journal, window);
  const matched: Entry[] = [];
  const current = () => patterns[Math.min(matched.length, patterns.length - 1)] as CompiledPattern;
  const advance = (): Progress => {
    while (matched.length < patterns.length) {
      const entry = cursor.take();
      if (!entry) return 'waiting';
      if (!entry.consumed && entry.message && current().matches(entry.message.body)) matched.push(entry);
    }
    return 'met';
  };
  return {
    advance,
    conclude: () => (advance() === 'met' ? 'met' : 'failed'),
    matched: () => matched,
    seen: cursor.seen,
    awaited: () => ({
      pattern: current(),
      number: Math.min(matched.length + 1, patterns.length),
      of: patterns.length,
    }),
  };
};

/** Counts what matches, claimed before or not: a duplicate of a claimed message is one too many. */
const queryCount = (pattern: CompiledPattern, count: Count, journal: Journal, window: Window): Query => {
  const { least, most } = boundsOf(count);
  const cursor = createCursor(journal, window);
  const matched: Entry[] = [];
  let letGo = false;
  const advance = (): Progress => {
    while (most === undefined ? matched.length < least : matched.length <= most) {
      const entry = cursor.take();
      if (!entry) return 'waiting';
      letGo ||= entry.message === undefined;
      if (entry.message && pattern.matches(entry.message.body)) matched.push(entry);
    }
    return most === undefined ? 'met' : 'failed';
  };
  const conclude = (): Progress => {
    const progress = advance();
    if (progress !== 'waiting') return progress;
    if (letGo) return 'unproven';
    if (matched.length < least) return 'failed';
    // None came and none had to: that proves something only of a connection that was alive.
    return matched.length === 0 ? 'unheard' : 'met';
  };
  return {
    advance,
    conclude,
    matched: () => matched,
    seen: cursor.seen,
    awaited: () => ({ pattern, number: 1, of: 1 }),
  };
};

/** Holds only over the whole window. With `afterSeen`, that message is the proof that the connection was alive. */
const queryAbsent = (
  pattern: CompiledPattern,
  afterSeen: CompiledPattern | undefined,
  journal: Journal,
  window: Window,
): Query => {
  const cursor = createCursor(journal, window);
  const matched: Entry[] = [];
  let alive = false;
  let letGo = false;
  const advance = (): Progress => {
    while (matched.length === 0) {
      const entry = cursor.take();
      if (!entry) return 'waiting';
      letGo ||= entry.message === undefined;
      if (!entry.message) continue;
      if (pattern.matches(entry.message.body)) matched.push(entry);
      else alive ||= afterSeen?.matches(entry.message.body) ?? false;
    }
    return 'failed';
  };
  return {
    advance,
    conclude: () => {
      if (advance() === 'failed') return 'failed';
      if (letGo) return 'unproven';
      if (!afterSeen) return 'unheard';
      return alive ? 'met' : 'unproven';
    },
    matched: () => matched,
    seen: cursor.seen,
    awaited: () => ({ pattern: alive || !afterSeen ? pattern : afterSeen, number: 1, of: 1 }),
  };
};

/**
 * Starts an expectation, its templates filled in, over a window of the journal. `one` and `inOrder` pass over messages
 * that were claimed before; `count` and `absent` look at all.
 */
export const createQuery = (
  expectation: FrameExpectation,
  compile: (pattern: FramePattern) => CompiledPattern,
  journal: Journal,
  window: Window,
): Query => {
  switch (expectation.kind) {
    case 'one':
      return queryInOrder([compile(expectation.pattern)], journal, window);
    case 'inOrder':
      return queryInOrder(expectation.patterns.map(compile), journal, window);
    case 'count':
      return queryCount(compile(expectation.pattern), expectation, journal, window);
    case 'absent': {
      const afterSeen = expectation.afterSeen && compile(expectation.afterSeen);
      return queryAbsent(compile(expectation.pattern), afterSeen, journal, window);
    }
  }
};
