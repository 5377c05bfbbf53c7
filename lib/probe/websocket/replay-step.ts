import type { ReplayAssertion, ReplayStep } from '../../config/plan.ts';
import type { CheckOutcome, Failure, Figure, PhasesMs } from '../../result/result.ts';
import type { Entry } from '../../sequence/journal.ts';
import {
  type Finding,
  type Gathered,
  isEventOf,
  judgeReplay,
  type ReplayedStream,
  type StreamEvent,
} from '../../sequence/replay.ts';
import { doneStep, type SessionOutcome, type Values } from '../session.ts';
import { renderText } from '../template.ts';
import { captureAll } from './capture.ts';
import { openingFailure } from './connect-step.ts';
import { type Conversation, downOf } from './conversation.ts';
import { blaming, framesAround } from './frames.ts';
import { openGeneration } from './opening.ts';
import { renderCursor } from './render.ts';
import { type Replayed, type ReplayPlan, runReplay } from './replay-run.ts';

const renderEnd = ({ until }: ReplayStep, values: Values, { patternOf }: Conversation): ReplayPlan['until'] => {
  if ('cursor' in until) return { cursor: renderCursor(until.cursor, values) };
  return 'pattern' in until ? { pattern: patternOf(until.pattern, values) } : until;
};

const renderReplay = (step: ReplayStep, values: Values, conversation: Conversation): ReplayPlan => {
  const cursor = renderCursor(step.from, values);
  return {
    step,
    subscriptions: step.streams.map((stream) => ({ do: 'subscribe', stream: renderText(stream, values), cursor })),
    until: renderEnd(step, values, conversation),
  };
};

type Ready = { readonly phasesMs: PhasesMs; readonly failure?: Failure };

