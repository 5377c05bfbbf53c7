import type { ExpectStep, FrameExpectation, FramePattern, Json } from '../../config/plan.ts';
import { compilePath, findFirst } from '../../match/json-path.ts';
import type { CheckOutcome, Failure } from '../../result/result.ts';
import {
  createQuery,
  describeExpectation,
  type Progress,
  type Query,
  type Window,
} from '../../sequence/expectation.ts';
import { type Explanation, explainUnmet, explainUnproven } from '../../sequence/explain.ts';
import type { Entry } from '../../sequence/journal.ts';
import { compilePattern } from '../../sequence/pattern.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderJson, renderMatcher } from '../template.ts';
import { type Conversation, downOf, markNamed } from './conversation.ts';
import { framesAround } from './frames.ts';
import { waitFor } from './wait.ts';

/** How long a silent connection may take to answer the ping that asks whether it is alive. */
const pongTimeoutMs = 1_000;

const number = new Intl.NumberFormat('en-US');

const renderPattern = ({ subset, paths }: FramePattern, values: Values): FramePattern => ({
  subset: renderJson(subset, values) as FramePattern['subset'],
  paths: Object.fromEntries(Object.entries(paths).map(([path, matcher]) => [path, renderMatcher(matcher, values)])),
});

const renderExpectation = (expectation: FrameExpectation, values: Values): FrameExpectation => {
  if (expectation.kind === 'inOrder') {
    return { ...expectation, patterns: expectation.patterns.map((pattern) => renderPattern(pattern, values)) };
  }
  const pattern = renderPattern(expectation.pattern, values);
  return expectation.kind === 'absent' && expectation.afterSeen
    ? { ...expectation, pattern, afterSeen: renderPattern(expectation.afterSeen, values) }
    : { ...expectation, pattern };
};

/** An expectation under way. */
type Awaited = {
  readonly step: ExpectStep;
  readonly expectation: FrameExpectation;
  readonly query: Query;
  readonly window: Window;
  readonly startMs: number;
  readonly conversation: Conversation;
};

const begin = (step: ExpectStep, values: Values, conversation: Conversation): Awaited => {
  const { journal, engines, context } = conversation;
  const startMs = context.clock.monotonic();
  const expectation = renderExpectation(step.expectation, values);
  const from =
    step.from === undefined
      ? journal.positionOf(step.as)
      : journal.positionAfter(step.as, markNamed(step.from, conversation).n);
  const window: Window = { connection: step.as, from, untilMs: startMs + step.withinMs };
  const query = createQuery(
    expectation,
    (pattern) => compilePattern(pattern, engines, context.redact),
    journal,
    window,
  );
  return { step, expectation, query, window, startMs, conversation };
};

/** How the wait ended. `down`: nothing more could come. `silent`: asked by a ping at the end, the server said nothing. */
type Waited = {
  readonly progress: Progress;
  readonly endMs: number;
  readonly down?: Failure;
  readonly silent?: boolean;
};

/** Whether the server gives any sign of life once a ping has asked for one. */
const answersPing = async ({ step, conversation }: Awaited, signal: AbortSignal): Promise<boolean> => {
  const { journal, context, connections } = conversation;
  const connection = connections.get(step.as);
  if (!connection) return false;
  const askedMs = context.clock.monotonic();
  const heard = () => (connection.heardAt() ?? Number.NEGATIVE_INFINITY) >= askedMs;
  connection.ping();
  const look = () => (heard() ? true : connection.ended() || connection.fault() ? false : undefined);
  return (await waitFor(look, askedMs + pongTimeoutMs, journal, context.clock, signal)) ?? false;
};

/** Whether the server gave a sign of life in the window, or answers a ping at its end. */
const isAlive = async (awaited: Awaited, signal: AbortSignal): Promise<boolean> => {
  const heardAt = awaited.conversation.connections.get(awaited.step.as)?.heardAt() ?? Number.NEGATIVE_INFINITY;
  return heardAt >= awaited.startMs || answersPing(awaited, signal);
};

/** After an orderly close no count can change any more; everything else that is still awaited has failed. */
const isFinal = ({ step, expectation, conversation }: Awaited): boolean => {
  const connection = conversation.connections.get(step.as);
  const code = connection?.fault() ? undefined : connection?.ended()?.code;
  return expectation.kind === 'count' && code !== undefined && code !== 1006;
};

/** Waits until the query is decided, nothing more can come, or the window ends. */
const awaitQuery = async (awaited: Awaited, signal: AbortSignal): Promise<Waited> => {
  const { step, query, window, conversation } = awaited;
  const { journal, context } = conversation;
  const look = (): Waited | undefined => {
    const progress = query.advance();
    if (progress === 'met' || progress === 'failed')
      return { progress, endMs: query.matched().at(-1)?.frame.at ?? window.untilMs };
    const down = downOf(step.as, conversation);
    return (
      down && {
        progress: query.conclude(),
        endMs: conversation.connections.get(step.as)?.ended()?.at ?? window.untilMs,
        down,
      }
    );
  };
  const ended = await waitFor(look, window.untilMs, journal, context.clock, signal);
  if (ended?.down) return { ...ended, progress: ended.progress === 'met' && isFinal(awaited) ? 'met' : 'failed' };
  if (ended) return ended;
  const progress = query.conclude();
  const endMs = window.untilMs;
  if (progress === 'unheard') return { progress: (await isAlive(awaited, signal)) ? 'met' : 'unproven', endMs };
  // What never came is one thing on a connection that lives, and another on one that fell silent.
  return { progress, endMs, silent: progress === 'failed' && !(await answersPing(awaited, signal)) };
};

