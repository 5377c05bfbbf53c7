import type { SoakStep } from '../../config/plan.ts';
import type { FrameEvidence } from '../../result/result.ts';
import { createSoakTally, type SoakTally } from '../../sequence/soak.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import type { Conversation } from './conversation.ts';
import { describeAwaited } from './cut-short.ts';
import type { ExecuteStep } from './execute.ts';
import { framesAround } from './frames.ts';
import { closeOpened, forgetIteration, runIteration, waitUntil } from './soak-iteration.ts';
import { cutFailure, judgeSoak, overflowFailure } from './soak-verdict.ts';

/** What came to pass. `cut`: the time of the step, or of the run, was over before it was. */
type Soaked = {
  readonly tally: SoakTally;
  readonly frames: readonly FrameEvidence[] | undefined;
  readonly cut: boolean;
};

/** A signal of its own, and a plain one: each wait listens to it, and one made of others is costly to listen to. */
const limitTo = (timeoutMs: number, signal: AbortSignal) => {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new Error('timeout')), timeoutMs);
  const onAbort = () => own.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const clear = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  return { signal: own.signal, clear };
};

const goesOn = (
  { iterations = Number.POSITIVE_INFINITY, durationMs = Number.POSITIVE_INFINITY, maxFailures }: SoakStep,
  tally: SoakTally,
  sinceMs: number,
): boolean => tally.iterations() < iterations && sinceMs < durationMs && tally.failed() <= maxFailures;

const soak = async (
  step: SoakStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
  execute: ExecuteStep,
): Promise<Soaked> => {
  const { connections, journal, context } = conversation;
  const { everyMs } = step;
  const tally = createSoakTally(step.steps.map(({ name }) => name));
  const before = new Map(connections);
  const startMs = context.clock.monotonic();
  let frames: readonly FrameEvidence[] | undefined;
  try {
    for (let number = 1; ; number += 1) {
      const nowMs = context.clock.monotonic();
      const dueMs = everyMs === undefined ? nowMs : startMs + (number - 1) * everyMs;
      const over = !goesOn(step, tally, Math.max(nowMs, dueMs) - startMs) || journal.overflow() !== undefined;
      if (over) return { tally, frames, cut: false };
      await waitUntil(dueMs, context.clock, signal);
      const lateMs = everyMs === undefined ? 0 : context.clock.monotonic() - dueMs;
      if (everyMs !== undefined) tally.late(lateMs);
      const failing = await runIteration({ soak: step, number, lateMs, values, execute, signal, tally, journal });
      frames ??= failing && (failing.length > 0 ? failing : framesAround([], conversation));
      if (step.fresh === 'connection') await closeOpened(before, conversation);
      forgetIteration(conversation);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return { tally, frames, cut: true };
  }
};

/** Where the iteration was that was cut. */
const underWay = (conversation: Conversation): string | undefined => {
  const told = describeAwaited(conversation);
  return told === undefined ? undefined : `at "${conversation.awaited.step}": ${told}`;
};

/**
 * Carries out its steps over and over, one iteration after another or each at its time, and judges every one. Memory does
 * not grow with its length: latencies go into sketches, and the journal forgets what no step can ask for any more. One
 * that its own timeout or the end of the run cuts keeps what it measured.
 */
export const executeSoak = async (
  step: SoakStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
  execute: ExecuteStep,
): Promise<SessionOutcome> => {
  const { context, journal, probe } = conversation;
  const startMs = context.clock.monotonic();
  const before = journal.counts().messages;
  signal.throwIfAborted();
  const limit = limitTo(step.timeoutMs, signal);
  const { tally, frames, cut } = await soak(step, values, limit.signal, conversation, execute).finally(limit.clear);
  const durationMs = context.clock.monotonic() - startMs;
  const outcome = tally.outcome(durationMs, journal.counts().messages - before);
  const rate = durationMs > 0 ? outcome.messages / (durationMs / 1_000) : 0;
  const overflow = journal.overflow();
  const failure = cut
    ? cutFailure(step, outcome.iterations, signal.aborted ? probe.deadlineMs : undefined, underWay(conversation))
    : overflow && overflowFailure(step, outcome.iterations, overflow);
  return {
    ...doneStep(step, durationMs),
    ...(failure ? { failure } : {}),
    checks: [judgeSoak(step, tally, outcome, cut)],
    figures: [{ name: 'soak rate', value: rate, unit: 'messages/s' }],
    soak: outcome,
    evidence: { frames: frames ?? framesAround([], conversation) },
  };
};
