import type { Entry } from '../journal/frame.ts';
import type { CompiledPattern } from '../pattern.ts';
import type { Cursor } from './cursor.ts';

/** Where a query looks: connections, each from a position on, at frames that came no later than `untilMs`. */
export type Window = {
  /** Their messages are taken in the order in which they arrived. */
  readonly connections: readonly string[];
  readonly from: (connection: string) => number;
  /** When the wait began; monotonic. */
  readonly startMs: number;
  /** Monotonic. */
  readonly untilMs: number;
};

/**
 * How a query stands. `waiting`: what comes later may still change it. `unheard`: it holds unless a connection fell
 * silent before the end, on which too much might have come: others must know. `unproven` cannot be told any more.
 */
export type Progress = 'waiting' | 'met' | 'failed' | 'unheard' | 'unproven';

/** What is still awaited. */
export type Awaited = {
  readonly pattern: CompiledPattern;
  /** Its place among how many. */
  readonly number: number;
  readonly of: number;
  /** Others that are missing as well, in no order. */
  readonly others?: readonly CompiledPattern[];
  /** The group that it must belong to: `$.run_id is 7`. */
  readonly where?: string;
  /** It must come right behind this one. */
  readonly after?: Entry;
};

/** One expectation over the journal. It looks at each message once, however often it is asked. */
export type Query = {
  /** Looks at what came since the last look. Anything but `waiting` is decided, and stays so. */
  advance(nowMs: number): Progress;
  /** When to ask again though nothing came: the silence that is awaited is then long enough. */
  dueMs(): number | undefined;
  /** How it stands when nothing more can come: at the end of the window, or after the connection closed. */
  conclude(): Progress;
  /** Messages that matched, as far as it got, in order of arrival; of `absent`, the one that should not have come. */
  matched(): readonly Entry[];
  /** Messages looked at, in order of arrival. */
  seen(): readonly Entry[];
  /** Of a `count` or `absent`, its one pattern. */
  awaited(): Awaited;
  /** Why a message that was looked at, unclaimed and a match of what is awaited, does not count. */
  whyNot(entry: Entry): string | undefined;
  /** Whether it is of another group than the one that got farthest. */
  isOther(entry: Entry): boolean;
  /** What lay where only the awaited message may. */
  intruder(): Entry | undefined;
  /** What ended it before its window did, in words. */
  ending(): string | undefined;
  /** Where it is unproven, what was to prove it and never came: a clause that follows `but`. */
  doubt(): string | undefined;
  /** Where it is `unheard`: connections that nothing in the window itself shows to be alive at its end. */
  unheard(): readonly string[];
  /** Whether messages of the window were let go before it could look at them. */
  missed(): boolean;
};

/** What the walk answers, and what most queries have nothing to say to. */
export const plainAnswers = ({ seen, missed }: Cursor) =>
  ({
    seen,
    missed,
    dueMs: () => undefined,
    whyNot: () => undefined,
    isOther: () => false,
    intruder: () => undefined,
    ending: () => undefined,
    doubt: () => undefined,
    unheard: () => [],
  }) as const satisfies Partial<Query>;