const captureFrom = (
  step: ExpectStep,
  name: string,
  matched: readonly Entry[],
  { engines }: Conversation,
): Json | undefined => {
  const capture = step.capture[name];
  for (const { message, frame } of matched.toReversed()) {
    let value: Json | undefined;
    if (capture?.from === 'json' && message)
      value = findFirst(compilePath(capture.path, engines.search), message.body) as Json | undefined;
    if (capture?.from === 'body' && typeof frame.raw === 'string') value = engines.extract(capture.pattern, frame.raw);
    if (value !== undefined) return value;
  }
  return undefined;
};

/** Captures from the matched messages, the latest that has it first. */
const captureAll = (awaited: Awaited): { readonly captures: Record<string, Json>; readonly failure?: Failure } => {
  const { step, query, conversation } = awaited;
  const captures: Record<string, Json> = {};
  for (const [name, capture] of Object.entries(step.capture)) {
    const value = captureFrom(step, name, query.matched(), conversation);
    if (value === undefined) {
      const where =
        capture.from === 'json' ? capture.path : capture.from === 'body' ? `/${capture.pattern}/` : capture.name;
      return {
        captures,
        failure: {
          kind: 'capture',
          message: `nothing to capture as "${name}": ${capture.from} ${where} was not in ${describeMatched(awaited)}`,
        },
      };
    }
    if (capture.secret) conversation.context.redact.add(typeof value === 'string' ? value : JSON.stringify(value));
    captures[name] = value;
  }
  return { captures };
};

const describeMatched = ({ query }: Awaited): string => {
  const matched = query.matched();
  const seen = query.seen().length;
  if (matched.length === 0) return `none of ${number.format(seen)} frame${seen === 1 ? '' : 's'}`;
  const names = matched
    .slice(0, 10)
    .map(({ frame }) => `#${frame.n}`)
    .join(', ');
  return matched.length > 10 ? `${number.format(matched.length)} frames: ${names}, …` : names;
};

const checkLatency = ({ step, query, conversation }: Awaited): readonly CheckOutcome[] => {
  const last = query.matched().at(-1);
  if (!step.latency || !last || step.expectation.kind === 'absent') return [];
  const { since, maxMs } = step.latency;
  const latencyMs = last.frame.at - markNamed(since, conversation).at;
  const name = `latency since ${since} <= ${number.format(maxMs)} ms`;
  return [{ name, result: latencyMs <= maxMs ? 'pass' : 'fail', actual: `${number.format(latencyMs)} ms` }];
};

type Judged = Pick<SessionOutcome, 'checks' | 'captures' | 'failure' | 'latencyMs'> & {
  readonly focus: readonly number[];
};

const judgeMet = (awaited: Awaited, latencyMs: number, name: string): Judged => {
  const { query, expectation, conversation } = awaited;
  if (expectation.kind !== 'absent') conversation.journal.consume(query.matched());
  return {
    ...captureAll(awaited),
    latencyMs,
    checks: [{ name, result: 'pass', actual: describeMatched(awaited) }, ...checkLatency(awaited)],
    focus: query
      .matched()
      .map(({ frame }) => frame.n)
      .slice(0, 5),
  };
};

const judgeUnmet = (awaited: Awaited, ended: Waited, latencyMs: number, name: string): Judged => {
  const { step, expectation, query, conversation, window } = awaited;
  const { journal } = conversation;
  const ending = ended.down ? 'before that' : `within ${number.format(step.withinMs)} ms`;
  const unmet = { expectation, query, journal, window, ending };
  const explained: Explanation = ended.progress === 'failed' ? explainUnmet(unmet) : explainUnproven(unmet);
  const silence = ended.silent ? '; the connection is silent: not even a ping was answered' : '';
  const sentence = ended.down ? `${ended.down.message}; ${explained.sentence}` : `${explained.sentence}${silence}`;
  const check: CheckOutcome = { name, result: ended.progress === 'failed' ? 'fail' : 'inconclusive', actual: sentence };
  const judged = { checks: [check], captures: {}, focus: explained.frames };
  if (ended.down) return { ...judged, latencyMs: null, failure: { ...ended.down, message: sentence } };
  // What was awaited and never came is no answer; a wrong number of answers, or one too many, is a wrong one.
  const unanswered = expectation.kind === 'one' || expectation.kind === 'inOrder';
  return unanswered
    ? { ...judged, latencyMs: step.withinMs, failure: { kind: 'timeout', message: sentence } }
    : { ...judged, latencyMs };
};

/** Looks for frames in the journal, those that came before the step among them, and waits for those still to come. */
export const executeExpect = async (
  step: ExpectStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const awaited = begin(step, values, conversation);
  if (step.latency) markNamed(step.latency.since, conversation);
  const ended = await awaitQuery(awaited, signal);
  const latencyMs = Math.max(0, ended.endMs - awaited.startMs);
  const name = describeExpectation(step.expectation);
  const judged =
    ended.progress === 'met' ? judgeMet(awaited, latencyMs, name) : judgeUnmet(awaited, ended, latencyMs, name);
  const { focus, ...outcome } = judged;
  const firstFrame = conversation.connections.get(step.as)?.takeFirstFrameMs();
  return {
    ...doneStep(step, latencyMs),
    ...outcome,
    phasesMs: firstFrame === undefined ? {} : { firstFrame },
    evidence: { frames: framesAround(focus, conversation) },
  };
};
