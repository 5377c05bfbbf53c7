import { showValue } from '../../result/redact.ts';
import type { CheckOutcome, SequenceRecord } from '../../result/result.ts';
import { ladderOf } from '../../sequence/ladder.ts';
import type { Conversation } from './conversation.ts';

/** Messages that the codec could not read and that no expectation has claimed. */
const checkReadable = ({ journal, probe, context }: Conversation): readonly CheckOutcome[] => {
  const { count, first } = journal.unreadable();
  if (!first) return [];
  const { raw, n } = first.frame;
  const text = typeof raw === 'string' ? `: ${showValue(raw, context.redact, 120)}` : '';
  const actual = `${count} unreadable, the first is #${n}, ${first.message?.problem}${text}`;
  return [{ name: `frames are ${probe.codec.name}`, result: 'fail', actual, frames: [n] }];
};

/** What broke when no step was left that could have told. */
const checkFaults = ({ journal, connections, told }: Conversation): readonly CheckOutcome[] => {
  const overflow = journal.overflow();
  const faults = [...connections.values()].flatMap((connection) => {
    const fault = connection.fault();
    return fault ? [{ name: `connection ${connection.name} is sound`, actual: fault.message }] : [];
  });
  return [...faults, ...(overflow ? [{ name: 'journal is complete', actual: overflow }] : [])]
    .filter(({ actual }) => !told.some((message) => message.includes(actual)))
    .map((fault) => ({ ...fault, result: 'fail' }));
};

/** Checks over the whole of a pass; the ladder shows the frames that failed ones blame. Asked once, when its connections are closed. */
export const checkConversation = (conversation: Conversation): readonly CheckOutcome[] => {
  const { monitors, context, blamed } = conversation;
  const endMs = context.clock.monotonic();
  const checks = [
    ...monitors.map((monitor) => monitor.outcome(endMs)),
    ...checkReadable(conversation),
    ...checkFaults(conversation),
  ].map((check) => ({ ...check, actual: showValue(check.actual, context.redact, 1_000) }));
  for (const { frames } of checks) blamed.push(...(frames ?? []));
  return checks;
};

/** The journal as reports draw it. */
export const recordConversation = (conversation: Conversation): SequenceRecord => {
  const { journal, broken, blamed, context, passStartMs } = conversation;
  context.onJournal?.(journal);
  return ladderOf(journal, {
    passStartMs,
    redact: context.redact,
    missing: broken,
    focus: [...broken.flatMap(({ frames }) => frames), ...blamed],
  });
};
