import type { Failure } from '../result/result.ts';
import type { CookieJar } from './cookies.ts';
import type { Exchange, WireRequest, WireResponse } from './exchange.ts';
import { addPhases } from './timing.ts';

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const withoutBody = (wire: WireRequest): WireRequest => {
  const { body: _, ...rest } = wire;
  const { 'content-type': __, ...headers } = rest.headers;
  return { ...rest, headers };
};

/** Where an answer sends us: the next request, or why there is none. */
const nextHop = (wire: WireRequest, response: WireResponse): WireRequest | Failure => {
  const location = response.headers.location;
  const url = location === undefined ? null : URL.parse(location, wire.url.href);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    return {
      kind: 'redirect',
      message: `${response.status} redirects to ${location === undefined ? 'nowhere' : `"${location}"`}`,
    };
  }
  // RFC 9110 §15.4: 303 always, and by custom 301 and 302 after POST, go on as GET without the body.
  const toGet = response.status === 303 ? wire.method !== 'HEAD' : response.status < 303 && wire.method === 'POST';
  const next = toGet ? { ...withoutBody(wire), method: 'GET' } : wire;
  if (url.origin === wire.url.origin) return { ...next, url };
  // Credentials are for the origin that they were given to.
  const { authorization: _, cookie: __, ...headers } = next.headers;
  return { ...next, url, headers };
};

/** An address that is closed to us is no fault of the target's, unless it was the target that sent us there. */
const sentTo = (wire: WireRequest, status: number, answer: Exchange): Exchange => {
  if (!('failure' in answer) || answer.failure.kind !== 'guard') return answer;
  const message = `${status} redirects to "${wire.url.href}": ${answer.failure.message}`;
  return { ...answer, failure: { kind: 'redirect', message } };
};

/**
 * Sends a request and follows at most `maxRedirects` redirects. Phases and time add up over the hops; `send` is told how
 * much of it is spent.
 */
export const followRedirects = async (
  first: WireRequest,
  maxRedirects: number,
  jar: CookieJar | undefined,
  send: (wire: WireRequest, spentMs: number) => Promise<Exchange>,
): Promise<Exchange> => {
  let wire = first;
  let total = await send(wire, 0);
  for (let hop = 0; 'response' in total && redirects.has(total.response.status) && maxRedirects > 0; hop++) {
    const { response, ...timing } = total;
    if (hop === maxRedirects) {
      const message = `more than ${maxRedirects} redirect${maxRedirects === 1 ? '' : 's'}, the last to "${response.headers.location ?? ''}"`;
      return { ...timing, failure: { kind: 'redirect', message }, partial: response };
    }
    jar?.store(wire.url, response.setCookies);
    const next = nextHop(wire, response);
    if ('kind' in next) return { ...timing, failure: next, partial: response };
    const cookie = jar?.header(next.url);
    wire = cookie ? { ...next, headers: { ...next.headers, cookie } } : next;
    const answer = sentTo(wire, response.status, await send(wire, timing.elapsedMs));
    total = {
      ...answer,
      phasesMs: addPhases(timing.phasesMs, answer.phasesMs),
      elapsedMs: timing.elapsedMs + answer.elapsedMs,
      reusedConnection: timing.reusedConnection && answer.reusedConnection,
    };
  }
  return total;
};
