import type { FrameExpectation, FramePattern, Json, OrderedExpectation } from '../../lib/config/plan.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import { loadCodec } from '../../lib/sequence/codec/codec.ts';
import { createQuery, type Query, type Window } from '../../lib/sequence/expectation.ts';
import { explainUnmet, explainUnproven } from '../../lib/sequence/explain.ts';
import { createJournal, type Journal, type JournalLimits } from '../../lib/sequence/journal.ts';
import { type Compiler, createCompiler } from '../../lib/sequence/pattern.ts';

/** Journals of JSON messages and questions to them, for the tests of sequences: small builders. */

const engines = await loadMatchEngines([], { patterns: true });
export const compiler = createCompiler(engines, (text) => text);

const codec = await loadCodec({
  name: 'json',
  dialect: {
    fields: {},
    roles: { heartbeat: { subset: { type: 'heartbeat' }, paths: {} } },
    types: [],
    operations: {},
  },
});
const dialogue = codec.open({ handshake: 'auto' });

export const emptyJournal = (limits: JournalLimits = {}): Journal => createJournal(dialogue.decode, limits);

export type Fed = {
  readonly journal: Journal;
  /** One frame each, one ms apart, over connection `a`. */
  readonly receive: (...bodies: readonly Json[]) => void;
  readonly receiveOn: (connection: string, ...bodies: readonly Json[]) => void;
  readonly receiveRaw: (raw: string, connection?: string) => void;
  /** Lets the time pass in which nothing comes. */
  readonly wait: (ms: number) => void;
};

/** A journal of connection `a` that has received these, its clock at 1 ms for each. */
export const journalOf = (bodies: readonly Json[] = [], limits: JournalLimits = {}): Fed => {
  const journal = emptyJournal(limits);
  const generations = new Map([['a', journal.begin('a')]]);
  let at = 0;
  const receiveRaw = (raw: string, connection = 'a') => {
    const generation = generations.get(connection) ?? journal.begin(connection);
    generations.set(connection, generation);
    at += 1;
    journal.append({ connection, generation, at, direction: 'in', raw });
  };
  const receiveOn = (connection: string, ...more: readonly Json[]) => {
    for (const body of more) receiveRaw(JSON.stringify(body), connection);
  };
  const receive = (...more: readonly Json[]) => receiveOn('a', ...more);
  receive(...bodies);
  return {
    journal,
    receive,
    receiveOn,
    receiveRaw,
    wait: (ms) => {
      at += ms;
    },
  };
};

export const like = (subset: FramePattern['subset']): FramePattern => ({ subset, paths: {} });
export const code = (event_code: string): FramePattern => like({ event_code });
export const events = (...codes: readonly string[]): readonly Json[] => codes.map((event_code) => ({ event_code }));
export const heartbeat: Json = { type: 'heartbeat' };

export const inOrder = (
  patterns: readonly FramePattern[],
  more: Partial<Pick<OrderedExpectation, 'by' | 'contiguous' | 'groupBy'>> = {},
): OrderedExpectation => ({ kind: 'inOrder', patterns, by: 'arrival', contiguous: false, ...more });

export type Asked = {
  readonly query: Query;
  /** Long before the window ends. */
  readonly advance: () => ReturnType<Query['advance']>;
  /** Concludes, and says why not. */
  readonly explain: () => string;
  /** Concludes, and names the frames that it speaks of. */
  readonly frames: () => readonly number[];
};

/** Asks from the default positions over connection `a`; the wait began at 0 and ends at 1,000. */
export const ask = (
  expectation: FrameExpectation,
  journal: Journal,
  more: Partial<Window> = {},
  compile: Compiler = compiler,
): Asked => {
  const window: Window = { connections: ['a'], from: journal.positionOf, startMs: 0, untilMs: 1_000, ...more };
  const query = createQuery(expectation, compile, journal, window);
  const explanation = () => {
    const progress = query.conclude();
    const unmet = { expectation, query, journal, window, ending: 'within 5,000 ms' };
    return progress === 'failed' ? explainUnmet(unmet) : explainUnproven(unmet);
  };
  return {
    query,
    advance: () => query.advance(0),
    explain: () => explanation().sentence,
    frames: () => explanation().frames,
  };
};

/** How it ends, asked once over all that is there. */
export const verdictOf = (expectation: FrameExpectation, bodies: readonly Json[]) =>
  ask(expectation, journalOf(bodies).journal).query.conclude();

export const matchedOf = (query: Query): readonly number[] => query.matched().map(({ frame }) => frame.n);
