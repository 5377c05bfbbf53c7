import type { ExpectStep } from '../../config/plan.ts';
import type { CheckOutcome, Figure } from '../../result/result.ts';
import { createQuery, describeExpectation, type Window } from '../../sequence/expectation.ts';
import { type Explanation, explainUnmet, explainUnproven } from '../../sequence/explain.ts';
import { type Compiler, createCompiler } from '../../sequence/pattern.ts';
import { inMs, nameFrames, plural } from '../../sequence/words.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { captureAll } from './capture.ts';
import { awaiting, type Conversation, markNamed } from './conversation.ts';
import { type Awaited, awaitQuery, type Waited } from './expect-wait.ts';
import { blaming, framesAround } from './frames.ts';

const begin = (step: ExpectStep, values: Values, conversation: Conversation): Awaited => {
  const { journal, engines, context, patternOf } = conversation;
  const { expectation } = step;
  const mark = step.from === undefined ? undefined : markNamed(step.from, conversation);
  if (step.latency) markNamed(step.latency.since, conversation);
  const startMs = context.clock.monotonic();
  const window: Window = {
    connections: step.as,
    from: (name) => (mark ? journal.positionAfter(name, mark.n) : journal.positionOf(name)),
    startMs,
    untilMs: startMs + step.withinMs,
  };
  const compiler: Compiler = {
    ...createCompiler(engines, context.redact),
    pattern: (pattern) => patternOf(pattern, values),
  };
  const query = createQuery(expectation, compiler, journal, window);
  return { expectation, query, window, conversation };
};

const describeMatched = ({ query }: Awaited): string => {
  const matched = query.matched();
  return matched.length === 0 ? `none of ${plural(query.seen().length, 'frame')}` : nameFrames(matched);
};

type Latency = { readonly checks: readonly CheckOutcome[]; readonly figures?: readonly Figure[] };

const judgeLatency = (step: ExpectStep, { query, conversation }: Awaited): Latency => {
  const last = query.matched().at(-1);
  if (!step.latency || !last || step.expectation.kind === 'absent') return { checks: [] };
  const { since, maxMs } = step.latency;
  const mark = markNamed(since, conversation);
  const value = last.frame.at - mark.at;
  const name = `latency since ${since} <= ${inMs(maxMs)}`;
  if (last.frame.n <= mark.n) {
    const actual = `#${last.frame.n} came before the mark: let the search begin there (from: '${since}')`;
    return { checks: [{ name, result: 'inconclusive', actual }] };
  }
  const check: CheckOutcome =
    value <= maxMs
      ? { name, result: 'pass', actual: inMs(value) }
      : { name, result: 'fail', actual: inMs(value), frames: [last.frame.n] };
  return {
    checks: [check],
    figures: [{ name: `${since} to event`, value, unit: 'ms' }],
  };
};

type Judged = Pick<SessionOutcome, 'checks' | 'captures' | 'failure' | 'latencyMs' | 'figures'> & {
  readonly focus: readonly number[];
};

const judgeMet = (step: ExpectStep, awaited: Awaited, latencyMs: number, name: string): Judged => {
  const { query, conversation } = awaited;
  const matched = query.matched();
  if (step.expectation.kind !== 'absent') conversation.journal.consume(matched, step.name);
  const { checks, ...figures } = judgeLatency(step, awaited);
  return {
    ...captureAll(step.capture, matched, describeMatched(awaited), conversation),
    ...figures,
    latencyMs,
    checks: [{ name, result: 'pass', actual: describeMatched(awaited) }, ...checks],
    focus: matched.map(({ frame }) => frame.n).slice(0, 5),
  };
};

const describeSilence = (silent: readonly string[], { window, conversation }: Awaited): string => {
  if (silent.length === 0) return '';
  const which = window.connections.length === 1 ? 'the connection' : `connection ${silent.join(', ')}`;
  // Not every server takes a ping for one: the inspector of Node ends the connection.
  const broke = silent.every((name) => conversation.connections.get(name)?.ended());
  return `; ${which} ${broke ? 'broke off when it was pinged' : 'is silent: not even a ping was answered'}`;
};

const judgeUnmet = (step: ExpectStep, awaited: Awaited, ended: Waited, latencyMs: number, name: string): Judged => {
  const { expectation, query, conversation, window } = awaited;
  const { journal } = conversation;
  const ending = ended.down ? 'before that' : `within ${inMs(step.withinMs)}`;
  const unmet = { expectation, query, journal, window, ending };
  const explained: Explanation = ended.progress === 'failed' ? explainUnmet(unmet) : explainUnproven(unmet);
  // The sentence says so itself where there is one connection alone.
  const silence = ended.progress === 'failed' || step.as.length > 1 ? describeSilence(ended.silent, awaited) : '';
  const sentence = `${ended.down ? `${ended.down.message}; ` : ''}${explained.sentence}${silence}`;
  const { frames } = explained;
  const focus = { captures: {}, focus: frames };
  if (ended.progress !== 'failed')
    return { ...focus, checks: [{ name, result: 'inconclusive', actual: sentence }], latencyMs };
  const blame = blaming(frames);
  const judged = { ...focus, checks: [{ name, result: 'fail', actual: sentence, ...blame } as const] };
  if (ended.down) return { ...judged, latencyMs: null, failure: { ...ended.down, message: sentence, ...blame } };
  // What was awaited and never came is no answer; a wrong number of answers, or one too many, is a wrong one.
  const unanswered = expectation.kind !== 'count' && expectation.kind !== 'absent' && ended.late;
  return unanswered
    ? { ...judged, latencyMs: step.withinMs, failure: { kind: 'timeout', message: sentence, ...blame } }
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
  awaiting(conversation, () => explainUnmet({ ...awaited, journal: conversation.journal, ending: 'so far' }).sentence);
  const ended = await awaitQuery(awaited, signal);
  const latencyMs = Math.max(0, ended.endMs - awaited.window.startMs);
  const name = describeExpectation(step.expectation);
  const judged =
    ended.progress === 'met'
      ? judgeMet(step, awaited, latencyMs, name)
      : judgeUnmet(step, awaited, ended, latencyMs, name);
  const { focus, ...outcome } = judged;
  const [firstFrame] = step.as.flatMap((as) => conversation.connections.get(as)?.takeFirstFrameMs() ?? []);
  return {
    ...doneStep(step, latencyMs),
    ...outcome,
    phasesMs: firstFrame === undefined ? {} : { firstFrame },
    evidence: { frames: framesAround(focus, conversation, ended.progress === 'failed') },
  };
};
