import { MalformedError, toBase64 } from './bytes.ts';
import { carrying } from './carry.ts';
import { type Codec, CodecError, type Dialogue, type DialogueOptions, type Message, type RawFrame } from './codec.ts';
import { isObject, type JsonObject, memberOf, present } from './document.ts';
import { bodyOf, encodePayload } from './raw.ts';
import { clientsIn, kinds, readMessage, writeMessage } from './yjs/message.ts';
import { createSession, emptyUpdate } from './yjs/session.ts';

const isUpdate = ({ type }: JsonObject): boolean => type === 'update' || type === 'sync-step-2';

const openYjs = ({ handshake, resume }: DialogueOptions): Dialogue => {
  const isAuto = handshake === 'auto';
  const { replica, hold, hear, standing, resumption } = createSession(resume);

  const read = (frame: Uint8Array): Message => {
    let type: string | undefined;
    try {
      const body = readMessage(frame);
      if (!body) return { body: bodyOf(frame), type: 'unknown', role: 'unknown' };
      type = String(body.type);
      const role = kinds[type]?.role ?? 'unknown';
      return { body: hear(body), type, role, ...present({ code: role === 'error' ? 'permission-denied' : undefined }) };
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      const what = type === undefined ? 'a message of y-websocket' : 'an update of Yjs';
      return { body: bodyOf(frame), ...present({ type }), problem: `not ${what}: ${error.message}` };
    }
  };

  /** An edit is one however it is spelled: an end that does not hold its own would be equal to one that never got it. */
  const holdSaid = (raw: RawFrame): RawFrame => {
    try {
      const said = typeof raw === 'string' ? undefined : readMessage(raw);
      if (said && isUpdate(said)) hold(said.update);
    } catch (error) {
      // Whoever sends bytes may mean them to be malformed.
      if (!(error instanceof MalformedError)) throw error;
    }
    return raw;
  };

  return {
    decode: (raw) =>
      typeof raw === 'string'
        ? [{ body: bodyOf(raw), problem: 'a text frame: those of y-websocket are binary' }]
        : [read(raw)],
    encode: (payload) => {
      if (payload.kind !== 'json') return encodePayload(payload).map(holdSaid);
      const message = isObject(payload.json) ? payload.json : {};
      const frame = writeMessage(message);
      try {
        if (isUpdate(message)) hold(message.update);
      } catch (error) {
        throw error instanceof MalformedError ? new CodecError(`yjs: no update in format 1: ${error.message}`) : error;
      }
      return [frame];
    },
    greet: () => (isAuto ? [{ type: 'sync-step-1', clients: Object.fromEntries(replica.stateVector()) }] : []),
    react: ({ type, body, problem }) => {
      if (!isAuto || type !== 'sync-step-1' || problem !== undefined) return [];
      const [first = emptyUpdate, ...more] = replica.beyond(clientsIn(memberOf(body, 'clients')));
      const message = (kind: string, update: Uint8Array) => ({ type: kind, update: toBase64(update) });
      return [message('sync-step-2', first), ...more.map((update) => message('update', update))];
    },
    standing,
    carryOut: carrying<'yjs'>({ name: 'yjs' }, ({ payload }) => [{ type: 'update', update: payload }]),
    answerTo: () => undefined,
    resumption,
    replica: () => replica.text(),
  };
};

/**
 * Yjs over y-websocket; the URL names the document. Tested against y-websocket 2.
 *
 * Messages: `{ type: 'sync-step-1', stateVector, clients }`, `{ type: 'sync-step-2' | 'update', update, clients }`,
 * `{ type: 'awareness', clients, states }`, `{ type: 'query-awareness' }`, `{ type: 'auth', reason }`. State vectors and updates are
 * base64, `clients` is the clock up to which each client is covered. Publish sends an update in format 1, given as base64,
 * whatever the stream; there is nothing to subscribe to and nothing that answers a publish.
 *
 * Ends have converged when they hold the same clocks of every client and the same deletions; what is deleted as a consequence
 * counts where the server says so, as y-websocket does. An update with a gap before it is held behind the gap.
 * A reconnect goes on with what this end holds: the server's state vector says whether it still has all that came from it
 * (`resumed`), and then it is given what it lacks, as any client would: that heals a server which lost its documents.
 */
export const yjsCodec: Codec = { name: 'yjs', subprotocols: [], open: openYjs };
