import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { TlsPlan } from '../config/plan.ts';
import type { Failure, PhasesMs } from '../result/result.ts';
import { readBody } from './body.ts';
import type { Agents } from './connection.ts';
import { failureOf, timeoutFailure } from './failure.ts';
import { GuardError, refusalOfHost } from './guard.ts';
import { maxHeadBytes } from './head.ts';
import type { ProbeContext } from './prober.ts';
import { isReused, type Moments, phasesOf, stampArrivals, stampSocket, waitingFor } from './timing.ts';

/** A request with every template filled in. */
export type WireRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly tls: TlsPlan;
  readonly maxBodyBytes: number;
};

export type WireResponse = {
  readonly status: number;
  readonly httpVersion: string;
  /** Lower-case names; repeated fields joined as Node joins them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly body: Buffer;
  readonly remoteAddress?: string;
  readonly tls?: { readonly version: string; readonly validTo?: number };
};

/** One request and what came of it. */
export type Exchange = {
  readonly phasesMs: PhasesMs;
  readonly elapsedMs: number;
  readonly reusedConnection: boolean;
} & ({ readonly response: WireResponse } | { readonly failure: Failure; readonly partial?: WireResponse });

const describeTls = (socket: unknown): WireResponse['tls'] => {
  if (!(socket instanceof TLSSocket)) return undefined;
  const validTo = Date.parse(socket.getPeerCertificate().valid_to);
  return { version: socket.getProtocol() ?? 'unknown', ...(Number.isNaN(validTo) ? {} : { validTo }) };
};

const headersOf = (message: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

/** Everything of the answer but its body, taken before the socket is given back. */
const headOf = (message: IncomingMessage): Omit<WireResponse, 'body'> => {
  const { remoteAddress, remotePort } = message.socket;
  const tls = describeTls(message.socket);
  return {
    status: message.statusCode ?? 0,
    httpVersion: message.httpVersion,
    headers: headersOf(message),
    setCookies: message.headers['set-cookie'] ?? [],
    ...(remoteAddress ? { remoteAddress: `${remoteAddress}:${remotePort}` } : {}),
    ...(tls ? { tls } : {}),
  };
};

const openRequest = (wire: WireRequest, agents: Agents, context: ProbeContext, timeoutMs: number): ClientRequest => {
  const refused = refusalOfHost(context.guard, wire.url.hostname);
  if (refused) throw new GuardError(refused);
  const secure = wire.url.protocol === 'https:';
  const headers = wire.body ? { ...wire.headers, 'content-length': String(wire.body.length) } : wire.headers;
  const request = (secure ? requestHttps : requestHttp)(wire.url, {
    method: wire.method,
    headers,
    agent: agents.of(wire.url, wire.tls, timeoutMs),
    maxHeaderSize: maxHeadBytes,
  });
  // Node would leave out all after the 2,000th without a word; the size of the head bounds them.
  request.maxHeadersCount = 0;
  return request;
};

/** Why an answer's head is none. RFC 9110 §15: a status has three digits, and below 200 it is not the final one. */
const refusalOfHead = ({ status }: Pick<WireResponse, 'status'>): Failure | undefined =>
  status >= 200
    ? undefined
    : { kind: 'protocol', message: `the server answered with status ${status}, which is no final answer` };

/** What an error on the request means once its whole answer is there. */
const afterTheEnd: Failure = {
  kind: 'protocol',
  message: 'the server sent more than it announced: there are bytes after the end of the answer',
};

/** What ends an exchange early: its own limit, or the run. */
type Ending = { readonly failure: Failure } | { readonly aborted: unknown };

/**
 * Sends one request on HTTP/1.1 and reads the whole answer. Target trouble is a value; it rejects only when `signal`
 * aborts, with the signal's reason. `spentMs`: what redirects, or a first try, have used of `timeoutMs` already.
 */
export const exchange = (
  wire: WireRequest,
  agents: Agents,
  context: ProbeContext,
  timeoutMs: number,
  signal: AbortSignal,
  spentMs = 0,
): Promise<Exchange> => {
  signal.throwIfAborted();
  const { clock } = context;
  const secure = wire.url.protocol === 'https:';
  const moments: Moments = { start: clock.monotonic() };
  return new Promise((resolve, reject) => {
    let request: ClientRequest;
    let partial: WireResponse | undefined;
    let answered: IncomingMessage | undefined;
    let stopStamping = () => {};
    const settle = (outcome: Ending | { readonly response: WireResponse }) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      stopStamping();
      if ('aborted' in outcome) return reject(outcome.aborted);
      const timing = {
        phasesMs: phasesOf(moments),
        elapsedMs: (moments.end ?? clock.monotonic()) - moments.start,
        reusedConnection: isReused(moments),
      };
      resolve(
        'response' in outcome ? { ...timing, ...outcome } : { ...timing, ...outcome, ...(partial ? { partial } : {}) },
      );
    };
    const end = (ending: Ending) => {
      settle(ending);
      request?.destroy();
    };
    const onAbort = () => end({ aborted: signal.reason });
    const leftMs = Math.max(1, timeoutMs - spentMs);
    const onTimeout = () => {
      // It counts at its limit and never below: the connection may have come late, and a timer may be early.
      moments.end = Math.max(clock.monotonic(), moments.start + leftMs);
      end({ failure: timeoutFailure(timeoutMs, waitingFor(moments, wire.url)) });
    };
    const timer = setTimeout(onTimeout, leftMs);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      request = openRequest(wire, agents, context, timeoutMs);
    } catch (error) {
      return end({ failure: failureOf(error) });
    }
    request.once('socket', (socket) => {
      stopStamping = stampArrivals(socket, moments, clock);
      stampSocket(socket, moments, secure, clock);
    });
    // Listens for good: a second error on a destroyed socket must not reach the process.
    request.on('error', (error) => settle({ failure: answered?.complete ? afterTheEnd : failureOf(error) }));
    request.once('upgrade', (_, socket) => {
      socket.destroy();
      settle({ failure: { kind: 'protocol', message: 'the server switched protocols, which was not asked for' } });
    });
    request.once('response', (message) => {
      moments.firstByte = moments.received ?? clock.monotonic();
      answered = message;
      const head = headOf(message);
      const refused = refusalOfHead(head);
      if (refused) return end({ failure: refused });
      readBody(message, wire.maxBodyBytes).then((read) => {
        moments.end = moments.received ?? clock.monotonic();
        if ('body' in read) return settle({ response: { ...head, body: read.body } });
        partial = { ...head, body: read.partial };
        end({ failure: read.failure });
      });
    });
    request.end(wire.body);
  });
};
