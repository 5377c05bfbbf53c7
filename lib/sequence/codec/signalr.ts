import type { Json } from '../../config/plan.ts';
import { setLatest } from './bounded-map.ts';
import { carrying, type OperationOf } from './carry.ts';
import {
  type Codec,
  CodecError,
  type Dialogue,
  type DialogueOptions,
  type Message,
  type Role,
  type Standing,
} from './codec.ts';
import { isObject, type JsonObject, memberOf, present, readFrame, textOf } from './document.ts';
import { readParts } from './frame-parts.ts';
import { createQuestions } from './questions.ts';
import { bodyOf, encodePayload } from './raw.ts';

/** Ends each message; a frame has one or more. */
const separator = '\u001e';
/** What Microsoft's clients do; the server hangs up after 30 s. */
const pingMs = 15_000;

/** By the number on the wire; the handshake has none. */
const types: readonly (readonly [type: string, role: Role])[] = [
  ['handshake', 'control'],
  ['invocation', 'event'],
  ['stream-item', 'event'],
  ['completion', 'ack'],
  ['stream-invocation', 'event'],
  ['cancel-invocation', 'control'],
  ['ping', 'heartbeat'],
  ['close', 'control'],
  ['ack', 'control'],
  ['sequence', 'control'],
];
/** Messages with a place in the sequence of a stateful connection: those of invocations. */
const isNumbered = (type: Json): boolean => Number(type) >= 1 && Number(type) <= 5;

const messageFor = (operation: OperationOf<'signalr'>, streamIdOf: (target: string) => string): JsonObject => {
  const { stream: target } = operation;
  const argumentsIn = (payload: Json = []) => [payload].flat() as readonly Json[];
  switch (operation.do) {
    case 'subscribe':
      return { type: 4, target, arguments: argumentsIn(operation.payload) };
    case 'unsubscribe':
      return { type: 5, invocationId: streamIdOf(target) };
    case 'publish':
      return { type: 1, target, arguments: argumentsIn(operation.payload) };
  }
};

/** Places of the messages on a stateful connection. */
const createSequence = (resume: Json | undefined) => {
  /** Nothing where the connection is not stateful. */
  let next = memberOf(resume, 'next');
  return {
    begin: () => {
      next ??= 1;
    },
    /** A stateful server goes on with what this end has not acknowledged; a gap has no way to be made good. */
    goOn: (place: number): 'resumed' | 'reset' => {
      const isGap = typeof next === 'number' && place > next;
      next = place;
      return isGap ? 'reset' : 'resumed';
    },
    take: (type: Json): number | undefined => {
      if (typeof next !== 'number' || !isNumbered(type)) return undefined;
      next += 1;
      return next - 1;
    },
    resumption: () => (next === undefined ? undefined : { next }),
  };
};

const openSignalr = ({ handshake, resume }: DialogueOptions): Dialogue => {
  const isAuto = handshake === 'auto';
  let lastId = 0;
  const sequence = createSequence(resume);
  let standing: Standing = { state: 'greeting', awaited: sequence.resumption() ? 'sequence' : 'handshake' };
  /** Target by invocation. */
  const targets = new Map<string, string>();
  const questions = createQuestions();

  const hear = (body: JsonObject, code: string | undefined) => {
    const { type, sequenceId } = body;
    if (type === 9 && typeof sequenceId === 'number') {
      standing = { state: 'ready', resumption: sequence.goOn(sequenceId) };
    } else if (type === undefined && standing.state === 'greeting') {
      standing = code === undefined ? { state: 'ready' } : { state: 'refused', code: 'handshake', reason: code };
    }
  };

  const messageOf = (body: JsonObject): Message => {
    const { type: number = 0, error } = body;
    const [type, role] = types[Number(number)] ?? [`type ${JSON.stringify(number)}`, 'unknown'];
    const code = textOf(error);
    const id = textOf(body.invocationId);
    hear(body, code);
    return {
      body,
      type,
      role: code === undefined ? role : 'error',
      ...present({ id, stream: textOf(body.target) ?? targets.get(id ?? ''), code, sequence: sequence.take(number) }),
    };
  };

  const read = (text: string): Message => {
    const frame = readFrame(text);
    if ('misread' in frame) return frame.misread;
    return isObject(frame.document) ? messageOf(frame.document) : { body: frame.document, problem: 'not an object' };
  };

  const note = ({ type, invocationId, target, version }: JsonObject) => {
    // From version 2 of the handshake on a connection can be stateful (aspnetcore, HubConnectionContext).
    if (type === undefined && Number(version) > 1) sequence.begin();
    if (typeof invocationId === 'string' && typeof target === 'string') setLatest(targets, invocationId, target);
  };

  return {
    decode: (raw) => {
      if (typeof raw !== 'string') return [{ body: bodyOf(raw), problem: 'a binary frame, not the JSON protocol' }];
      const texts = raw.split(separator);
      const rest = texts.pop();
      const cutShort = { body: bodyOf(rest ?? ''), problem: 'a message without its end, 0x1E' };
      return [...readParts(texts, read), ...(rest === '' ? [] : [cutShort])];
    },
    encode: (payload) => {
      if (payload.kind !== 'json' || !isObject(payload.json)) return encodePayload(payload);
      note(payload.json);
      return [JSON.stringify(payload.json) + separator];
    },
    greet: () => (isAuto ? [{ protocol: 'json', version: 1 }] : []),
    react: () => [],
    ...(isAuto ? { keepAlive: { everyMs: pingMs, messages: () => [{ type: 6 }] } } : {}),
    standing: () => standing,
    carryOut: carrying<'signalr'>({ name: 'signalr' }, (operation) => {
      const message = messageFor(operation, (target) => {
        const found = [...targets].findLast(([, name]) => name === target);
        if (found) return found[0];
        throw new CodecError(`signalr: nothing of ${target} is streaming`);
      });
      lastId += 1;
      const whole = { invocationId: String(lastId), ...message };
      questions.ask(operation, String(whole.invocationId));
      return [whole];
    }),
    answerTo: (operation, message) => {
      const isAnswer =
        message.type === 'completion' || (message.type === 'stream-item' && operation.do === 'subscribe');
      return isAnswer ? questions.answer(operation, message) : undefined;
    },
    resumption: sequence.resumption,
  };
};

/**
 * SignalR with its JSON protocol. Tested against the frames of Microsoft's own client, and against published ones; no server:
 * https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md
 *
 * Messages are those of the protocol, `{ type: 1, target, arguments }`; `$type` names them: `handshake`, `invocation`,
 * `stream-item`, `completion`, `ping`, `close`, `ack`, `sequence`. The stream is the target; the id the invocation; the code
 * the text of the error. Subscribe is a streaming invocation whose arguments are the payload, unsubscribe cancels it, publish is
 * an invocation. The answer is the completion, for a subscribe the first item too.
 *
 * Stateful reconnect is for steps to play, with `handshake: 'manual'`: after `{ protocol: 'json', version: 2 }` each message
 * of an invocation has its place as `$sequence`, and a reconnect goes on from where the server's Sequence says; Sequence
 * and Ack of this end are sent by steps. Otherwise a reconnect is a new connection.
 */
export const signalrCodec: Codec = { name: 'signalr', subprotocols: [], open: openSignalr };
