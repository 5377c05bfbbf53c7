import type { CodecName, CodecPlan, Json, Operation, Payload, Role } from '../../config/plan.ts';

/** What a websocket data frame carries: text, or bytes. */
export type RawFrame = string | Uint8Array;

export type { Role };

/** One message as its protocol means it. Patterns look at `body`; the other fields are spelt `$type`, `$stream`… there. */
export type Message = {
  readonly body: Json;
  readonly type?: string;
  readonly role?: Role;
  /** Pairs an answer with its question. */
  readonly id?: string;
  /** The stream it belongs to, where the protocol has streams. */
  readonly stream?: string;
  /** Its place in its stream. */
  readonly cursor?: Json;
  /** Its place in the order over all streams. */
  readonly sequence?: Json;
  /** Machine code of an error, or of an event. */
  readonly code?: string;
  /** Why the frame could not be read as the protocol wants it; the body then holds what came. */
  readonly problem?: string;
};

/** How far a connection has come in its protocol. `resumption` where the protocol itself says what became of the session. */
export type Standing =
  | { readonly state: 'greeting'; readonly awaited: string }
  | { readonly state: 'ready'; readonly resumption?: 'resumed' | 'reset' }
  | { readonly state: 'refused'; readonly code: string; readonly reason: string };

/**
 * What a message says to an operation. A changed `epoch` says that the server lost its history; `behind`, that it goes on
 * from a place before the one that it was asked for, which it has lost.
 */
export type Answer =
  | { readonly accepted: true; readonly epoch?: string; readonly behind?: true }
  | { readonly accepted: false; readonly code: string };

/** One connection as opened once, in its protocol. Pure but for its own state; the prober moves the bytes. */
export type Dialogue = {
  /** A frame to its messages, none to many, in their order. Never throws: what cannot be read is a `problem`. */
  decode(raw: RawFrame): readonly Message[];
  /** A payload on the wire; `json` is a message in the spelling that `decode` gives. @throws CodecError */
  encode(payload: Exclude<Payload, { kind: 'operation' }>): readonly RawFrame[];
  /** Messages to send, in that spelling, as soon as the connection is open. Nothing with a manual handshake. */
  greet(): readonly Json[];
  /** Messages that a received one calls for by itself: a pong, a PUBACK, the next move of the handshake. */
  react(message: Message): readonly Json[];
  /** Messages to send by themselves every so often, where the protocol wants the client to. */
  readonly keepAlive?: { readonly everyMs: number; messages(): readonly Json[] };
  standing(): Standing;
  /** The messages that carry an operation out. @throws CodecError where the protocol cannot say it: `problemWith` tells why. */
  carryOut(operation: Operation): readonly Json[];
  /** What this message says to the operation that was carried out last of its kind; nothing when it is not about it. */
  answerTo(operation: Operation, message: Message): Answer | undefined;
  /**
   * What the next generation needs to resume this one; that of one which never came to a session is the one that it was
   * given. `streams` in it, where the protocol has cursors: stream to the cursor to go on from, which may be put in its place.
   */
  resumption(): Json | undefined;
  /** What this end holds by now, where the protocol replicates a state: equal texts, equal states. */
  replica?(): string | undefined;
};

export type DialogueOptions = {
  readonly handshake: 'auto' | 'manual';
  /** What `resumption` of the generation before answered. */
  readonly resume?: Json;
};

export type Codec = {
  readonly name: CodecName;
  /** Offered where a connect step names none. */
  readonly subprotocols: readonly string[];
  open(options: DialogueOptions): Dialogue;
};

/** What the protocol cannot say: the sentence is for the author of the config. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}

type PlanOf<Name extends CodecName> = Extract<CodecPlan, { readonly name: Name }>;

const loaders: { readonly [Name in CodecName]: (plan: PlanOf<Name>) => Promise<Codec> } = {
  raw: async () => (await import('./raw.ts')).rawCodec,
  json: async ({ dialect }) => (await import('./json.ts')).createJsonCodec(dialect),
  notes: async () => (await import('./notes.ts')).loadNotesCodec(),
  'graphql-transport-ws': async (plan) => (await import('./graphql-transport-ws.ts')).createGraphqlCodec(plan),
  'socket.io': async (plan) => (await import('./socket-io.ts')).createSocketIoCodec(plan),
  'json-rpc': async (plan) => (await import('./json-rpc.ts')).createJsonRpcCodec(plan),
  mqtt: async (plan) => (await import('./mqtt.ts')).createMqttCodec(plan),
  yjs: async () => (await import('./yjs.ts')).yjsCodec,
  'appsync-events': async (plan) => (await import('./appsync-events.ts')).createAppsyncCodec(plan),
  phoenix: async () => (await import('./phoenix.ts')).phoenixCodec,
  signalr: async () => (await import('./signalr.ts')).signalrCodec,
};

/** Loads one codec and no other: each is a chunk of its own. Templates of the plan are filled in. */
export const loadCodec = <Name extends CodecName>(plan: PlanOf<Name>): Promise<Codec> =>
  (loaders[plan.name as Name] as (plan: PlanOf<Name>) => Promise<Codec>)(plan);
