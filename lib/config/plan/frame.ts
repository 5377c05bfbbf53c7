import type { Json } from './json.ts';
import type { FramePattern, Matcher } from './matcher.ts';
import type { Capture, HttpRequestPlan, TlsPlan } from './request.ts';
import type { Step, StepCommon } from './step.ts';

export type FrameStep =
  | ConnectStep
  | SendStep
  | ExpectStep
  | ExpectCloseStep
  | DisconnectStep
  | ReconnectStep
  | ReplayStep
  | AckStep
  | IdempotentStep
  | BarrierStep
  | QuietStep
  | ConvergeStep
  | SoakStep;

/** A place in a stream as its protocol counts it: a number, a text, a template for either. */
export type Cursor = Json;

type Captures = { readonly capture: Readonly<Record<string, Capture>> };

export type ConnectStep = StepCommon & {
  readonly type: 'connect';
  /** The connection's name in later steps. Default `main`. */
  readonly as: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Default: what the codec offers. */
  readonly subprotocols: readonly string[];
  /** `auto`: the codec's own, and the step is done when it is. `manual`: the steps that follow send it. Default `auto`. */
  readonly handshake: 'auto' | 'manual';
  /** The step passes when the upgrade is refused with a matching HTTP status. */
  readonly expectRefused?: { readonly status: Matcher };
  readonly tls: TlsPlan;
  readonly maxFrameBytes: number;
};

/** What a protocol can be asked to do, whatever its words for it. Templates are filled in. */
export type Operation =
  | { readonly do: 'subscribe'; readonly stream: string; readonly cursor?: Cursor; readonly payload?: Json }
  | { readonly do: 'unsubscribe'; readonly stream: string }
  | { readonly do: 'publish'; readonly stream: string; readonly payload: Json }
  | { readonly do: 'ack'; readonly stream: string; readonly cursor: Cursor };

export type OperationName = Operation['do'];

export type Payload =
  /** A message in the codec's spelling: what is sent reads like what is received. */
  | { readonly kind: 'json'; readonly json: Json }
  /** One text frame as it stands, past the codec. */
  | { readonly kind: 'text'; readonly text: string }
  /** One binary frame as it stands. Base64. */
  | { readonly kind: 'binary'; readonly base64: string }
  | { readonly kind: 'operation'; readonly operation: Operation };

export type SendStep = StepCommon & {
  readonly type: 'send';
  readonly as: string;
  readonly payload: Payload;
};

/** `by`: the order of arrival, or that of the codec's sequence numbers, whatever the order of arrival. */
export type OrderedExpectation = {
  readonly kind: 'inOrder';
  readonly patterns: readonly FramePattern[];
  readonly by: 'arrival' | 'sequence';
  /** Nothing else may lie between the first and the last, of the same group where there are groups. */
  readonly contiguous: boolean;
  /** A key of the body, a JSONPath or a message field (`$id`): all must agree in it. */
  readonly groupBy?: string;
};

export type CountExpectation = {
  readonly kind: 'count';
  readonly pattern: FramePattern;
  readonly exactly?: number;
  readonly min?: number;
  readonly max?: number;
  /** Ends the counting before the window does. */
  readonly until?: Until;
};

export type Until = { readonly pattern: FramePattern } | { readonly quietMs: number };

export type FrameExpectation =
  | { readonly kind: 'one'; readonly pattern: FramePattern }
  | OrderedExpectation
  /** Each pattern by a message of its own, in any order. */
  | { readonly kind: 'unordered'; readonly patterns: readonly FramePattern[] }
  | CountExpectation
  /** Proven only when the connection was seen alive: `afterSeen`, or any frame in the window. */
  | { readonly kind: 'absent'; readonly pattern: FramePattern; readonly afterSeen?: FramePattern };

export type ExpectStep = StepCommon &
  Captures & {
    readonly type: 'expect';
    /** One or more connections: the search runs over all of them in order of arrival. */
    readonly as: readonly string[];
    readonly expectation: FrameExpectation;
    readonly withinMs: number;
    /** Start of the search: a mark. Default: after the last consumed frame of the connection. */
    readonly from?: string;
    readonly latency?: { readonly since: string; readonly maxMs: number };
  };

