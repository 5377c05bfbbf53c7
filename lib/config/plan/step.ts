import type { Json } from './json.ts';
import type { Threshold } from './probe.ts';

// ── matchers ──────────────────────────────────────────────────────────────────────────────────────────────────────

export type MatcherOp =
  | 'equals'
  | 'contains'
  | 'matches'
  | 'oneOf'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'minLength'
  | 'maxLength'
  | 'type'
  | 'exists'
  | 'schema';

/** All terms must hold. A bare value in the config is one `equals` term. */
export type Matcher = readonly MatcherTerm[];

export type MatcherTerm =
  | { readonly op: MatcherOp; readonly value: Json }
  /** Holds when the inner matcher does not. */
  | { readonly op: 'not'; readonly matcher: Matcher };

/** A frame matches when its body contains `subset` (deeply; arrays whole) and every path's matcher holds. */
export type FramePattern = {
  readonly subset: { readonly [key: string]: Json };
  /** RFC 9535 JSONPath to matcher. */
  readonly paths: Readonly<Record<string, Matcher>>;
};

// ── steps ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Step = RequestStep | ConnectStep | SendStep | ExpectStep | ExpectCloseStep;
export type StepType = Step['type'];

type StepCommon = {
  /** Unique in its probe. Default: its position, what it does and to whom, as `2 send a`. */
  readonly name: string;
  /** Default: the probe's. */
  readonly timeoutMs: number;
  readonly thresholds: readonly Threshold[];
};

export type RequestStep = StepCommon & {
  readonly type: 'request';
  readonly request: HttpRequestPlan;
  readonly expect: HttpExpectation;
  readonly capture: Readonly<Record<string, Capture>>;
  readonly until?: { readonly expect: HttpExpectation; readonly everyMs: number; readonly withinMs: number };
};

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'TRACE';

export type HttpRequestPlan = {
  readonly method: HttpMethod;
  /** Template. */
  readonly url: string;
  /** Templates. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly auth?: HttpAuth;
  /** Redirects to follow. Default 0. */
  readonly maxRedirects: number;
  /** Keep cookies between the steps of a pass. Default true. */
  readonly cookies: boolean;
  readonly tls: TlsPlan;
  /** Bytes of body to read before the step fails. Default 10 MiB. */
  readonly maxBodyBytes: number;
};

export type TlsPlan = {
  /** Default true. */
  readonly verify: boolean;
  /** PEM certificates trusted beside the system's. */
  readonly ca?: string;
  /** Name to ask for and to verify. Default: the URL's host. */
  readonly serverName?: string;
};

export type HttpBody =
  | { readonly kind: 'json'; readonly json: Json }
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'multipart'; readonly parts: readonly MultipartPart[] };

export type MultipartPart = {
  readonly name: string;
  readonly value: string;
  readonly filename?: string;
  readonly contentType?: string;
};

export type HttpAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

export type HttpExpectation = {
  readonly status?: Matcher;
  /** Lower-case header name to matcher. */
  readonly header: Readonly<Record<string, Matcher>>;
  /** Cookie name to matchers over its attributes, `value` among them. */
  readonly cookie: Readonly<Record<string, Readonly<Partial<Record<CookieAttribute, Matcher>>>>>;
  readonly body?: Matcher;
  /** RFC 9535 JSONPath to matcher, over the body read as JSON. */
  readonly json: Readonly<Record<string, Matcher>>;
  readonly latencyMs?: Matcher;
  readonly tls: { readonly version?: Matcher; readonly daysLeft?: Matcher };
};

export type CookieAttribute =
  | 'value'
  | 'secure'
  | 'httpOnly'
  | 'sameSite'
  | 'path'
  | 'domain'
  | 'maxAge'
  | 'expires'
  | 'partitioned';

/** Where a captured value comes from; `secret` values are redacted in every sink. */
export type Capture = { readonly secret: boolean } & (
  | { readonly from: 'json'; readonly path: string }
  | { readonly from: 'header'; readonly name: string }
  | { readonly from: 'cookie'; readonly name: string }
  /** First group of the pattern, or the whole match. RE2 syntax. */
  | { readonly from: 'body'; readonly pattern: string }
);

export type ConnectStep = StepCommon & {
  readonly type: 'connect';
  /** The connection's name in later steps. Default `main`. */
  readonly as: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  /** The step passes when the upgrade is refused with a matching HTTP status. */
  readonly expectRefused?: { readonly status: Matcher };
  readonly tls: TlsPlan;
  readonly maxFrameBytes: number;
};

export type SendStep = StepCommon & {
  readonly type: 'send';
  readonly as: string;
  readonly payload:
    | { readonly kind: 'json'; readonly json: Json }
    | { readonly kind: 'text'; readonly text: string }
    /** Base64. */
    | { readonly kind: 'binary'; readonly base64: string };
  /** Names this moment for `expect.latency.since` and `expect.from`. */
  readonly mark?: string;
};

export type FrameExpectation =
  | { readonly kind: 'one'; readonly pattern: FramePattern }
  | { readonly kind: 'inOrder'; readonly patterns: readonly FramePattern[] }
  | {
      readonly kind: 'count';
      readonly pattern: FramePattern;
      readonly exactly?: number;
      readonly min?: number;
      readonly max?: number;
    }
  /** Proven only when the connection was seen alive: `afterSeen`, or any frame in the window. */
  | { readonly kind: 'absent'; readonly pattern: FramePattern; readonly afterSeen?: FramePattern };

export type ExpectStep = StepCommon & {
  readonly type: 'expect';
  readonly as: string;
  readonly expectation: FrameExpectation;
  readonly withinMs: number;
  /** Start of the search: a mark. Default: after the last consumed frame of the connection. */
  readonly from?: string;
  readonly capture: Readonly<Record<string, Capture>>;
  readonly latency?: { readonly since: string; readonly maxMs: number };
};

export type ExpectCloseStep = StepCommon & {
  readonly type: 'expectClose';
  readonly as: string;
  readonly code: Matcher;
  readonly withinMs: number;
};

// ── invariants ────────────────────────────────────────────────────────────────────────────────────────────────────

/** `generation`: one connection as opened once. `scenario`: everything in the pass. */
export type InvariantScope = 'generation' | 'scenario';

export type Invariant =
  | {
      readonly kind: 'monotonic';
      /** A stream name, or `*`: each stream by itself. */
      readonly stream: string;
      readonly field: string;
      readonly strict: boolean;
      readonly scope: InvariantScope;
    }
  | { readonly kind: 'noDuplicates'; readonly key: string; readonly scope: InvariantScope }
  | { readonly kind: 'gapless'; readonly stream: string; readonly field: string; readonly scope: InvariantScope };
