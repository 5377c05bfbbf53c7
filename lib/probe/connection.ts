import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';
import type { TlsPlan } from '../config/plan.ts';
import type { ConnectionTiming } from '../result/result.ts';
import { failureOf, timeoutFailure } from './failure.ts';
import { type Guard, GuardError, refusalOfHost } from './guard.ts';
import type { ProbeContext, Route } from './prober.ts';
import { type Moments, phasesOf, readyEvent, stampSocket, waitingFor } from './timing.ts';

/** The connections of a run, or of a pass in `fresh` mode: one agent for each scheme and TLS setting. */
export type Agents = {
  of(url: URL, tls: TlsPlan, timeoutMs: number): HttpAgent;
  /** The next request to this origin takes this connected socket instead of opening one. */
  seed(url: URL, tls: TlsPlan, timeoutMs: number, socket: Socket): void;
  close(): void;
};

/** Options of every socket to a target, whether an agent opens it, a warm-up or a websocket. */
const socketOptions = (guard: Guard, tls: TlsPlan, timeoutMs: number) => ({
  lookup: guard.lookup,
  // Node gives up an address after 250 ms, which is an outage of its own making on a slow link.
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(timeoutMs / 2)),
  noDelay: true,
  rejectUnauthorized: tls.verify,
  ...(tls.ca ? { ca: [...getCACertificates('default'), tls.ca] } : {}),
  ...(tls.serverName ? { servername: tls.serverName } : {}),
});

const createAgent = (secure: boolean, guard: Guard, tls: TlsPlan, timeoutMs: number): HttpAgent => {
  // No cached TLS session: a fresh connection is to cost what a stranger's costs.
  const options = { ...socketOptions(guard, tls, timeoutMs), keepAlive: true, maxSockets: 1, maxCachedSessions: 0 };
  return secure ? new HttpsAgent(options) : new HttpAgent(options);
};

const ignore = () => {};

/** An agent, and the connected sockets that it is to take before it opens one: one for each host and port. */
type Seeded = { readonly agent: HttpAgent; readonly seeds: Map<string, Socket> };

const seedKey = (host: string, port: number): string => `${host} ${port}`;

const createSeeded = (agent: HttpAgent, routed: ReturnType<Route>): Seeded => {
  const seeds = new Map<string, Socket>();
  const open = agent.createConnection;
  agent.createConnection = function (this: HttpAgent, options, callback) {
    const key = seedKey(String(options.host), Number(options.port));
    const seed = seeds.get(key);
    seeds.delete(key);
    if (seed && !seed.destroyed) return seed;
    return routed ? connectTcp({ ...routed, noDelay: true }) : open.call(this, options, callback);
  };
  return { agent, seeds };
};

export const createAgents = (guard: Guard, route?: Route): Agents => {
  const known = new Map<string, Seeded>();
  const find = (url: URL, tls: TlsPlan, timeoutMs: number): Seeded => {
    const routed = route?.(url, tls);
    const key = `${url.protocol} ${JSON.stringify([tls, routed])}`;
    const seeded =
      known.get(key) ?? createSeeded(createAgent(url.protocol === 'https:', guard, tls, timeoutMs), routed);
    known.set(key, seeded);
    return seeded;
  };
  return {
    of: (url, tls, timeoutMs) => find(url, tls, timeoutMs).agent,
    seed: (url, tls, timeoutMs, socket) => {
      const { seeds } = find(url, tls, timeoutMs);
      const key = seedKey(hostOf(url), portOf(url));
      // While it idles nobody else listens for its death.
      socket.on('error', ignore);
      seeds.get(key)?.destroy();
      seeds.set(key, socket);
    },
    close: () => {
      for (const { agent, seeds } of known.values()) {
        agent.destroy();
        // One that no request took is in nobody's pool.
        for (const seed of seeds.values()) seed.destroy();
      }
      known.clear();
    },
  };
};

export const hostOf = (url: URL): string => (url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname);

export const isSecure = (url: URL): boolean => url.protocol === 'https:' || url.protocol === 'wss:';

export const portOf = (url: URL): number => Number(url.port) || (isSecure(url) ? 443 : 80);

/**
 * Starts a connection for a URL of http, https, ws or wss.
 *
 * @throws GuardError for a closed address.
 */
export const openSocket = (
  url: URL,
  tls: TlsPlan,
  { guard, route }: Pick<ProbeContext, 'guard' | 'route'>,
  timeoutMs: number,
): Socket => {
  const refused = refusalOfHost(guard, url.hostname);
  if (refused) throw new GuardError(refused);
  const routed = route?.(url, tls);
  if (routed) return connectTcp({ ...routed, noDelay: true });
  const host = hostOf(url);
  const options = { ...socketOptions(guard, tls, timeoutMs), host, port: portOf(url) };
  if (!isSecure(url)) return connectTcp(options);
  // TLS forbids an address as server name (RFC 6066 §3).
  const servername = tls.serverName ?? (isIP(host) ? '' : host);
  return connectTls({ ...options, servername, ALPNProtocols: ['http/1.1'] });
};

/** Opens one connection and times it; the socket is the caller's to use or destroy. Rejects only on abort. */
export const openConnection = (
  url: URL,
  tls: TlsPlan,
  context: ProbeContext,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ConnectionTiming & { readonly socket?: Socket }> => {
  signal.throwIfAborted();
  const { clock } = context;
  const moments: Moments = { start: clock.monotonic() };
  const { promise, resolve, reject } = Promise.withResolvers<ConnectionTiming & { readonly socket?: Socket }>();
  const fail = (failure: ConnectionTiming['failure'], totalMs: number | null) =>
    resolve({ origin: url.origin, phasesMs: phasesOf(moments), totalMs, ...(failure ? { failure } : {}) });
  let socket: Socket;
  try {
    socket = openSocket(url, tls, context, timeoutMs);
  } catch (error) {
    fail(failureOf(error), null);
    return promise;
  }
  stampSocket(socket, moments, isSecure(url), clock);
  const timer = setTimeout(() => {
    fail(timeoutFailure(timeoutMs, waitingFor(moments, url)), timeoutMs);
    socket.destroy();
  }, timeoutMs);
  const onAbort = () => {
    reject(signal.reason);
    socket.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  socket.on('error', (error) => fail(failureOf(error), null));
  socket.once(readyEvent(socket), () => {
    const totalMs = clock.monotonic() - moments.start;
    resolve({ origin: url.origin, phasesMs: phasesOf(moments), totalMs, socket });
  });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
};
