import type { Cursor, Operation, ReplayStep } from '../../config/plan.ts';
import type { Failure } from '../../result/result.ts';
import type { CompiledPattern } from '../../sequence/pattern.ts';
import { type Collector, createCollector, type Gathered } from '../../sequence/replay.ts';
import { inMs, plural } from '../../sequence/words.ts';
import { awaitPong, isAlive } from './alive.ts';
import { awaiting, type Conversation, downOf } from './conversation.ts';
import { operate } from './say.ts';
import { waitFor } from './wait.ts';

/** A replay step with its templates filled in. */
export type ReplayPlan = {
  readonly step: ReplayStep;
  readonly subscriptions: readonly Extract<Operation, { readonly do: 'subscribe' }>[];
  readonly until: { readonly cursor: Cursor } | { readonly quietMs: number } | { readonly pattern: CompiledPattern };
};

/** A replay that was asked for, and what came of it. */
export type Replayed = {
  readonly gathered: readonly Gathered[];
  /** Last frame before it was asked for. */
  readonly startN: number;
  readonly generation: number;
  /** From the asking to its end; of one that ends with silence, to the last that came before that. */
  readonly elapsedMs: number;
  /** It ended on a connection that then said nothing more, not even to a ping: what is missing, or too much, may be lost. */
  readonly silent: boolean;
  readonly failure?: Failure;
};

type Run = ReplayPlan & {
  readonly conversation: Conversation;
  readonly signal: AbortSignal;
  readonly collector: Collector;
  /** Looks at what has come since the last look. */
  readonly advance: () => void;
  readonly startMs: number;
};

const quietMsOf = ({ until }: ReplayPlan): number | undefined => ('quietMs' in until ? until.quietMs : undefined);

const begin = (plan: ReplayPlan, signal: AbortSignal, conversation: Conversation): Run => {
  const { step, until, subscriptions } = plan;
  const { journal, context, dialogues } = conversation;
  const end = 'pattern' in until ? until.pattern : 'cursor' in until ? until : { quiet: true as const };
  const streams = subscriptions.map(({ stream }) => stream);
  const collector = createCollector(streams, end, (stream, message) => {
    const operation = subscriptions.find((one) => one.stream === stream);
    return operation && dialogues.of(step.as)?.answerTo(operation, message);
  });
  const entries = journal.entriesOf(step.as);
  let next = journal.positionOf(step.as);
  const advance = () => {
    for (; next < entries.end; next += 1) {
      const entry = entries.at(next);
      if (entry && collector.take(entry)) journal.consume([entry], step.name);
    }
  };
  return { ...plan, conversation, signal, collector, advance, startMs: context.clock.monotonic() };
};

type Look = { readonly down: Failure } | 'done' | 'heard' | undefined;

/** Waits until all of it has come, nothing more can come, or the time is over. */
const collect = async (run: Run): Promise<Exclude<Look, 'heard'> | 'late'> => {
  const { step, collector, advance, conversation, signal, startMs } = run;
  const { journal, context } = conversation;
  const untilMs = startMs + step.withinMs;
  const quietMs = quietMsOf(run) ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const heardMs = collector.lastMs() ?? startMs;
    const look = (): Look => {
      advance();
      if (collector.ended()) return 'done';
      const down = downOf(step.as, conversation);
      if (down) return { down };
      return Number.isFinite(quietMs) && (collector.lastMs() ?? startMs) !== heardMs ? 'heard' : undefined;
    };
    const seen = await waitFor(look, Math.min(heardMs + quietMs, untilMs), journal, context.clock, signal);
    if (seen !== undefined && seen !== 'heard') return seen;
    if (seen === undefined) return heardMs + quietMs <= untilMs ? 'done' : 'late';
  }
};

const countEvents = (gathered: readonly Gathered[]): number =>
  gathered.reduce((sum, { events }) => sum + events.length, 0);

/** What did not come in time. */
const describeGoal = ({ until, collector }: Run): string => {
  if ('quietMs' in until) return `never quiet for ${inMs(until.quietMs)}`;
  const open = collector.gathered().filter(({ end, refused }) => !end && !refused);
  const streams = open.map(({ stream }) => stream).join(', ');
  const what = 'cursor' in until ? `cursor ${JSON.stringify(until.cursor)}` : until.pattern.text;
  return `${what} of ${streams} never came`;
};

/** Why a replay is none: the connection went down, or what ends it never came; nothing where it is whole. */
const failureOf = (run: Run, ended: Exclude<Look, 'heard'> | 'late', isSilent: boolean): Failure | undefined => {
  const { step, collector } = run;
  const events = countEvents(collector.gathered());
  const came = `${plural(events, 'event')} came`;
  if (typeof ended === 'object') return { ...ended.down, message: `${ended.down.message}; ${came} of the replay` };
  const nothing = isSilent && events === 0 && collector.lastMs() === undefined;
  if (ended !== 'late' && !nothing) return undefined;
  const silence = isSilent ? '; the connection is silent: not even a ping was answered' : '';
  const goal = ended === 'late' ? describeGoal(run) : 'nothing was replayed';
  return { kind: 'timeout', message: `${goal} within ${inMs(step.withinMs)}: ${came}${silence}` };
};

const elapsedOf = ({ collector, startMs, until, step }: Run, ended: unknown): number => {
  // A timeout counts at its limit.
  if (ended === 'late') return step.withinMs;
  if ('quietMs' in until) return Math.max(0, (collector.lastMs() ?? startMs) - startMs);
  const ends = collector.gathered().map(({ end, refused }) => (end ?? refused?.entry)?.frame.at ?? startMs);
  return Math.max(0, ...ends.map((endMs) => endMs - startMs));
};

/** Asks the connection whether it is still there. */
const isSilent = async (run: Run, ended: 'done' | 'late'): Promise<boolean> => {
  const { step, signal, conversation, advance } = run;
  const endMs = conversation.context.clock.monotonic();
  if (ended === 'done' && quietMsOf(run) === undefined && (await awaitPong(step.as, signal, conversation))) {
    // What was sent before the pong has come by then: one event too many among it.
    advance();
    return false;
  }
  const asked = ended === 'done' && quietMsOf(run) === undefined;
  const heardMs = conversation.connections.get(step.as)?.heardAt() ?? Number.NEGATIVE_INFINITY;
  return asked ? heardMs < endMs : !(await isAlive(step.as, endMs, signal, conversation));
};

/** Asks for the streams again and gathers what comes, claimed in the name of the step. */
export const runReplay = async (
  plan: ReplayPlan,
  signal: AbortSignal,
  conversation: Conversation,
): Promise<Replayed> => {
  const { as, name, withinMs } = plan.step;
  const startN = conversation.journal.last();
  const generation = conversation.connections.get(as)?.generation ?? 0;
  const run = begin(plan, signal, conversation);
  const sent = await Promise.all(
    plan.subscriptions.map((one) => operate(one, { as, step: name, timeoutMs: withinMs, signal, conversation })),
  );
  const unsent = sent.find((failure) => failure !== undefined);
  if (unsent) return { startN, generation, gathered: [], elapsedMs: 0, silent: false, failure: unsent };
  awaiting(conversation, () => `${describeGoal(run)}: ${plural(countEvents(run.collector.gathered()), 'event')} came`);
  const ended = await collect(run);
  const silent = typeof ended === 'string' && (await isSilent(run, ended));
  const failure = failureOf(run, ended, silent);
  const elapsedMs = elapsedOf(run, ended);
  const gathered = run.collector.gathered();
  return { startN, generation, gathered, elapsedMs, silent, ...(failure ? { failure } : {}) };
};
