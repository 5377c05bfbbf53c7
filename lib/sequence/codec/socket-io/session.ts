import type { Json } from '../../../config/plan.ts';
import type { Message, Standing } from '../codec.ts';
import { type JsonObject, memberOf, present, textOf } from '../document.ts';

/** What a server knows a client by. `pid` where it has recovery on. */
type Identity = { readonly sid: string; readonly pid?: string };

/** A session as it is: whom the server takes us for, the last event that came, how far the handshake is. */
type State = {
  now?: Identity;
  offset?: string | undefined;
  progress: 'opening' | 'connecting' | 'connected';
  refused?: Extract<Standing, { state: 'refused' }>;
};

const textAt = (value: Json | undefined, key: string): string | undefined => textOf(memberOf(value, key));

const identityOf = (value: Json | undefined): Identity | undefined => {
  const [sid, pid] = [textAt(value, 'sid'), textAt(value, 'pid')];
  return sid === undefined ? undefined : { sid, ...present({ pid }) };
};

const hear = (state: State, { body, cursor, code }: Message, before: Identity | undefined): void => {
  const data = memberOf(body, 'data');
  switch (memberOf(body, 'type')) {
    case 'event':
      // Those that were missed come before the answer to `connect`.
      if (typeof cursor === 'string') state.offset = cursor;
      return;
    case 'connect':
      Object.assign(state, { now: identityOf(data), progress: 'connected', refused: undefined });
      if (state.now?.sid !== before?.sid) state.offset = undefined;
      return;
    case 'connect_error': {
      if (state.progress === 'connected') return;
      const reason = textOf(data) ?? textAt(data, 'message') ?? 'no reason given';
      state.refused = { state: 'refused', code: code ?? reason, reason };
    }
  }
};

const standingOf = ({ refused, progress, now }: State, namespace: string, before: Identity | undefined): Standing => {
  if (refused) return refused;
  if (progress === 'opening') return { state: 'greeting', awaited: 'the open packet of Engine.IO' };
  if (progress === 'connecting')
    return { state: 'greeting', awaited: `the answer to connect of namespace ${namespace}` };
  if (!before) return { state: 'ready' };
  // No error tells of a lost session: it is another one, and that is all.
  return { state: 'ready', resumption: now?.sid === before.sid ? 'resumed' : 'reset' };
};

/**
 * The session of one namespace (https://socket.io/docs/v4/connection-state-recovery). Remembered as
 * `{ sid, pid?, streams: { namespace: offset } }`, the offset where one has come.
 */
export const createSession = (namespace: string, resume: Json | undefined) => {
  const before = identityOf(resume);
  const from = textAt(memberOf(resume, 'streams'), namespace);
  const state: State = { progress: 'opening', offset: from, ...present({ now: before }) };
  const isOurs = (body: Json): boolean => memberOf(body, 'namespace') === namespace;
  return {
    /** What to add to the client's own data of `connect`. */
    credentials: (): JsonObject => (before?.pid === undefined ? {} : { pid: before.pid, ...present({ offset: from }) }),
    /** Where an event stands: recovery puts an offset behind its arguments, but not where it asks for an answer. */
    cursorOf: (body: Json): string | undefined => {
      const args = memberOf(body, 'args');
      const isPlaced = state.now?.pid !== undefined && isOurs(body) && memberOf(body, 'ack') === undefined;
      const last = isPlaced && Array.isArray(args) ? args.at(-1) : undefined;
      return typeof last === 'string' ? last : undefined;
    },
    hear: (message: Message) => {
      if (memberOf(message.body, 'type') === 'open' && state.progress === 'opening') state.progress = 'connecting';
      if (isOurs(message.body)) hear(state, message, before);
    },
    standing: () => standingOf(state, namespace, before),
    remembered: (): Json | undefined =>
      state.now && { ...state.now, streams: state.offset === undefined ? {} : { [namespace]: state.offset } },
  };
};
