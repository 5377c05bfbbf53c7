import type { ReconnectStep, Resumption } from '../../config/plan.ts';
import type { Failure } from '../../result/result.ts';
import type { Entry } from '../../sequence/journal.ts';
import { number } from '../../sequence/words.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderMatcher, renderText } from '../template.ts';
import { captureAll } from './capture.ts';
import { openingEvidence, openingFailure } from './connect-step.ts';
import type { Conversation } from './conversation.ts';
import { blaming, framesAround } from './frames.ts';
import { renderCursor } from './render.ts';
import { type Reopened, refusalOf, reopen, type Streams } from './reopening.ts';
import { checkResumed, describeResumption, type Resuming, resumeStreams } from './resuming.ts';

const renderResumption = (expect: Resumption, values: Values): Resumption =>
  typeof expect === 'string' ? expect : { rejected: { code: renderMatcher(expect.rejected.code, values) } };

const streamsOf = ({ resume }: ReconnectStep, values: Values): Streams =>
  new Map(Object.entries(resume).map(([stream, cursor]) => [renderText(stream, values), renderCursor(cursor, values)]));

/** A refused connection is an answer where one is expected; else it is a failure as in a connect step. */
const resumeOver = async (
  { opened, attempts, streams }: Reopened,
  step: ReconnectStep,
  untilMs: number,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Resuming> => {
  const failure = openingFailure(opened, false);
  if (!failure) return resumeStreams(streams, untilMs, { as: step.as, step: step.name, signal, conversation });
  const code = refusalOf(opened);
  if (code !== undefined && typeof step.expect !== 'string')
    return { entries: [], resumed: { became: 'rejected', code } };
  const tries = attempts > 1 ? `not back after ${number(attempts)} attempts: ` : '';
  return { entries: [], failure: { ...failure, message: `${tries}${failure.message}` } };
};

const outcomeOf = (
  step: ReconnectStep,
  values: Values,
  { opened, entries: greeted }: Reopened,
  { resumed, entries, failure }: Resuming,
  latencyMs: number,
  conversation: Conversation,
): Pick<SessionOutcome, 'checks' | 'captures' | 'failure' | 'latencyMs' | 'unexpectedStatus'> => {
  if (failure || !resumed) {
    const status = opened.upgrade.kind === 'refused' ? opened.upgrade.response.status : 0;
    return {
      latencyMs: failure?.kind === 'timeout' ? latencyMs : null,
      checks: [],
      captures: {},
      ...(failure ? { failure } : {}),
      ...(status >= 400 ? { unexpectedStatus: status } : {}),
    };
  }
  const name = `reconnect is ${describeResumption(step.expect)}`;
  const checked = checkResumed(name, resumed, renderResumption(step.expect, values), conversation);
  const answers: readonly Entry[] = [...greeted, ...entries];
  const check = checked.result === 'fail' ? { ...checked, ...blaming(entries.map(({ frame }) => frame.n)) } : checked;
  const where = answers.length === 0 ? 'no answer' : answers.map(({ frame }) => `#${frame.n}`).join(', ');
  return { latencyMs, checks: [check], ...captureAll(step.capture, answers, where, conversation) };
};

/**
 * Opens a connection again with the same request and goes on where it was: by what the protocol itself remembers, and
 * by subscribing to streams from their cursors. The outcome is what the server made of that. Its latency counts from
 * the first attempt to the last answer.
 */
export const executeReconnect = async (
  step: ReconnectStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const { clock } = conversation.context;
  const startMs = clock.monotonic();
  const untilMs = startMs + step.withinMs;
  const { as, timeoutMs, retryEveryMs, name } = step;
  const reopening = { as, timeoutMs, retryEveryMs, step: name, streams: streamsOf(step, values), values, untilMs };
  const reopened = await reopen(reopening, signal, conversation);
  const resuming = await resumeOver(reopened, step, untilMs, signal, conversation);
  const endMs = resuming.entries.at(-1)?.frame.at ?? clock.monotonic();
  const outcome = outcomeOf(step, values, reopened, resuming, Math.max(0, endMs - startMs), conversation);
  const failure: Failure | undefined = outcome.failure;
  const failed = failure !== undefined || outcome.checks.some(({ result }) => result === 'fail');
  return {
    ...doneStep(step, 0),
    ...outcome,
    attempts: reopened.attempts,
    phasesMs: reopened.opened.phasesMs,
    evidence: {
      ...openingEvidence(reopened.opened, conversation.context),
      frames: framesAround(
        resuming.entries.map(({ frame }) => frame.n),
        conversation,
        failed,
      ),
    },
  };
};
