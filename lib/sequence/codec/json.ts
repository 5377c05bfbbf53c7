import type { CodecPlan, Json, JsonDialect, Operation } from '../../config/plan.ts';
import { readOrdinal } from '../ordinal.ts';
import { setLatest } from './bounded-map.ts';
import { carrying } from './carry.ts';
import type { Answer, Codec, Dialogue, DialogueOptions, Message, Standing } from './codec.ts';
import { batchOf, readFrame } from './document.ts';
import { createMessageReader, type MessageReader } from './json-fields.ts';
import { createPlaces } from './json-places.ts';
import { fillOperands } from './operands.ts';
import { firstOwnId } from './questions.ts';
import { encodePayload } from './raw.ts';

/** What was asked: the message's own id, where the dialect gives it one; of an ack, what the latest before it were of. */
type Asked = {
  readonly stream: string;
  readonly id: string | undefined;
  readonly cursor: string | undefined;
  readonly earlier: readonly string[];
};

const maxEarlier = 16;

const keyOf = (operation: Operation): string => `${operation.do} ${operation.stream}`;

/**
 * The same id, where both have one; else the same stream, where the answer has one. An answer with neither is to whoever
 * asked without an id: it may be one to something that a step has said itself.
 */
const isAbout = (asked: Asked, { id, stream }: Message): boolean => {
  if (asked.id !== undefined && id !== undefined) return asked.id === id;
  return stream === undefined ? asked.id === undefined : stream === asked.stream;
};

/** An ack of another cursor that was asked for before: the answer to that one, come late. */
const isLate = ({ cursor, earlier }: Asked, { role, cursor: said }: Message): boolean =>
  role === 'ack' && said !== undefined && String(said) !== cursor && earlier.includes(String(said));

/** What was asked, with what was asked before it. */
const askedAfter = (before: Asked | undefined, operation: Operation, id: string | undefined): Asked => {
  const { stream } = operation;
  if (operation.do !== 'ack') return { stream, id, cursor: undefined, earlier: [] };
  const earlier = before?.cursor === undefined ? [] : [...before.earlier, before.cursor].slice(-maxEarlier);
  return { stream, id, cursor: String(operation.cursor), earlier };
};

const cursorOf = (operation: Operation): Json | undefined => ('cursor' in operation ? operation.cursor : undefined);

/** Whether the server subscribes from a place before the one that it was asked for. */
const isBehind = (operation: Operation, { cursor: said }: Message): boolean => {
  const asked = cursorOf(operation);
  if (operation.do !== 'subscribe' || asked === undefined || said === undefined) return false;
  const [from, to] = [readOrdinal(said), readOrdinal(asked)];
  return 'ordinal' in from && 'ordinal' in to && from.ordinal < to.ordinal;
};

/** Asks, and knows what is an answer to what. */
const createQuestions = (dialect: JsonDialect, { read, epochOf }: MessageReader) => {
  const asked = new Map<string, Asked>();
  let nextId = firstOwnId;
  return {
    ask: (operation: Operation): Json | undefined => {
      const words = dialect.operations[operation.do];
      if (words === undefined) return undefined;
      const message = fillOperands(words, operation, nextId++);
      const key = keyOf(operation);
      setLatest(asked, key, askedAfter(asked.get(key), operation, read(message).id));
      return message;
    },
    answerTo: (operation: Operation, message: Message): Answer | undefined => {
      const question = asked.get(keyOf(operation));
      const { role, code = 'error' } = message;
      if (!question || (role !== 'ack' && role !== 'error') || !isAbout(question, message)) return undefined;
      if (role === 'error') return { accepted: false, code };
      if (isLate(question, message)) return undefined;
      const epoch = epochOf(message);
      const behind = isBehind(operation, message);
      return { accepted: true, ...(epoch === undefined ? {} : { epoch }), ...(behind ? { behind } : {}) };
    },
  };
};

