import type { ConnectStep } from '../../config/plan.ts';
import { describeMatcher, testMatcher } from '../../match/matcher.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import { version } from '../../version.ts';
import { evidenceOf } from '../evidence.ts';
import { renderTargetUrl } from '../request.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderMatcher, renderRecord, renderText } from '../template.ts';
import type { UpgradeRequest } from './connection.ts';
import type { Conversation } from './conversation.ts';
import { framesAround } from './frames.ts';
import { type Upgrade, type UpgradeResponse, upgrade } from './upgrade.ts';

const renderUpgrade = (step: ConnectStep, values: Values): UpgradeRequest => {
  const headers = Object.entries(renderRecord(step.headers, values)).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return {
    name: step.as,
    url: renderTargetUrl(step.url, values, ['ws:', 'wss:']),
    headers: { 'user-agent': `plimsoll/${version}`, ...Object.fromEntries(headers) },
    subprotocols: step.subprotocols.map((name) => renderText(name, values)),
    tls: step.tls,
    maxFrameBytes: step.maxFrameBytes,
    timeoutMs: step.timeoutMs,
  };
};

const statusLine = ({ status, statusText }: UpgradeResponse): string => `${status} ${statusText}`.trim();

const checkRefusal = (
  step: ConnectStep,
  done: Upgrade,
  values: Values,
  { engines }: Conversation,
): readonly CheckOutcome[] => {
  if (!step.expectRefused || done.kind === 'failed') return [];
  const { status } = step.expectRefused;
  const name = `refused with status ${describeMatcher(status)}`;
  if (done.kind === 'open') return [{ name, result: 'fail', actual: `accepted with ${statusLine(done.response)}` }];
  const matches = testMatcher(renderMatcher(status, values), [done.response.status], engines);
  return [{ name, result: matches ? 'pass' : 'fail', actual: statusLine(done.response) }];
};

const checkSubprotocol = (step: ConnectStep, done: Upgrade): readonly CheckOutcome[] =>
  done.kind === 'open' && step.subprotocols.length > 0
    ? [{ name: `subprotocol is one of ${step.subprotocols.join(', ')}`, result: 'pass', actual: done.subprotocol }]
    : [];

const failureIn = (step: ConnectStep, done: Upgrade): Failure | undefined => {
  if (done.kind === 'failed') return done.failure;
  if (done.kind === 'open' || step.expectRefused) return undefined;
  return { kind: 'upgrade', message: `the server refused the upgrade with ${statusLine(done.response)}` };
};

/** Opens a connection. Its latency ends with the answer to the upgrade; a refusal is a value like any other. */
export const executeConnect = async (
  step: ConnectStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const { connections, journal, context } = conversation;
  const request = renderUpgrade(step, values);
  connections.get(step.as)?.terminate();
  connections.delete(step.as);
  const done = await upgrade(request, journal, context, signal);
  if (done.kind === 'open') {
    connections.set(step.as, done.connection);
    if (step.expectRefused) await done.connection.close();
  }
  const failure = failureIn(step, done);
  const checks = [...checkRefusal(step, done, values, conversation), ...checkSubprotocol(step, done)];
  const wire = { ...request, method: 'GET', maxBodyBytes: 0 };
  const status = done.kind === 'refused' && failure ? done.response.status : 0;
  return {
    ...doneStep(step, done.elapsedMs),
    ...(failure ? { latencyMs: failure.kind === 'timeout' ? done.elapsedMs : null, failure } : {}),
    ...(status >= 400 ? { unexpectedStatus: status } : {}),
    phasesMs: done.phasesMs,
    checks,
    evidence: {
      ...evidenceOf(wire, 'response' in done ? done.response : undefined, context.redact),
      frames: framesAround([], conversation),
    },
  };
};
