import type { FrameExpectation } from '../../config/plan.ts';
import type { Failure } from '../../result/result.ts';
import type { Progress, Query, Window } from '../../sequence/expectation.ts';
import { answersPing, isAlive } from './alive.ts';
import { type Conversation, downOf } from './conversation.ts';
import { waitFor } from './wait.ts';

/** An expectation under way. */
export type Awaited = {
  readonly expectation: FrameExpectation;
  readonly query: Query;
  readonly window: Window;
  readonly conversation: Conversation;
};

/** How the wait ended. */
export type Waited = {
  readonly progress: Exclude<Progress, 'waiting' | 'unheard'>;
  readonly endMs: number;
  /** Nothing more could come. */
  readonly down?: Failure;
  /** The window ran out. */
  readonly late?: true;
  /** Connections that, asked by a ping at the end, said nothing. */
  readonly silent: readonly string[];
};

type Ended = Pick<Waited, 'endMs' | 'down' | 'late'> & { readonly progress: Progress };

const downAmong = ({ window, conversation }: Awaited): readonly Failure[] =>
  window.connections.flatMap((name) => downOf(name, conversation) ?? []);

const endedMs = ({ window, conversation }: Awaited): number =>
  Math.max(...window.connections.map((name) => conversation.connections.get(name)?.ended()?.at ?? window.untilMs));

/** After an orderly close a count can change no more; everything else that is still awaited has failed. */
const isFinal = ({ expectation, query }: Awaited, down: readonly Failure[]): boolean =>
  expectation.kind === 'count' &&
  query.matched().length > 0 &&
  down.every(({ kind, closeCode }) => kind === 'closed' && closeCode !== undefined && closeCode !== 1006);

/** Waits until the query is decided, no connection can bring anything more, or the window ends. */
const awaitEnd = async (awaited: Awaited, signal: AbortSignal): Promise<Ended> => {
  const { query, window, conversation } = awaited;
  const { journal, context } = conversation;
  const look = (): Ended | undefined => {
    const nowMs = context.clock.monotonic();
    const progress = query.advance(nowMs);
    if (progress !== 'waiting') {
      const ownEnd = query.ending() === undefined;
      return { progress, endMs: ownEnd ? (query.matched().at(-1)?.frame.at ?? nowMs) : nowMs };
    }
    const down = downAmong(awaited);
    const [first] = down;
    if (!first || down.length < window.connections.length) return undefined;
    return { progress: query.conclude(), endMs: endedMs(awaited), down: first };
  };
  const ended = await waitFor(look, window.untilMs, journal, context.clock, signal, query.dueMs);
  return ended ?? { progress: query.conclude(), endMs: window.untilMs, late: true };
};

const silentAmong = async ({ window, conversation }: Awaited, signal: AbortSignal): Promise<readonly string[]> => {
  const answers = await Promise.all(window.connections.map((name) => answersPing(name, signal, conversation)));
  return window.connections.filter((_, index) => !answers[index]);
};

/** A frame from the middle of the window proves nothing of its end: the peer may have gone mute since. */
const deadAtEnd = async ({ conversation }: Awaited, names: readonly string[], endMs: number, signal: AbortSignal) => {
  const alive = await Promise.all(names.map((name) => isAlive(name, endMs, signal, conversation)));
  return names.filter((_, index) => !alive[index]);
};

/** Waits for an expectation. Where something must not have come, each connection must be alive when the wait ends. */
export const awaitQuery = async (awaited: Awaited, signal: AbortSignal): Promise<Waited> => {
  const { progress, ...ended } = await awaitEnd(awaited, signal);
  const down = downAmong(awaited);
  const [first] = down;
  const undecided = ended.down !== undefined || ended.late === true;
  // One that broke off might have brought what was not to come.
  if (undecided && first) {
    const holds = (progress === 'met' || progress === 'unheard') && isFinal(awaited, down);
    if (!holds) return { ...ended, down: first, silent: [], progress: 'failed' };
  }
  if (progress === 'unheard') {
    // What closed in order has said all that it had to say.
    const asked = undecided ? awaited.query.unheard().filter((name) => !downOf(name, awaited.conversation)) : undefined;
    const silent = await deadAtEnd(awaited, asked ?? awaited.query.unheard(), ended.endMs, signal);
    return { ...ended, silent, progress: silent.length === 0 ? 'met' : 'unproven' };
  }
  // What never came is one thing on a connection that lives, and another on one that fell silent.
  const asks = ended.late && progress === 'failed';
  const settled = progress === 'waiting' ? 'failed' : progress;
  return { ...ended, silent: asks ? await silentAmong(awaited, signal) : [], progress: settled };
};
