import type { ExpectCloseStep } from '../../config/plan.ts';
import { describeMatcher, testMatcher } from '../../match/matcher.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import { inMs } from '../../sequence/words.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderMatcher } from '../template.ts';
import type { Connection } from './connection.ts';
import { awaiting, type Conversation, describeClose, downOf } from './conversation.ts';
import { framesAround } from './frames.ts';
import type { Ended } from './listening.ts';
import { waitFor } from './wait.ts';

const failureAfter = (
  step: ExpectCloseStep,
  connection: Connection | undefined,
  ended: Ended | undefined,
  conversation: Conversation,
): Failure | undefined => {
  if (ended?.ours && !connection?.fault()) {
    const message = `connection "${step.as}" was ended by us (${describeClose(ended)}): that says nothing of the server`;
    return { kind: 'closed', message, closeCode: ended.code };
  }
  if (ended && conversation.claimedEnds.has(ended)) {
    const message = `the close of connection "${step.as}" (${describeClose(ended)}) was claimed before, and it was not opened again`;
    return { kind: 'closed', message, closeCode: ended.code };
  }
  if (connection && ended && !connection.fault() && !conversation.journal.overflow()) return undefined;
  const down = downOf(step.as, conversation);
  return (
    down ?? {
      kind: 'timeout',
      message: `connection "${step.as}" was still open after ${inMs(step.withinMs)}`,
    }
  );
};

/** Waits for the end of a connection; its close code is data. */
export const executeExpectClose = async (
  step: ExpectCloseStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const { context, engines, journal, connections } = conversation;
  const start = context.clock.monotonic();
  const code = renderMatcher(step.code, values);
  const connection = connections.get(step.as);
  const over = () => (connection ? connection.ended() : undefined);
  awaiting(conversation, () => `connection "${step.as}" was still open`);
  if (connection)
    await waitFor(() => over() ?? journal.overflow(), start + step.withinMs, journal, context.clock, signal);
  const ended = over();
  const failure = failureAfter(step, connection, ended, conversation);
  if (ended) conversation.claimedEnds.add(ended);
  const latencyMs = failure
    ? failure.kind === 'timeout'
      ? step.withinMs
      : null
    : Math.max(0, (ended?.at ?? start) - start);
  const check: CheckOutcome | undefined = ended && {
    name: `close code ${describeMatcher(step.code)}`,
    result: testMatcher(code, [ended.code], engines) ? 'pass' : 'fail',
    actual: describeClose(ended),
  };
  return {
    ...doneStep(step, 0),
    latencyMs,
    ...(failure ? { failure } : {}),
    checks: failure || !check ? [] : [check],
    evidence: { frames: framesAround([], conversation) },
  };
};