type Questions = ReturnType<typeof createQuestions>;

/** Takes up the streams of the generation before, and awaits what the server says to each. */
const createReturn = (operations: readonly Operation[], questions: Questions) => {
  const awaited = new Set<Operation>();
  let refused: Extract<Standing, { state: 'refused' }> | undefined;
  let behind = false;
  return {
    begin: (answered: boolean): readonly Json[] => {
      const messages = operations.map((operation) => questions.ask(operation)).filter((json) => json !== undefined);
      if (answered && messages.length > 0) for (const operation of operations) awaited.add(operation);
      return messages;
    },
    hear: (message: Message) => {
      for (const operation of awaited) {
        const answer = questions.answerTo(operation, message);
        if (!answer) continue;
        awaited.delete(operation);
        if (answer.accepted) {
          behind ||= answer.behind === true;
          return;
        }
        const reason = `the server refused ${operation.do} of ${operation.stream}`;
        refused ??= { state: 'refused', code: answer.code, reason };
        return;
      }
    },
    /** Whether the server has lost a place that a stream was taken up from. */
    isBehind: () => behind,
    standing: (resumption: 'resumed' | 'reset' | undefined): Standing => {
      const [next] = awaited;
      if (refused) return refused;
      if (next) return { state: 'greeting', awaited: `an answer to ${next.do} of ${next.stream}` };
      return resumption === undefined ? { state: 'ready' } : { state: 'ready', resumption };
    },
  };
};

const openDialogue = (
  dialect: JsonDialect,
  reader: MessageReader,
  plan: CodecPlan,
  { handshake, resume }: DialogueOptions,
): Dialogue => {
  const questions = createQuestions(dialect, reader);
  const places = createPlaces(resume);
  const subscriptions = places.subscriptions();
  const again = createReturn(subscriptions, questions);
  const canReturn = dialect.operations.subscribe !== undefined;
  const tellsAnswers = dialect.roles.ack !== undefined;
  let returned = false;

  const heard = (body: Json): Message => {
    const message = reader.read(body);
    places.hear(message, reader.epochOf(message));
    again.hear(message);
    return message;
  };
  return {
    decode: (raw) => {
      const read = readFrame(raw);
      return 'misread' in read ? [read.misread] : batchOf(read.document).map(heard);
    },
    encode: encodePayload,
    greet: () => {
      if (handshake === 'manual' || !canReturn) return [];
      const messages = again.begin(tellsAnswers);
      // Taken up from nowhere, a stream says nothing of what was before.
      const fromSomewhere = subscriptions.some((operation) => cursorOf(operation) !== undefined);
      returned = tellsAnswers && messages.length > 0 && fromSomewhere;
      return messages;
    },
    react: () => [],
    standing: () => {
      const isReset = places.epochChanged() || again.isBehind();
      return again.standing(isReset ? 'reset' : returned ? 'resumed' : undefined);
    },
    carryOut: carrying(plan, (operation) => {
      const message = questions.ask(operation);
      places.note(operation);
      return message === undefined ? [] : [message];
    }),
    answerTo: questions.answerTo,
    resumption: () => (canReturn || dialect.epoch !== undefined ? places.remembered() : undefined),
  };
};

/**
 * JSON text as a dialect reads it; an array of objects is a batch of messages. A frame that is not JSON has the body that
 * `raw` would give it. Where the dialect has words for `subscribe`, a new generation takes up the streams of the one before
 * from their last cursors, and is `reset` when the server says another epoch than before.
 *
 * @throws SyntaxError for a path that is not JSONPath.
 */
export const createJsonCodec = async (
  dialect: JsonDialect,
  plan: CodecPlan = { name: 'json', dialect },
): Promise<Codec> => {
  const reader = await createMessageReader(dialect);
  return { name: plan.name, subprotocols: [], open: (options) => openDialogue(dialect, reader, plan, options) };
};
