import type { ConnectStep } from '../../config/plan.ts';
import { describeMatcher, testMatcher } from '../../match/matcher.ts';
import type { CheckOutcome, Evidence, Failure } from '../../result/result.ts';
import { evidenceOf } from '../evidence.ts';
import type { ProbeContext } from '../prober.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderMatcher } from '../template.ts';
import type { Conversation } from './conversation.ts';
import { framesAround } from './frames.ts';
import { type Opened, openGeneration } from './opening.ts';
import type { UpgradeResponse } from './upgrade.ts';

const statusLine = ({ status, statusText }: UpgradeResponse): string => `${status} ${statusText}`.trim();

const checkRefusal = (
  step: ConnectStep,
  { upgrade }: Opened,
  values: Values,
  { engines }: Conversation,
): readonly CheckOutcome[] => {
  if (!step.expectRefused || upgrade.kind === 'failed') return [];
  const { status } = step.expectRefused;
  const name = `refused with status ${describeMatcher(status)}`;
  if (upgrade.kind === 'open')
    return [{ name, result: 'fail', actual: `accepted with ${statusLine(upgrade.response)}` }];
  const matches = testMatcher(renderMatcher(status, values), [upgrade.response.status], engines);
  return [{ name, result: matches ? 'pass' : 'fail', actual: statusLine(upgrade.response) }];
};

const checkSubprotocol = (step: ConnectStep, { upgrade, request }: Opened): readonly CheckOutcome[] => {
  // The plan's own words, so that the check has the same name in every pass.
  const offered = step.subprotocols.length > 0 ? step.subprotocols : request.subprotocols;
  return upgrade.kind === 'open' && offered.length > 0
    ? [{ name: `subprotocol is one of ${offered.join(', ')}`, result: 'pass', actual: upgrade.subprotocol }]
    : [];
};

/** What kept a connection from being ready; nothing where it is, or where a refusal was expected and came. */
export const openingFailure = ({ upgrade, failure }: Opened, expectsRefusal: boolean): Failure | undefined => {
  if (upgrade.kind === 'failed') return upgrade.failure;
  if (upgrade.kind === 'open') return failure;
  if (expectsRefusal) return undefined;
  return { kind: 'upgrade', message: `the server refused the upgrade with ${statusLine(upgrade.response)}` };
};

/** Head and body of the upgrade, redacted and cut. */
export const openingEvidence = ({ request, upgrade }: Opened, { redact }: ProbeContext): Evidence => {
  const wire = { ...request, method: 'GET', maxBodyBytes: 0 };
  return evidenceOf(wire, 'response' in upgrade ? upgrade.response : undefined, redact);
};

/**
 * Opens a connection. Its latency ends with the answer to the upgrade, and where the protocol has a handshake of its own
 * that we carry out, with the end of that; a refusal of either is a value like any other.
 */
export const executeConnect = async (
  step: ConnectStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const opened = await openGeneration({ step, values, timeoutMs: step.timeoutMs }, signal, conversation);
  const { upgrade, elapsedMs, phasesMs } = opened;
  if (upgrade.kind === 'open' && step.expectRefused) await upgrade.connection.close();
  const failure = openingFailure(opened, step.expectRefused !== undefined);
  const status = upgrade.kind === 'refused' && failure ? upgrade.response.status : 0;
  return {
    ...doneStep(step, elapsedMs),
    ...(failure ? { latencyMs: failure.kind === 'timeout' ? elapsedMs : null, failure } : {}),
    ...(status >= 400 ? { unexpectedStatus: status } : {}),
    phasesMs,
    checks: [...checkRefusal(step, opened, values, conversation), ...checkSubprotocol(step, opened)],
    evidence: {
      ...openingEvidence(opened, conversation.context),
      frames: framesAround([], conversation, failure !== undefined),
    },
  };
};
