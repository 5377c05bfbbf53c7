import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Access, Caller } from './access.ts';
import type { Clock } from './options.ts';
import type { Role } from './sessions.ts';

/** `json` or `text` is the body; neither is an empty one. */
export type Reply = {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Call = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
  readJson<T>(schema: z.ZodType<T>): Promise<{ readonly value: T } | { readonly refusal: Reply }>;
};

type Common = { readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; readonly path: string };
/** `path` may hold `:name` segments. A route with a role is called only by who has it. */
export type Route =
  | (Common & { readonly role: null; handle(call: Call): Reply | Promise<Reply> })
  | (Common & { readonly role: Role; handle(call: Call, caller: Caller): Reply | Promise<Reply> });

export type HttpDeps = {
  readonly access: Access;
  readonly clock: Clock;
  /** Awaited before an answer that may show state leaves. */
  readonly settled: () => Promise<void>;
  readonly answered: (method: string, status: number) => void;
  readonly notice: (line: string) => void;
};

/** Body of every error: a machine code, a sentence for people, and what else the code promises. */
export function refuse(status: number, code: string, message: string, more: object = {}): Reply {
  return { status, json: { code, message, ...more } };
}

/** The headers by which a client can tell our time from the wire's. */
export function timingHeaders(clock: Clock, startedMs: number): Readonly<Record<string, string>> {
  const tookMs = (clock.monotonic() - startedMs).toFixed(3);
  return { 'server-timing': `app;dur=${tookMs}`, 'x-service-time-ms': tookMs };
}

export function createHttpHandler(
  routes: readonly Route[],
  deps: HttpDeps,
): (request: IncomingMessage, response: ServerResponse, startedMs: number) => Promise<void> {
  return async (request, response, startedMs) => {
    const reply = await answer(routes, deps, request).catch((error: unknown) => {
      deps.notice(`${request.method} ${request.url} failed: ${error instanceof Error ? error.stack : String(error)}`);
      return refuse(500, 'INTERNAL', 'the server failed; its own output says how');
    });
    deps.answered(request.method ?? '', reply.status);
    send(response, reply, timingHeaders(deps.clock, startedMs));
  };
}

async function answer(routes: readonly Route[], deps: HttpDeps, request: IncomingMessage): Promise<Reply> {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
  const found = routes.flatMap((route) => {
    const params = matchPath(route.path, path);
    return params === undefined ? [] : [{ route, params }];
  });
  if (found.length === 0) return refuse(404, 'NO_SUCH_ROUTE', `nothing answers at ${path}`);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const hit = found.find(({ route }) => route.method === method);
  if (hit === undefined) {
    const allow = [...new Set(found.map(({ route }) => route.method))].join(', ');
    return { ...refuse(405, 'METHOD_NOT_ALLOWED', `${path} answers ${allow}`), headers: { allow } };
  }
  const call: Call = {
    params: hit.params,
    query: new URLSearchParams(query),
    headers: request.headers,
    address: request.socket.remoteAddress ?? '',
    readJson: (schema) => readJson(request, schema),
  };
  const { route } = hit;
  if (route.role === null) return route.handle(call);
  const admission = deps.access(request.headers, route.role, route.method !== 'GET');
  if ('refusal' in admission) {
    const { status, code, message } = admission.refusal;
    return { ...refuse(status, code, message), ...(status === 401 && { headers: { 'www-authenticate': 'Bearer' } }) };
  }
  const reply = await route.handle(call, admission.caller);
  await deps.settled();
  return reply;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith(':')) {
      const decoded = decodeSegment(value);
      if (!decoded) return undefined;
      params[segment.slice(1)] = decoded;
    } else if (segment !== value) return undefined;
  }
  return params;
}

function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const MAX_BODY_BYTES = 1024 * 1024;

async function readJson<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T } | { readonly refusal: Reply }> {
  const body = await readBody(request);
  if (body === undefined) {
    const reply = refuse(413, 'BODY_TOO_LARGE', `a body may have ${MAX_BODY_BYTES} bytes`);
    return { refusal: { ...reply, headers: { connection: 'close' } } };
  }
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return { refusal: refuse(400, 'BODY_NOT_JSON', 'the body must be JSON') };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const problems = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const first = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))[0];
  return { refusal: refuse(422, 'INVALID', first ?? 'the body is not valid', { problems }) };
}

/** Undefined when it is too long; the rest is then drained, so that the refusal can still be read. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else resolve(undefined);
  });
  request.on('end', () => resolve(Buffer.concat(chunks)));
  // The client hung up: what it sent is no request, and nobody reads the refusal.
  request.on('error', () => resolve(Buffer.alloc(0)));
  return promise;
}

function send(response: ServerResponse, reply: Reply, timing: Readonly<Record<string, string>>): void {
  if (response.destroyed) return;
  const isJson = reply.json !== undefined;
  const body = isJson ? JSON.stringify(reply.json) : (reply.text ?? '');
  const type = isJson ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8';
  const content = reply.status === 204 ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
  response.writeHead(reply.status, { 'cache-control': 'no-store', ...content, ...reply.headers, ...timing });
  response.end(body);
}
