import type { CodecPlan, Json, Operation } from '../../config/plan.ts';
import { setLatest } from './bounded-map.ts';
import { carrying, type OperationOf } from './carry.ts';
import type { Answer, Codec, Dialogue, Message } from './codec.ts';
import { batchOf, isObject, memberOf, present, readFrame, textOf } from './document.ts';
import { firstOwnId } from './questions.ts';
import { encodePayload } from './raw.ts';

type Variant = Extract<CodecPlan, { readonly name: 'json-rpc' }>['variant'];

const has = (body: Json, key: string): boolean => isObject(body) && Object.hasOwn(body, key);

const isId = (id: Json | undefined): boolean => typeof id === 'string' || typeof id === 'number' || id === null;

/** §4.2: by name or by position. */
const isParams = (params: Json | undefined): boolean =>
  params === undefined || (typeof params === 'object' && params !== null);

/** A call, or with no id a notification: §4, §4.1. */
const callOf = (body: Json, name: Json | undefined): Message => {
  if (typeof name !== 'string') return { body, problem: 'a call whose method is no text' };
  const id = textOf(memberOf(body, 'id'));
  const problem = isParams(memberOf(body, 'params'))
    ? undefined
    : 'a call whose params are neither a list nor an object';
  return { body, type: name, role: 'event', stream: name, ...present({ id, problem }) };
};

/** What §5 wants otherwise: a result or an error, never both; without an id only an error, of a call that was not read. */
const problemInResponse = (body: Json, isError: boolean): string | undefined => {
  const [id, error] = [memberOf(body, 'id'), memberOf(body, 'error')];
  if (has(body, 'error') && has(body, 'result')) return 'a response with both a result and an error';
  if (!isId(id) || (!isError && id === null)) return 'a response without the id of its call';
  if (!isError) return undefined;
  const isWhole = Number.isInteger(memberOf(error, 'code')) && typeof memberOf(error, 'message') === 'string';
  return isWhole ? undefined : 'an error without a whole number as its code and a message';
};

const responseOf = (body: Json): Message => {
  const error = memberOf(body, 'error');
  // JSON-RPC 1.0 had both members, one of them null.
  const isError = has(body, 'error') && (error !== null || !has(body, 'result'));
  const [id, code] = [textOf(memberOf(body, 'id')), textOf(memberOf(error, 'code'))];
  const problem = problemInResponse(body, isError);
  return {
    body,
    type: isError ? 'error' : 'result',
    role: isError ? 'error' : 'ack',
    ...present({ id, code, problem }),
  };
};

const messageOf = (body: Json, variant: Variant): Message => {
  if (!isObject(body)) return { body, problem: 'neither a call nor a response: not an object' };
  const version = body.jsonrpc;
  if (version !== undefined && version !== '2.0') {
    return { body, problem: `"jsonrpc" is ${JSON.stringify(version)}, not "2.0"` };
  }
  if (has(body, 'method')) return callOf(body, body.method);
  if (has(body, 'result') || has(body, 'error')) return responseOf(body);
  if (variant === 'rpc-websockets' && has(body, 'notification')) return callOf(body, body.notification);
  return { body, problem: 'neither a call nor a response: no method, result or error' };
};

type Call = { readonly method: string; readonly params?: Json };

const paramsOf = (payload: Json | undefined): { readonly params?: Json } => {
  if (payload === undefined) return {};
  return { params: typeof payload === 'object' && payload !== null ? payload : [payload] };
};

const callFor = (operation: OperationOf<'rpc-websockets'>, variant: Variant): Call => {
  const { stream } = operation;
  const hasEvents = variant === 'rpc-websockets';
  switch (operation.do) {
    case 'subscribe':
      return hasEvents ? { method: 'rpc.on', params: [stream] } : { method: stream, ...paramsOf(operation.payload) };
    case 'unsubscribe':
      return { method: 'rpc.off', params: [stream] };
    case 'publish':
      return { method: stream, ...paramsOf(operation.payload) };
  }
};

/** rpc-websockets refuses an event in a result: `{ name: 'provided event invalid' }`. */
const refusalOf = ({ do: what, stream }: Operation, body: Json, variant: Variant): string | undefined => {
  if (variant === 'standard' || what === 'publish') return undefined;
  const said = memberOf(memberOf(body, 'result'), stream);
  return said === 'ok' || said === undefined ? undefined : (textOf(said) ?? 'refused');
};

const openDialogue = (variant: Variant): Dialogue => {
  const asked = new Map<string, string>();
  let nextId = firstOwnId;
  const keyOf = (operation: Operation) => `${operation.do} ${operation.stream}`;
  return {
    decode: (raw) => {
      const read = readFrame(raw);
      return 'misread' in read ? [read.misread] : batchOf(read.document).map((body) => messageOf(body, variant));
    },
    encode: encodePayload,
    greet: () => [],
    react: () => [],
    standing: () => ({ state: 'ready' }),
    carryOut: carrying<'rpc-websockets'>({ name: 'json-rpc', variant }, (operation) => {
      const id = nextId++;
      setLatest(asked, keyOf(operation), String(id));
      return [{ jsonrpc: '2.0', ...callFor(operation, variant), id }];
    }),
    answerTo: (operation, { body, role, id, code }): Answer | undefined => {
      if (id === undefined || id !== asked.get(keyOf(operation))) return undefined;
      if (role === 'error') return { accepted: false, code: code ?? 'error' };
      if (role !== 'ack') return undefined;
      const refusal = refusalOf(operation, body, variant);
      return refusal === undefined ? { accepted: true } : { accepted: false, code: refusal };
    },
    resumption: () => undefined,
  };
};

/**
 * JSON-RPC 2.0 (https://www.jsonrpc.org/specification), batches too. Answers pair with calls by id, in any order. The
 * member `jsonrpc` may be missing in what comes, as the Chrome DevTools Protocol has it, but not be another than "2.0";
 * operations write it, so that a server which refuses it is sent `json`. What the server calls or notifies of has the method
 * for its type and stream.
 *
 * `publish` calls the method that is the stream's name with the payload as its params (one that is no list or object is the
 * only parameter): a call, not a notification, for nobody could tell whether a notification was taken. `subscribe` is that
 * too; with the variant `rpc-websockets` it is `rpc.on`, and `unsubscribe` `rpc.off`, of the event with the stream's name,
 * and the server's `{ notification, params }` is known.
 */
export const createJsonRpcCodec = ({ variant }: { readonly variant: Variant }): Codec => ({
  name: 'json-rpc',
  subprotocols: [],
  open: () => openDialogue(variant),
});
