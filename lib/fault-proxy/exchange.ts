import { once } from 'node:events';
import { type IncomingMessage, request as requestPlain, type ServerResponse } from 'node:http';
import { request as requestSecure } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Body, corruptBit, corruptField, drip, firstHalf, keep, pad } from './body.ts';
import { maxHeaderSize, messageOf, type ProxyContext } from './context.ts';
import { endToEnd, withoutHeaders, withTargetHost } from './headers.ts';
import { canStop, type HttpAction, type HttpPlan, needsPlainBody, planHttp } from './http-plan.ts';

const hasLength = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;

/** Counts the headers that are there to be kept from the target. */
const forgotten = ({ forget }: HttpPlan, { headers }: IncomingMessage): readonly string[] =>
  forget.flatMap(({ fault: { header }, hit }) => {
    if (headers[header] === undefined) return [];
    hit();
    return [header];
  });

const requestHeaders = (request: IncomingMessage, target: URL, plan: HttpPlan): string[] => {
  const all = withTargetHost(endToEnd(request.rawHeaders), request.socket.localPort, target);
  const headers = withoutHeaders(all, forgotten(plan, request));
  // RFC 9112 §6.3: neither header means no body, where Node would announce chunks.
  const length = hasLength(request) || !/^(POST|PUT|PATCH)$/.test(request.method ?? '') ? [] : ['Content-Length', '0'];
  if (!needsPlainBody(plan)) return [...headers, ...length];
  return [...withoutHeaders(headers, ['accept-encoding']), 'Accept-Encoding', 'identity', ...length];
};

/** Sends the request on, its body as it comes; resolves with the answer's head. */
const askTarget = (request: IncomingMessage, plan: HttpPlan, { target, agent }: ProxyContext, signal: AbortSignal) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const send = target.protocol === 'https:' ? requestSecure : requestPlain;
    const onward = send({
      hostname: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port,
      method: request.method,
      path: request.url,
      headers: requestHeaders(request, target, plan),
      agent,
      maxHeaderSize,
      signal,
    });
    onward.maxHeadersCount = 0;
    onward.on('error', reject);
    onward.once('response', (answer) => {
      // Broken off while a delay holds it: the reader of the body will hear of it.
      answer.on('error', () => {});
      resolve(answer);
    });
    if (hasLength(request)) onward.flushHeaders();
    request.pipe(onward);
  });

const errorHead = (body: string): Record<string, string | number> => {
  const type = /^\s*[[{]/.test(body) ? 'application/json' : 'text/plain; charset=utf-8';
  return { ...(body ? { 'content-type': type } : {}), 'content-length': Buffer.byteLength(body) };
};

/** Writes a made-up answer of the proxy's own. */
export const answerError = (response: ServerResponse, status: number, body = ''): void => {
  response.writeHead(status, errorHead(body)).end(body);
};

const answerInstead = (instead: HttpAction<'error' | 'refuse'>, request: IncomingMessage, response: ServerResponse) => {
  instead.hit();
  request.resume();
  if (instead.fault.action === 'error') answerError(response, instead.fault.status, instead.fault.body);
  else request.socket.resetAndDestroy();
};

/** RFC 9110 §6.4.1: these answers end with their head; an empty body cannot stop half way either. */
const hasBody = (method: string | undefined, answer: IncomingMessage): boolean =>
  method !== 'HEAD' &&
  answer.statusCode !== 204 &&
  answer.statusCode !== 304 &&
  answer.headers['content-length'] !== '0';

const answerHeaders = (answer: IncomingMessage, plan: HttpPlan, bodyComes: boolean): string[] => {
  const closes = /\bclose\b/i.test(answer.headers.connection ?? '');
  let headers = [...endToEnd(answer.rawHeaders), ...(closes ? ['Connection', 'close'] : [])];
  if (bodyComes && needsPlainBody(plan)) headers = withoutHeaders(headers, ['content-length', 'transfer-encoding']);
  if (!plan.contentType) return headers;
  plan.contentType.hit();
  return [...withoutHeaders(headers, ['content-type']), 'Content-Type', plan.contentType.fault.contentType];
};

/** The target's answer: its head, and its body as it comes. */
type Answered = { readonly answer: IncomingMessage; readonly source: Body };

const editedBody = ({ answer, source }: Answered, plan: HttpPlan, signal: AbortSignal): Body => {
  let body = source;
  for (const { fault, draw, hit } of plan.corrupt) {
    body = fault.field ? corruptField(body, fault.field, hit) : corruptBit(body, draw('byte'), hit);
  }
  for (const { fault, hit } of plan.oversize) body = pad(body, fault.bytes, hit);
  if (plan.stop?.fault.at === 'body') {
    const length = needsPlainBody(plan) ? undefined : answer.headers['content-length'];
    body = firstHalf(body, length === undefined ? undefined : Number(length));
  }
  if (!plan.drip) return body;
  plan.drip.hit();
  return drip(body, plan.drip.fault.bytes, plan.drip.fault.everyMs, signal);
};

/** Stops an answer that has come as far as it may: a hang leaves everything open until the client goes. */
const stopAnswer = (stop: NonNullable<HttpPlan['stop']>, response: ServerResponse): void => {
  stop.hit();
  if (stop.fault.action === 'cut') response.socket?.destroySoon();
};

const deliver = async (
  answered: Answered,
  request: IncomingMessage,
  response: ServerResponse,
  plan: HttpPlan,
  signal: AbortSignal,
) => {
  const { answer, source } = answered;
  const bodyComes = hasBody(request.method, answer);
  const stop = plan.stop && canStop(plan.stop.fault.at, bodyComes) ? plan.stop : undefined;
  if (stop?.fault.at === 'headers') return stopAnswer(stop, response);
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer, plan, bodyComes));
  // A stream's head must not wait for its first event.
  if (bodyComes) response.flushHeaders();
  if (stop?.fault.at === 'after-headers') return stopAnswer(stop, response);
  for await (const chunk of bodyComes ? editedBody(answered, plan, signal) : source) {
    if (!response.write(chunk)) await once(response, 'drain', { signal });
  }
  if (stop) stopAnswer(stop, response);
  else response.end();
};

const watched = (answer: IncomingMessage, request: IncomingMessage, { watch }: ProxyContext): Answered => {
  const { answer: tell } = watch;
  if (!tell) return { answer, source: answer };
  const { method = '', url: path = '' } = request;
  const head = { method, path, status: answer.statusCode ?? 0, headers: answer.headers };
  return { answer, source: keep(answer, (body) => tell({ ...head, ...(body ? { body } : {}) })) };
};

/** Carries one HTTP exchange through the proxy. Never rejects: what fails on the target's side fails on the client's. */
export const carryExchange = async (
  request: IncomingMessage,
  response: ServerResponse,
  context: ProxyContext,
): Promise<void> => {
  const gone = new AbortController();
  const { signal } = gone;
  response.once('close', () => gone.abort());
  const plan = planHttp(context.rules().http(request.method ?? '', request.url ?? ''));
  let answer: IncomingMessage | undefined;
  try {
    if (!plan.instead) answer = await askTarget(request, plan, context, signal);
    if (plan.delayMs > 0) await sleep(plan.delayMs, undefined, { signal });
    if (plan.instead) answerInstead(plan.instead, request, response);
    else if (answer) await deliver(watched(answer, request, context), request, response, plan, signal);
  } catch (error) {
    if (!signal.aborted) context.onTargetError(messageOf(error));
    request.socket.destroy();
  }
  // What a stop left unread must not hold the target's connection.
  if (answer && !answer.readableEnded) answer.destroy();
};
