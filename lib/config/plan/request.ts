import type { Json } from './json.ts';
import type { Matcher, MessageField } from './matcher.ts';
import type { StepCommon } from './step.ts';

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
  /** Of a websocket message: what the codec read. */
  | { readonly from: 'field'; readonly field: MessageField }
);
