import type { IdempotentStep, Json } from '../../config/plan.ts';
import { jsonEquals } from '../../match/equality.ts';
import type { CheckOutcome, Failure, Figure } from '../../result/result.ts';
import { showJson } from '../../sequence/pattern.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { awaiting, type Conversation, downOf } from './conversation.ts';
import { countEffects, judgeEffects } from './effects.ts';
import type { ExecuteStep } from './execute.ts';
import { blaming, framesAround } from './frames.ts';
import { type Attempt, type MakeAttempt, prepareAttempt } from './idempotent-attempt.ts';

/** Makes the attempts one after another; one without a proper answer is the last. */
const attemptAll = async (
  step: IdempotentStep,
  make: MakeAttempt,
  untilMs: number,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<readonly Attempt[]> => {
  const { context } = conversation;
  const attempts: Attempt[] = [];
  while (attempts.length < step.times) {
    const leftMs = Math.max(1, untilMs - context.clock.monotonic());
    awaiting(conversation, () => `attempt ${attempts.length + 1} of ${step.times} had not been answered`);
    const attempt = await make(leftMs, attempts.length === 0 ? step.capture : {}, signal);
    attempts.push(attempt);
    if (attempt.failure || attempt.unexpectedStatus !== undefined) break;
  }
  return attempts;
};

/** Each answer has the same at a path as the first one. */
const checkSame = (
  path: string,
  index: number,
  attempts: readonly Attempt[],
  { context: { redact } }: Conversation,
): CheckOutcome => {
  const name = `same ${path}`;
  const found = attempts.map(({ values, where, frames }) => ({ value: values[index], where, frames }));
  const [first] = found;
  const other = found.find(({ value }) => !jsonEquals(value, first?.value));
  const show = (value: Json | undefined) => showJson(value, redact);
  if (other) {
    const actual = `${show(first?.value)} in ${first?.where}, ${show(other.value)} in ${other.where}`;
    return { name, result: 'fail', actual, ...blaming([...(first?.frames ?? []), ...other.frames]) };
  }
  if (first?.value === undefined) return { name, result: 'inconclusive', actual: 'absent from every answer' };
  return { name, result: 'pass', actual: `${show(first.value)} in ${attempts.length} answers` };
};

const timesOf = (attempts: readonly Attempt[]): readonly Figure[] =>
  attempts.map(({ latencyMs }, index) => ({ name: `answer ${index + 1}`, value: latencyMs, unit: 'ms' }));

/** Why the last attempt has no proper answer. */
const failureOf = (
  { failure }: Attempt,
  attempts: readonly Attempt[],
  { times }: IdempotentStep,
): Failure | undefined =>
  failure && { ...failure, message: `attempt ${attempts.length} of ${times}: ${failure.message}` };

const broken = (
  step: IdempotentStep,
  attempts: readonly Attempt[],
  last: Attempt,
  elapsedMs: number,
  conversation: Conversation,
): SessionOutcome => {
  const failure = failureOf(last, attempts, step);
  const { unexpectedStatus, evidence } = last;
  const answered: CheckOutcome = {
    name: `each of ${step.times} attempts is answered`,
    result: 'fail',
    actual: `attempt ${attempts.length} with ${last.where}`,
  };
  return {
    ...doneStep(step, elapsedMs),
    ...(failure ? { failure, latencyMs: failure.kind === 'timeout' ? elapsedMs : null } : { checks: [answered] }),
    ...(unexpectedStatus === undefined ? {} : { unexpectedStatus }),
    attempts: attempts.length,
    evidence: { ...evidence, frames: framesAround([], conversation, true) },
  };
};

/**
 * Does the same thing several times and wants its effect once. The effects are counted from before the first attempt until
 * none has come for a while after the last answer, on a connection that then proves to be alive. Its latency is that of
 * all the answers together.
 */
export const executeIdempotent = async (
  step: IdempotentStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
  execute: ExecuteStep,
): Promise<SessionOutcome> => {
  const { clock } = conversation.context;
  const make = prepareAttempt(step, values, conversation, execute);
  const counting = countEffects(step, values, conversation);
  const blind = downOf(step.events.as, conversation);
  if (blind) return { ...doneStep(step, 0), latencyMs: null, attempts: 0, failure: blind };
  const startMs = clock.monotonic();
  const untilMs = startMs + step.withinMs;
  const attempts = await attemptAll(step, make, untilMs, signal, conversation);
  const elapsedMs = clock.monotonic() - startMs;
  const last = attempts.at(-1);
  if (!last || last.failure || last.unexpectedStatus !== undefined) {
    return last ? broken(step, attempts, last, elapsedMs, conversation) : doneStep(step, 0);
  }
  const { check, frames, failure } = await judgeEffects(step, counting, untilMs, signal, conversation);
  const checks = [...step.same.map((path, index) => checkSame(path, index, attempts, conversation)), check];
  const failed = failure !== undefined || checks.some(({ result }) => result === 'fail');
  const focus = [...attempts.flatMap((attempt) => attempt.frames), ...frames];
  return {
    ...doneStep(step, elapsedMs),
    ...(failure ? { failure, latencyMs: null } : {}),
    checks,
    captures: attempts[0]?.captures ?? {},
    attempts: attempts.length,
    figures: timesOf(attempts),
    evidence: { ...last.evidence, frames: framesAround(focus, conversation, failed) },
  };
};
