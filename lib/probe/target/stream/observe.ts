import type { FollowPlan, Operation } from '../../../config/plan.ts';
import type { Observer, Watch } from '../../../drill/ports.ts';
import type { Frame } from '../../../sequence/journal.ts';
import { isEventOf } from '../../../sequence/replay.ts';
import { pause } from '../../pause.ts';
import type { ProbeContext } from '../../prober.ts';
import { answersPing } from '../../websocket/alive.ts';
import { downOf } from '../../websocket/conversation.ts';
import { operate } from '../../websocket/say.ts';
import { waitFor } from '../../websocket/wait.ts';
import { answerWithinMs, connectionName, type Following, follow, type Unfollowed } from './following.ts';
import { createNotebook, type Notebook } from './notebook.ts';
import { owedPatienceMs } from './replay.ts';

/** A host that vanishes sends no close: whoever has answered pings, and answers no more, is gone. */
const [pingEveryMs, mostUnanswered] = [2_000, 2];

const lookEveryMs = 50;

type Hearing = {
  readonly following: Following;
  readonly operations: readonly Operation[];
  readonly notebook: Notebook;
  /** Why the client hangs up, once it has reason to. */
  readonly given: { problem?: string };
  /** Whether the watching is over. */
  readonly isOver: () => boolean;
};

/** Takes what comes on one connection, and lets the journal forget it at once. */
const hear = ({ following: { conversation }, operations, notebook, given, isOver }: Hearing): void => {
  const { journal, connections, dialogues } = conversation;
  const unanswered = new Set(operations);
  const take = (frame: Frame): void => {
    if (frame.direction === 'life' && frame.life.event === 'close')
      notebook.closed(frame.life.code, frame.life.reason, given.problem, isOver());
    if (frame.direction !== 'in') return;
    for (const { message } of frame.entries) {
      const told = message && operations.find(({ stream }) => isEventOf(stream, message));
      if (message && told) notebook.event(told.stream, message);
      for (const operation of message && !told ? unanswered : []) {
        const answer = message && dialogues.of(connectionName)?.answerTo(operation, message);
        if (!answer) continue;
        unanswered.delete(operation);
        if (answer.accepted) continue;
        given.problem ??= `the server refused to subscribe to ${operation.stream} with ${answer.code}`;
      }
    }
  };
  journal.watch((frame) => {
    try {
      if (frame) take(frame);
    } catch (error) {
      // Thrown into a socket's event it would end the process.
      const message = error instanceof Error ? error.message : String(error);
      connections.get(connectionName)?.breakOff({ kind: 'prober', message });
    }
    journal.forget(journal.last());
  });
};

/** Waits until nothing more can come. */
const untilDown = async ({ following: { conversation, signal }, given }: Hearing): Promise<string> => {
  const { journal, connections, context } = conversation;
  let unanswered = 0;
  for (;;) {
    const look = () => given.problem ?? downOf(connectionName, conversation)?.message;
    const ended = await waitFor(look, context.clock.monotonic() + pingEveryMs, journal, context.clock, signal);
    if (ended !== undefined) return ended;
    unanswered = (await answersPing(connectionName, signal, conversation)) ? 0 : unanswered + 1;
    const hasPonged = connections.get(connectionName)?.pongAt(1) !== undefined;
    if (hasPonged && unanswered >= mostUnanswered) return 'it answers no ping any more';
  }
};

/** One connection, from its subscriptions to its end. */
const live = async (following: Following, watch: Watch, notebook: Notebook, isOver: () => boolean) => {
  const { plan, conversation, signal } = following;
  const operations = watch.streams.map(({ stream }): Operation => {
    return { do: 'subscribe', stream, cursor: notebook.cursorOf(stream) ?? plan.from };
  });
  const given: Hearing['given'] = {};
  const hearing = { following, operations, notebook, given, isOver };
  notebook.opened();
  hear(hearing);
  for (const operation of operations) {
    const sending = { as: connectionName, step: 'observe', timeoutMs: answerWithinMs, signal, conversation };
    const unsent = await operate(operation, sending);
    if (unsent) return { problem: unsent.message, ...(unsent.kind === 'template' ? { ours: true as const } : {}) };
  }
  const problem = await untilDown(hearing);
  const connection = conversation.connections.get(connectionName);
  if (connection && !connection.ended()) {
    given.problem = problem;
    await connection.drop();
  }
  return { problem };
};

/** Comes back again and again, until it is told that it is enough, or it can never work. */
const keepWatching = async (
  plan: FollowPlan,
  watch: Watch,
  context: ProbeContext,
  notebook: Notebook,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    let wasOpened = false;
    const ended: Unfollowed = await follow(plan, context, signal, (following) => {
      wasOpened = true;
      return live(following, watch, notebook, () => signal.aborted);
    });
    notebook.closed(1006, '', ended.problem, signal.aborted);
    if (!wasOpened || ended.ours) notebook.refused(ended);
    if (ended.ours) return;
    await pause(watch.everyMs, signal);
  }
};

/**
 * A live client of a target's streams, all of them on one connection as a real one has them. It subscribes from the last
 * cursor that it saw of each, and when its connection ends it comes back and goes on from there. Whatever the target does
 * is an observation; nothing throws.
 */
export const observe = (plan: FollowPlan, watch: Watch, context: ProbeContext, signal: AbortSignal): Observer => {
  const stop = new AbortController();
  const enough = AbortSignal.any([stop.signal, signal]);
  const notebook = createNotebook(watch, context);
  let isOver = false;
  const watching = keepWatching(plan, watch, context, notebook, enough)
    .catch((error: unknown) => {
      if (enough.aborted) return;
      // A fault of ours says nothing of the target.
      notebook.refused({ problem: error instanceof Error ? error.message : String(error), ours: true });
    })
    .finally(() => {
      isOver = true;
    });
  const isSettled = (owed: readonly string[]): boolean => {
    const sinceMs = notebook.silentSinceMs();
    const quietMs = notebook.lacks(owed) ? owedPatienceMs(plan.quietMs) : plan.quietMs;
    return sinceMs !== undefined && context.clock.monotonic() - sinceMs >= quietMs;
  };
  return {
    drain: notebook.drain,
    settle: async (owed, until) => {
      while (!until.aborted && !isOver) {
        if (isSettled(owed)) return notebook.settled();
        await pause(lookEveryMs, until).catch(() => undefined);
      }
    },
    close: async () => {
      stop.abort(new Error('enough was seen'));
      await watching;
    },
  };
};
