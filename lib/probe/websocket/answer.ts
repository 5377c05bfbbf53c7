import type { Matcher, Operation } from '../../config/plan.ts';
import { describeMatcher, testMatcher } from '../../match/matcher.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import type { Answer } from '../../sequence/codec/codec.ts';
import type { Entry } from '../../sequence/journal.ts';
import { inMs } from '../../sequence/words.ts';
import { type Awaiting, awaitMessage } from './await-message.ts';
import { awaiting, type Conversation } from './conversation.ts';
import { operate } from './say.ts';

/** Machine codes are texts, though they may spell a number: `-32601`, a close code. */
export const matchesCode = (matcher: Matcher, code: string, { engines }: Conversation): boolean =>
  testMatcher(matcher, [code], engines, { text: true });

/** An operation as a sentence speaks of it: `the ack of "notes" at 5`. */
export const describeOperation = (operation: Operation): string => {
  const at = 'cursor' in operation && operation.cursor !== undefined ? ` at ${JSON.stringify(operation.cursor)}` : '';
  return `the ${operation.do} of "${operation.stream}"${at}`;
};

export type Asking = Pick<Awaiting<Answer>, 'as' | 'step' | 'conversation' | 'signal' | 'withinMs'> & {
  readonly operation: Operation;
};

export type Asked =
  | { readonly answer: Answer; readonly entry: Entry; readonly latencyMs: number }
  | { readonly failure: Failure };

/** Carries an operation out and waits for what the server says to it. The latency counts from before it is sent. */
export const ask = async ({ as, operation, withinMs, step, conversation, signal }: Asking): Promise<Asked> => {
  const { journal, context, dialogues } = conversation;
  const sinceMs = context.clock.monotonic();
  const from = journal.positionAfter(as, journal.last());
  const unsent = await operate(operation, { as, step, timeoutMs: withinMs, signal, conversation });
  if (unsent) return { failure: unsent };
  const leftMs = Math.max(0, sinceMs + withinMs - context.clock.monotonic());
  const dialogue = dialogues.of(as);
  const what = describeOperation(operation);
  awaiting(conversation, () => `${what} had not been answered`);
  const find: Awaiting<Answer>['find'] = (message) => dialogue?.answerTo(operation, message);
  const found = await awaitMessage({ as, find, withinMs: leftMs, step, conversation, signal, from, sinceMs });
  if ('found' in found) return { answer: found.found, entry: found.entry, latencyMs: found.latencyMs };
  if ('down' in found)
    return { failure: { ...found.down, message: `${found.down.message}; ${what} was not answered` } };
  return { failure: { kind: 'timeout', message: `${what} was not answered within ${inMs(withinMs)}` } };
};

/** The check on an answer, frame `n`, that should be, or should not be, a refusal. `what` names the operation. */
export const checkAnswer = (
  what: string,
  answer: Answer,
  expected: 'accepted' | { readonly rejected: { readonly code: Matcher } },
  name: string,
  n: number,
  conversation: Conversation,
): CheckOutcome => {
  const fail = (actual: string): CheckOutcome => ({ name, result: 'fail', actual, frames: [n] });
  if (expected === 'accepted') {
    return answer.accepted
      ? { name, result: 'pass', actual: 'accepted' }
      : fail(`${what} was rejected with ${answer.code}`);
  }
  if (answer.accepted) return fail(`${what} was accepted, though it must be rejected`);
  const actual = `rejected with ${answer.code}`;
  return matchesCode(expected.rejected.code, answer.code, conversation)
    ? { name, result: 'pass', actual }
    : fail(actual);
};

/** An expected answer as a check's name has it: `rejected with code equals "STALE_CURSOR"`. */
export const describeExpected = (expected: 'accepted' | { readonly rejected: { readonly code: Matcher } }): string =>
  expected === 'accepted' ? expected : `rejected with code ${describeMatcher(expected.rejected.code)}`;