/** A new generation: on the same socket where it is open, else on a new one by the same request. */
const renewConnection = async (
  { as, withinMs, name }: ReplayStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Ready> => {
  const { connections, connects } = conversation;
  const down = downOf(as, conversation);
  if (!down) {
    connections.get(as)?.renew();
    return { phasesMs: {} };
  }
  const step = connects.get(as);
  if (!step || down.kind === 'limit') return { phasesMs: {}, failure: down };
  const opened = await openGeneration({ by: name, step, values, timeoutMs: withinMs }, signal, conversation);
  const failure = openingFailure(opened, false);
  return { phasesMs: opened.phasesMs, ...(failure ? { failure } : {}) };
};

const eventsOf = (entries: readonly Entry[]): readonly StreamEvent[] =>
  entries.flatMap(({ frame: { n, connection, generation }, message }) =>
    message ? [{ n, connection, generation, message }] : [],
  );

/** All that came of a stream otherwise, on any connection, in order of arrival; and how much of it may be gone. */
const liveOf = (
  stream: string,
  as: string,
  { generation }: Replayed,
  { journal }: Conversation,
): Pick<ReplayedStream, 'live' | 'lost'> => {
  const lists = journal.connections().map(({ name }) => journal.entriesOf(name));
  const held = lists.flatMap((entries) => entries.since(entries.first));
  const forgotten = lists.reduce((sum, { first }) => sum + first, 0);
  const live = eventsOf(held).filter(
    (event) => isEventOf(stream, event.message) && !(event.connection === as && event.generation === generation),
  );
  const letGo = held.filter(({ message }) => message === undefined).length;
  return { live: live.toSorted((a, b) => a.n - b.n), lost: forgotten + letGo };
};

/** What came may be right, and yet not all of it, or not the last of it, where the connection died meanwhile. */
const checkOf = (name: string, { result, sentence, frames }: Finding, { silent }: Replayed): CheckOutcome => {
  if (result === 'pass' && silent) {
    const actual = `${sentence}; the connection is silent: not even a ping was answered`;
    return { name, result: 'inconclusive', actual };
  }
  return { name, result, actual: sentence, ...(result === 'fail' ? blaming(frames) : {}) };
};

type Judged = { readonly checks: readonly CheckOutcome[]; readonly frames: readonly number[] };

/** `label`: the stream in the plan's own words, so that a check has the same name in every pass. */
const judgeStream = (
  plan: ReplayPlan,
  { stream, events, to, refused }: Gathered,
  label: string,
  replayed: Replayed,
  conversation: Conversation,
): Judged => {
  const { step, subscriptions } = plan;
  const nameOf = (assertion: ReplayAssertion) => `${assertion} of ${label}`;
  if (refused) {
    const { n } = refused.entry.frame;
    const actual = `the server refused it with ${refused.code} (#${n})`;
    const rest = step.assert.map((one): CheckOutcome => ({ name: nameOf(one), result: 'inconclusive', actual }));
    return {
      checks: [{ name: `replay of ${label} is accepted`, result: 'fail', actual, frames: [n] }, ...rest],
      frames: [n],
    };
  }
  const replay: ReplayedStream = {
    stream,
    from: subscriptions[0]?.cursor ?? null,
    ...(to === undefined ? {} : { to }),
    startN: replayed.startN,
    replayed: eventsOf(events),
    ...liveOf(stream, step.as, replayed, conversation),
  };
  const found = step.assert.map((assertion) => ({
    name: nameOf(assertion),
    ...judgeReplay(assertion, replay, conversation.context.redact),
  }));
  return {
    checks: found.map(({ name, ...finding }) => checkOf(name, finding, replayed)),
    frames: found.flatMap(({ result, frames }) => (result === 'fail' ? frames : [])),
  };
};

const rateOf = (entries: readonly Entry[], elapsedMs: number): readonly Figure[] =>
  entries.length > 0 && elapsedMs > 0
    ? [{ name: 'replay rate', value: entries.length / (elapsedMs / 1_000), unit: 'messages/s' }]
    : [];

const judge = (plan: ReplayPlan, replayed: Replayed, conversation: Conversation): Judged => {
  // What broke off says nothing of what would have come.
  if (replayed.failure && replayed.failure.kind !== 'timeout') return { checks: [], frames: [] };
  const judged = replayed.gathered.map((gathered, index) =>
    judgeStream(plan, gathered, plan.step.streams[index] ?? gathered.stream, replayed, conversation),
  );
  return { checks: judged.flatMap(({ checks }) => checks), frames: judged.flatMap(({ frames }) => frames) };
};

/**
 * Subscribes to streams again from a cursor, each by itself, and holds what comes against its assertions and against what
 * came live. Its latency counts from the asking to the end of the replay.
 */
export const executeReplay = async (
  step: ReplayStep,
  values: Values,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<SessionOutcome> => {
  const plan = renderReplay(step, values, conversation);
  const { phasesMs, failure: unopened } = await renewConnection(step, values, signal, conversation);
  if (unopened) {
    const evidence = { frames: framesAround([], conversation, true) };
    return { ...doneStep(step, 0), latencyMs: null, phasesMs, failure: unopened, evidence };
  }
  const replayed = await runReplay(plan, signal, conversation);
  const { elapsedMs, failure, gathered } = replayed;
  const { checks, frames } = judge(plan, replayed, conversation);
  const entries = gathered.flatMap(({ events }) => events).toSorted((a, b) => a.frame.n - b.frame.n);
  const where = entries.length === 0 ? 'no replayed event' : `${entries.length} replayed events`;
  const captured = failure ? { captures: {} } : captureAll(step.capture, entries, where, conversation);
  const unanswered = failure ? { failure, latencyMs: failure.kind === 'timeout' ? elapsedMs : null } : {};
  const focus = frames.length > 0 ? frames : entries.slice(-1).map(({ frame }) => frame.n);
  return {
    ...doneStep(step, elapsedMs),
    ...captured,
    ...unanswered,
    phasesMs,
    checks,
    figures: failure ? [] : rateOf(entries, elapsedMs),
    evidence: { frames: framesAround(focus, conversation, frames.length > 0) },
  };
};
