import type { ConvergeStep } from '../../config/plan.ts';
import { cutText } from '../../result/redact.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import { inMs } from '../../sequence/words.ts';
import { doneStep, type SessionOutcome } from '../session.ts';
import { awaiting, type Conversation, downOf } from './conversation.ts';
import { framesAround } from './frames.ts';
import { waitFor } from './wait.ts';

/** Ends that hold nothing have no replica: that they are equal would prove nothing. */
type End = { readonly name: string; readonly replica: string | undefined };

type State = { readonly equal: boolean; readonly ends: readonly End[] };

const stateOf = (names: readonly string[], { dialogues }: Conversation): State => {
  const ends = names.map((name) => ({ name, replica: dialogues.of(name)?.replica?.() }));
  const [first] = ends;
  return { equal: first?.replica !== undefined && ends.every(({ replica }) => replica === first.replica), ends };
};

/** So much of a state says where it differs; a large one is not for a sentence. */
const maxStateChars = 120;

const describeEnd = ({ name, replica = 'nothing' }: End): string => `${name} holds ${cutText(replica, maxStateChars)}`;

const downAmong = (names: readonly string[], conversation: Conversation): Failure | undefined =>
  names.map((name) => downOf(name, conversation)).find((failure) => failure !== undefined);

const judge = (step: ConvergeStep, { equal, ends }: State, elapsedMs: number): CheckOutcome => {
  const name = `${step.as.join(', ')} converge`;
  if (equal) return { name, result: 'pass', actual: `the same state after ${inMs(elapsedMs)}` };
  const limit = inMs(step.withinMs);
  if (ends.every(({ replica }) => replica === undefined)) {
    return { name, result: 'inconclusive', actual: `no state came within ${limit}` };
  }
  return { name, result: 'fail', actual: `after ${limit} ${ends.map(describeEnd).join('; ')}` };
};

/** Waits until the replicas are equal; its latency is the time that takes. */
export const executeConverge = async (
  step: ConvergeStep,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const { journal, context } = conversation;
  const startMs = context.clock.monotonic();
  const look = (): State | Failure | undefined => {
    const state = stateOf(step.as, conversation);
    if (state.equal) return state;
    return downAmong(step.as, conversation);
  };
  awaiting(
    conversation,
    () => `not the same so far: ${stateOf(step.as, conversation).ends.map(describeEnd).join('; ')}`,
  );
  const seen = await waitFor(look, startMs + step.withinMs, journal, context.clock, signal);
  const failure = seen && 'kind' in seen ? seen : undefined;
  const elapsedMs = seen ? context.clock.monotonic() - startMs : step.withinMs;
  const state = seen && !('kind' in seen) ? seen : stateOf(step.as, conversation);
  const check = judge(step, state, elapsedMs);
  return {
    ...doneStep(step, elapsedMs),
    ...(failure ? { latencyMs: null, failure } : {}),
    checks: failure ? [] : [check],
    evidence: { frames: framesAround([], conversation, failure !== undefined || check.result === 'fail') },
  };
};
