import type { Matcher, Operation, Resumption } from '../../config/plan.ts';
import { describeMatcher } from '../../match/matcher.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import type { Standing } from '../../sequence/codec/codec.ts';
import type { Entry } from '../../sequence/journal.ts';
import { type Asking, ask, describeOperation, matchesCode } from './answer.ts';
import type { Conversation } from './conversation.ts';
import { codeOfClose, type Streams } from './reopening.ts';

/** What the server made of a session that was to go on, and what says so. */
export type Resumed =
  | { readonly became: 'resumed' | 'reset'; readonly because: string }
  | { readonly became: 'rejected'; readonly code: string }
  | { readonly became: 'unknown' };

export type Resuming = {
  readonly resumed?: Resumed;
  /** The server's answers. */
  readonly entries: readonly Entry[];
  readonly failure?: Failure;
};

const resumeStream = async (
  operation: Operation,
  untilMs: number,
  asking: Pick<Asking, 'as' | 'step' | 'signal' | 'conversation'>,
): Promise<Resuming> => {
  const withinMs = Math.max(0, untilMs - asking.conversation.context.clock.monotonic());
  const asked = await ask({ ...asking, operation, withinMs });
  if ('failure' in asked) {
    const code = codeOfClose(asked.failure);
    return code === undefined
      ? { entries: [], failure: asked.failure }
      : { entries: [], resumed: { became: 'rejected', code } };
  }
  const { answer, entry } = asked;
  const entries = [entry];
  if (!answer.accepted) return { entries, resumed: { became: 'rejected', code: answer.code } };
  const accepted = `${describeOperation(operation)} was accepted`;
  return answer.behind
    ? { entries, resumed: { became: 'reset', because: `${accepted}, and goes on from a place before it` } }
    : { entries, resumed: { became: 'resumed', because: accepted } };
};

const ranks = { unknown: 0, resumed: 1, reset: 2, rejected: 3 } as const satisfies Record<Resumed['became'], number>;

/** The worst that was said decides: one stream that was lost is not made up for by another that was not. */
const worseOf = (a: Resumed, b: Resumed): Resumed => (ranks[b.became] > ranks[a.became] ? b : a);

const did = {
  resumed: 'the server goes on with the session',
  reset: 'the server began a new session',
} as const;

/** What the protocol tells by itself, and be it by a session of another name. */
const toldBy = (standing: Standing | undefined): Resumed =>
  standing?.state === 'ready' && standing.resumption
    ? { became: standing.resumption, because: did[standing.resumption] }
    : { became: 'unknown' };

/** Subscribes again from each cursor, one after another, so that each answer is known by its question. */
export const resumeStreams = async (
  streams: Streams,
  untilMs: number,
  asking: Pick<Asking, 'as' | 'step' | 'signal' | 'conversation'>,
): Promise<Resuming> => {
  let resumed: Resumed = { became: 'unknown' };
  const entries: Entry[] = [];
  for (const [stream, cursor] of streams) {
    const one = await resumeStream({ do: 'subscribe', stream, cursor }, untilMs, asking);
    entries.push(...one.entries);
    if (one.failure) return { entries, failure: one.failure };
    if (one.resumed) resumed = worseOf(resumed, one.resumed);
  }
  // Asked last: an answer may have told of a new epoch, in which a cursor means nothing though it was accepted.
  const standing = asking.conversation.dialogues.of(asking.as)?.standing();
  return { entries, resumed: worseOf(resumed, toldBy(standing)) };
};

const describeResumed = (resumed: Resumed): string => {
  if (resumed.became === 'unknown') {
    return "nothing says whether the session goes on: the protocol does not tell, and no stream was resumed; expect 'open' where a connection is enough";
  }
  return resumed.became === 'rejected' ? `rejected with ${resumed.code}` : `${resumed.became}: ${resumed.because}`;
};

const rejectionIn = (expected: Resumption): Matcher | undefined =>
  typeof expected === 'string' ? undefined : expected.rejected.code;

/** An expected end of a reconnect, as a check's name has it. */
export const describeResumption = (expected: Resumption): string => {
  const rejection = rejectionIn(expected);
  return rejection ? `rejected with code ${describeMatcher(rejection)}` : `${expected}`;
};

/** Holds what became of the session against what should have. */
export const checkResumed = (
  name: string,
  resumed: Resumed,
  expected: Resumption,
  conversation: Conversation,
): CheckOutcome => {
  if (expected === 'open' && resumed.became === 'unknown') return { name, result: 'pass', actual: 'open' };
  const actual = describeResumed(resumed);
  if (resumed.became === 'unknown') return { name, result: 'inconclusive', actual };
  const rejection = rejectionIn(expected);
  const met = rejection
    ? resumed.became === 'rejected' && matchesCode(rejection, resumed.code, conversation)
    : resumed.became === expected || (expected === 'open' && resumed.became !== 'rejected');
  return { name, result: met ? 'pass' : 'fail', actual };
};
