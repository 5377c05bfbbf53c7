/**
 * The plan: what a config means once every default is filled in, every duration is in milliseconds and every small
 * language (thresholds, cron, matchers) is parsed. Plain frozen JSON: it crosses into Lambdas, so it holds no functions,
 * no secrets and nothing that `JSON.stringify` would lose.
 */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type Severity = 'page' | 'ticket' | 'none';

/** `dev` is the default; the other three close the unsafe conveniences of a laptop. */
export type Environment = 'dev' | 'staging' | 'pilot' | 'prod';

export type Plan = {
  readonly service: string;
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly probes: readonly ProbePlan[];
  readonly targets: Readonly<Record<string, TargetPlan>>;
  readonly drills: readonly DrillPlan[];
  readonly notify: NotifyPlan;
  readonly gate?: GatePlan;
  readonly network: NetworkPlan;
  /** Times of announced trouble: what runs say in them moves no alarm. */
  readonly maintenance: readonly MaintenancePlan[];
  /** A place that has nothing to do with the service: asked when a probe cannot reach its own. */
  readonly control?: ControlPlan;
};

export type ControlPlan = {
  /** Template. Any answer over HTTP proves that our own network works. */
  readonly url: string;
  readonly timeoutMs: number;
};

export type MaintenancePlan = {
  readonly reason: string;
  /** Probe ids; none: all of them. */
  readonly probes: readonly string[];
  readonly when:
    | { readonly kind: 'once'; readonly fromMs: number; readonly toMs: number }
    | { readonly kind: 'cron'; readonly expression: string; readonly timezone: string; readonly forMs: number };
};

/** `flag`, or a scheme and a name: `env:NAME`, `ssm:/path`, `secretsmanager:id`. */
export type VariableSource = 'flag' | `env:${string}` | `ssm:${string}` | `secretsmanager:${string}`;

export type VariableSpec = {
  /** Tried in this order; the first that is set wins. */
  readonly from: readonly VariableSource[];
  readonly default?: string;
  readonly required: boolean;
  readonly secret: boolean;
};

/** CIDR ranges that the guard opens beyond the public internet. */
export type NetworkPlan = { readonly allow: readonly string[] };

export type Schedule =
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly expression: string; readonly timezone: string };

export type ProbeKind = 'http' | 'websocket';

export type ProbePlan = {
  readonly id: string;
  readonly kind: ProbeKind;
  readonly description?: string;
  /** Absent: on demand only. */
  readonly schedule?: Schedule;
  /** Passes a run makes. Default 5; 1 for websockets and for flows with side effects. */
  readonly samples: number;
  /** Bounds one step. Default 10,000. */
  readonly timeoutMs: number;
  /** Bounds the run. Default: the cadence, at most 600,000. */
  readonly deadlineMs: number;
  readonly severity: Severity;
  readonly runbook?: string;
  readonly alarm: AlarmPlan;
  /** `false`, or a template that renders to `false`, `0`, `no`, `off` or nothing: the run is `skipped`. */
  readonly enabled: boolean | string;
  /** Variables that the probe needs beyond those that its templates show. */
  readonly needs: readonly string[];
  /** Work put off on purpose: every report shows it until it is lifted. */
  readonly deferred?: { readonly reason: string; readonly until?: string };
  readonly codec: CodecName;
  readonly steps: readonly Step[];
  /** Run after each pass with its captures, whatever happened; not in the latency, reported, never judged. */
  readonly cleanup: readonly Step[];
  readonly invariants: readonly Invariant[];
  readonly slo?: SloPlan;
  readonly baseline: BaselinePlan;
};

export type CodecName = 'json' | 'raw';

export type AlarmPlan = {
  /** Breached after `bad` of the last `of` runs. Default 2 of 3. */
  readonly breachAfter: { readonly bad: number; readonly of: number };
  /** Good runs in a row until it counts as recovered. Default 2. */
  readonly recoverAfter: number;
  /** What a good run must hold besides to count towards recovery: a line below the one that breaches. */
  readonly recoverWhen: readonly Threshold[];
  /** An extra run this long after the first total failure, so that a slow cadence need not wait; `null`: none. */
  readonly confirmAfterMs: number | null;
  /** Slots in a row without a run until the probe is overdue. Default 2. */
  readonly overdueAfter: number;
  /** For this long after a deploy marker bad runs are pending, and breach only when they go on. Default 0. */
  readonly deployGraceMs: number;
  /** A CloudWatch alarm of its own. Default false. */
  readonly dedicated: boolean;
};

export type SloPlan = {
  /** Share of passes that must be good, 0 to 1. */
  readonly objective?: number;
  readonly windowMs: number;
  readonly thresholds: readonly Threshold[];
};

export type BaselinePlan = {
  readonly enabled: boolean;
  /** Allowed growth of p95 over the baseline, as a fraction: 0.2 is 20 %. */
  readonly maxRegression: number;
  /** Route of a confirmed regression, never louder than the probe's own. Default `ticket`. */
  readonly severity: Severity;
  /** What a deploy marker does to it. Default `keep`. */
  readonly onDeploy: 'keep' | 'restart';
};

/** One k6-style threshold, `p(95)<400`. Latencies are in milliseconds, rates are fractions. */
export type Threshold = {
  /** As the user wrote it, for every report. */
  readonly source: string;
  readonly metric: ThresholdMetric;
  readonly op: '<' | '<=' | '>' | '>=' | '==' | '!=';
  readonly value: number;
};

export type ThresholdMetric =
  | { readonly kind: 'percentile'; readonly percentile: number }
  | { readonly kind: 'avg' | 'min' | 'med' | 'max' | 'failed' | 'checks' };

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

// ── drills, notification, gate: validated here, used by their own rooms ─────────────────────────────────────────────

export type TargetPlan = {
  readonly start?: readonly string[];
  readonly ready?: string;
  readonly identity?: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly boot: string;
    readonly startedAt?: string;
    readonly epoch?: string;
  };
  readonly ledger?: {
    readonly write: RequestStep;
    readonly read: RequestStep & { readonly absent: HttpExpectation };
    readonly remove?: RequestStep;
    readonly list?: RequestStep;
    readonly streams: readonly string[];
  };
};

export type DrillPlan = {
  readonly id: string;
  readonly target: string;
  readonly schedule?: Schedule;
  /** `process` takes a signal; other kinds bring their own keys. */
  readonly restart: { readonly kind: string; readonly [key: string]: Json };
  readonly rtoMs: number;
  readonly rpoMs: number;
};

export type Channel = { readonly kind: string; readonly options: { readonly [key: string]: Json } };
export type NotifyPlan = {
  readonly page: readonly Channel[];
  readonly ticket: readonly Channel[];
  readonly monitoring: readonly Channel[];
};

export type GatePlan = {
  readonly maxAgeMs: number;
  /** Reports all the same, and never stops a release. Default false. */
  readonly advisory: boolean;
  readonly inputs: Readonly<
    Record<string, { readonly min?: number; readonly max?: number; readonly required: boolean }>
  >;
};
