import type { Step } from '../../config/plan.ts';
import { showValue } from '../../result/redact.ts';
import type { StepOutcome } from '../../result/result.ts';
import { deadlineFailure } from '../deadline.ts';
import { doneStep } from '../session.ts';
import type { Conversation } from './conversation.ts';
import { noteBroken } from './execute.ts';
import { framesAround } from './frames.ts';

/** What the step under way waits for and what it has seen, redacted; nothing between two waits. */
export const describeAwaited = ({ awaited, context }: Conversation): string | undefined => {
  const told = awaited.tell?.();
  return told === undefined ? undefined : showValue(told, context.redact, 800);
};

/** The failure of a step that the run's deadline cut short: what it was waiting for, as its own timeout would say. */
export const cutShort = (step: Step, conversation: Conversation): Pick<StepOutcome, 'failure' | 'evidence'> => {
  const failure = deadlineFailure(conversation.probe.deadlineMs);
  const awaited = describeAwaited(conversation);
  const told = awaited === undefined ? failure : { ...failure, message: `${failure.message}; ${awaited}` };
  const cut = { failure: told, evidence: { frames: framesAround([], conversation, true) } };
  noteBroken(step, { ...doneStep(step, 0), status: 'failed', ...cut }, conversation);
  return cut;
};