export type ExpectCloseStep = StepCommon & {
  readonly type: 'expectClose';
  readonly as: string;
  readonly code: Matcher;
  readonly withinMs: number;
};

export type DisconnectStep = StepCommon & {
  readonly type: 'disconnect';
  readonly as: string;
  /** `terminate` drops the socket without a word. Otherwise the close handshake, and the server's answer is awaited. */
  readonly how: { readonly close: number; readonly reason: string } | 'terminate';
  readonly withinMs: number;
};

/** What the server made of a reconnect. `reset` is a new session, told or silent; `open` asks for a connection and no more. */
export type Resumption = 'resumed' | 'reset' | 'open' | { readonly rejected: { readonly code: Matcher } };

export type ReconnectStep = StepCommon &
  Captures & {
    readonly type: 'reconnect';
    /** Opened by an earlier connect step, whose URL, headers and subprotocols are used again. */
    readonly as: string;
    /** Stream to the cursor to go on from. Default: what the codec remembers of the connection before. */
    readonly resume: Readonly<Record<string, Cursor>>;
    readonly expect: Resumption;
    readonly withinMs: number;
    /** Tries again after a refused connection, this often, within the time: a restart takes a while. Default none. */
    readonly retryEveryMs?: number;
  };

export type ReplayAssertion =
  | 'equalsLive'
  | 'gapless'
  | 'noDuplicates'
  | 'ascending'
  | 'exclusiveOfCursor'
  | 'inclusiveOfCursor';

/** Subscribes again from a cursor and holds what comes against what came live before. Opens a new generation. */
export type ReplayStep = StepCommon &
  Captures & {
    readonly type: 'replay';
    readonly as: string;
    readonly streams: readonly string[];
    readonly from: Cursor;
    /** `cursor`: the last one awaited, of each stream. */
    readonly until: Until | { readonly cursor: Cursor };
    readonly assert: readonly ReplayAssertion[];
    readonly withinMs: number;
  };

export type AckStep = StepCommon &
  Captures & {
    readonly type: 'ack';
    readonly as: string;
    readonly stream: string;
    readonly cursor: Cursor;
    readonly expect: 'accepted' | { readonly rejected: { readonly code: Matcher } };
    readonly withinMs: number;
  };

/** Does the same thing several times and wants its effect once. Captures are from the first answer. */
export type IdempotentStep = StepCommon &
  Captures & {
    readonly type: 'idempotent';
    readonly action:
      | { readonly kind: 'send'; readonly as: string; readonly payload: Payload; readonly answer: FramePattern }
      | { readonly kind: 'request'; readonly request: HttpRequestPlan };
    /** Two and up. */
    readonly times: number;
    /** JSONPaths that must find the same in every answer. */
    readonly same: readonly string[];
    /** What counts as an effect, and where it is seen. */
    readonly events: { readonly as: string; readonly pattern: FramePattern; readonly exactly: number };
    /** How long to look for one effect too many once all answers are there. */
    readonly quietMs: number;
    readonly withinMs: number;
  };

/** Each connection answers a ping: what was sent before has been read, what was said before has come. */
export type BarrierStep = StepCommon & {
  readonly type: 'barrier';
  readonly as: readonly string[];
  readonly withinMs: number;
};

/** Waits until the connections have said nothing, heartbeats apart, for so long. */
export type QuietStep = StepCommon & {
  readonly type: 'quiet';
  /** None: all that are open. */
  readonly as: readonly string[];
  readonly quietMs: number;
  readonly withinMs: number;
};

/** Waits until all connections hold the same state, as the codec knows it (CRDT protocols). */
export type ConvergeStep = StepCommon & {
  readonly type: 'converge';
  readonly as: readonly string[];
  readonly withinMs: number;
};

/** The same steps over and over, each iteration judged. Ends at the first limit it reaches. */
export type SoakStep = StepCommon & {
  readonly type: 'soak';
  readonly iterations?: number;
  readonly durationMs?: number;
  /** Open loop: iteration k is due at k times this; lateness counts into its latencies. Default: one after another. */
  readonly everyMs?: number;
  /** `connection`: those that the steps opened are closed after each iteration. Default `none`. */
  readonly fresh: 'connection' | 'none';
  readonly steps: readonly Step[];
  /** More failed iterations than this fail the step. Default 0. */
  readonly maxFailures: number;
};
