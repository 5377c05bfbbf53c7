import type { Cursor, Json, Operation } from '../../../config/plan.ts';
import type { Answer } from '../../../sequence/codec/codec.ts';
import type { Entry } from '../../../sequence/journal.ts';
import { isEventOf, placeOf, type StreamEvent } from '../../../sequence/replay.ts';
import { answersPing } from '../../websocket/alive.ts';
import { downOf } from '../../websocket/conversation.ts';
import { operate } from '../../websocket/say.ts';
import { waitFor } from '../../websocket/wait.ts';
import { answerWithinMs, connectionName, type Following, type Unfollowed } from './following.ts';

/** What a stream gave when it was asked for from a cursor on. */
export type Replay = {
  /** In order of arrival. */
  readonly events: readonly StreamEvent[];
  readonly epoch?: string;
  /** Last frame before it was asked for. */
  readonly startN: number;
};

export type Wanted = {
  readonly stream: string;
  readonly from: Cursor;
  /** An event that must come before silence may end the replay: a server may be slow to begin. */
  readonly last?: Json;
};

/** A replay as long as that is a load test. */
const longestMs = 60_000;

/** How long silence is borne while an event is still owed: so many times the usual, and at least so long. */
const patience = { times: 5, leastMs: 3000 } as const;

export const owedPatienceMs = (quietMs: number): number => Math.max(patience.leastMs, patience.times * quietMs);

const asIs = (text: string) => text;
const keyOf = (cursor: Json): string => placeOf(cursor, asIs).key;

/** What a stream with cursors says without one is of the moment (who is here, who types), and in no log. */
const lasting = (events: readonly StreamEvent[]): readonly StreamEvent[] => {
  const placed = events.filter(({ message }) => (message.cursor ?? null) !== null);
  return placed.length > 0 ? placed : events;
};

/** Hears what comes on the connection from now on, as far as it is of the stream. */
const createEar = (operation: Operation, { conversation }: Following, owed: Json | undefined) => {
  const { journal, dialogues, context } = conversation;
  const entries = journal.entriesOf(connectionName);
  const owedKey = owed === undefined ? undefined : keyOf(owed);
  let next = entries.end;
  const heard = {
    events: [] as StreamEvent[],
    answer: undefined as Answer | undefined,
    lastMs: context.clock.monotonic(),
    owes: owedKey !== undefined,
  };
  const take = ({ message, frame: { n, connection, generation, at } }: Entry): void => {
    if (!message) return;
    heard.lastMs = at;
    if (isEventOf(operation.stream, message)) {
      heard.events.push({ n, connection, generation, message });
      if (message.cursor !== undefined && keyOf(message.cursor) === owedKey) heard.owes = false;
      return;
    }
    heard.answer ??= dialogues.of(connectionName)?.answerTo(operation, message);
  };
  return {
    heard,
    advance: () => {
      for (; next < entries.end; next += 1) {
        const entry = entries.at(next);
        if (entry) take(entry);
      }
    },
  };
};

/** Subscribes from a cursor and takes what comes until the stream is silent. */
export const replay = async ({ stream, from, last }: Wanted, following: Following): Promise<Replay | Unfollowed> => {
  const { plan, conversation, signal } = following;
  const { journal, context } = conversation;
  const operation: Operation = { do: 'subscribe', stream, cursor: from };
  conversation.connections.get(connectionName)?.renew();
  const startN = journal.last();
  const { heard, advance } = createEar(operation, following, last);
  const unsent = await operate(operation, {
    as: connectionName,
    step: 'replay',
    timeoutMs: answerWithinMs,
    signal,
    conversation,
  });
  if (unsent) return { problem: unsent.message, ...(unsent.kind === 'template' ? { ours: true } : {}) };
  const owedMs = owedPatienceMs(plan.quietMs);
  const silentMs = () => heard.lastMs + (heard.owes ? owedMs : plan.quietMs);
  const look = (): Unfollowed | 'silent' | undefined => {
    advance();
    if (heard.answer && !heard.answer.accepted)
      return { problem: `the server refused to subscribe to ${stream} from ${from} with ${heard.answer.code}` };
    const down = downOf(connectionName, conversation);
    if (down) return { problem: down.message };
    return context.clock.monotonic() >= silentMs() ? 'silent' : undefined;
  };
  const untilMs = context.clock.monotonic() + longestMs;
  const ended = await waitFor(look, untilMs, journal, context.clock, signal, silentMs);
  if (ended === undefined) return { problem: `${stream} was never silent for ${plan.quietMs} ms` };
  if (ended !== 'silent') return ended;
  if (heard.events.length === 0 && !heard.answer && !(await answersPing(connectionName, signal, conversation)))
    return { problem: `nobody answered the subscription to ${stream}, nor a ping` };
  const epoch = heard.answer?.accepted ? heard.answer.epoch : undefined;
  return { events: lasting(heard.events), startN, ...(epoch === undefined ? {} : { epoch }) };
};
