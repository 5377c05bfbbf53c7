import type { AckStep, Operation } from '../../config/plan.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderMatcher } from '../template.ts';
import { ask, checkAnswer, describeExpected, describeOperation } from './answer.ts';
import { captureAll } from './capture.ts';
import type { Conversation } from './conversation.ts';
import { framesAround } from './frames.ts';
import { renderOperation } from './render.ts';

const renderExpected = (expect: AckStep['expect'], values: Values): AckStep['expect'] =>
  expect === 'accepted' ? expect : { rejected: { code: renderMatcher(expect.rejected.code, values) } };

/** Acknowledges a place in a stream, and holds what the server says to it against what it should say. */
export const executeAck = async (
  step: AckStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const { as, stream, cursor, withinMs } = step;
  const operation: Operation = renderOperation({ do: 'ack', stream, cursor }, values);
  const expected = renderExpected(step.expect, values);
  const asked = await ask({ as, operation, withinMs, step: step.name, conversation, signal });
  if ('failure' in asked) {
    const { failure } = asked;
    const evidence = { frames: framesAround([], conversation, true) };
    return { ...doneStep(step, 0), latencyMs: failure.kind === 'timeout' ? withinMs : null, failure, evidence };
  }
  const { answer, entry, latencyMs } = asked;
  const name = `ack ${describeExpected(step.expect)}`;
  const { n } = entry.frame;
  const check = checkAnswer(describeOperation(operation), answer, expected, name, n, conversation);
  return {
    ...doneStep(step, latencyMs),
    ...captureAll(step.capture, [entry], `#${n}`, conversation),
    checks: [check],
    figures: [{ name: 'send to ack', value: latencyMs, unit: 'ms' }],
    evidence: { frames: framesAround([n], conversation, check.result === 'fail') },
  };
};
