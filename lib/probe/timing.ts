import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { PhasesMs } from '../result/result.ts';
import type { Clock } from './prober.ts';

/** Moments of one exchange on the monotonic clock; a moment that never came is absent. */
export type Moments = {
  /** With a kept-alive connection, when it was handed over: what came before was our own work. */
  start: number;
  /** A socket was there, new or kept alive. */
  assigned?: number;
  resolved?: number;
  connected?: number;
  secured?: number;
  /** The socket last brought something: bytes, or its end. */
  received?: number;
  firstByte?: number;
  end?: number;
};

/** What the exchange with a URL was waiting for when it was cut off, for the words of a timeout. */
export const waitingFor = (moments: Moments, { protocol, hostname }: URL): string => {
  if (moments.firstByte !== undefined) return 'the rest of the body';
  if (moments.assigned === undefined) return 'a connection';
  if (moments.connected === undefined) {
    // A literal address is never looked up.
    const named = !hostname.startsWith('[') && isIP(hostname) === 0;
    return named && moments.resolved === undefined ? 'the name server' : 'the connection';
  }
  const secure = protocol === 'https:' || protocol === 'wss:';
  if (secure && moments.secured === undefined) return 'the TLS handshake';
  return moments.received !== undefined ? 'the rest of the head of the answer' : 'the first byte of the answer';
};

/** The event that ends the opening of a socket. One that is routed to a proxy of ours has no TLS of its own. */
export const readyEvent = (socket: Socket): 'connect' | 'secureConnect' =>
  socket instanceof TLSSocket ? 'secureConnect' : 'connect';

/** Stamps the moments of a socket that is still connecting; one that is connected already has none of its own. */
export const stampSocket = (socket: Socket, moments: Moments, secure: boolean, clock: Clock): void => {
  moments.assigned = clock.monotonic();
  if (!socket.connecting) {
    moments.start = moments.resolved = moments.connected = moments.assigned;
    if (secure) moments.secured = moments.assigned;
    return;
  }
  socket.once('lookup', () => {
    moments.resolved = clock.monotonic();
  });
  socket.once('connect', () => {
    moments.connected = clock.monotonic();
    // A literal address needs no lookup.
    moments.resolved ??= moments.start;
  });
  if (secure) {
    socket.once(readyEvent(socket), () => {
      moments.secured = clock.monotonic();
    });
  }
};

/** Stamps what a socket brings as it comes, before our parser and decoders spend time on it. Answers how to stop. */
export const stampArrivals = (socket: Socket, moments: Moments, clock: Clock): (() => void) => {
  const stamp = () => {
    moments.received = clock.monotonic();
  };
  socket.prependListener('data', stamp).prependListener('end', stamp);
  return () => {
    socket.off('data', stamp).off('end', stamp);
  };
};

/** Whether the exchange took a connection that was open already. */
export const isReused = ({ assigned, connected }: Moments): boolean =>
  connected !== undefined && connected === assigned;

/**
 * Phases between the moments, in ms: they add up to `end - start`. A kept-alive connection has no dns, connect or tls;
 * `firstByte` counts from when the connection was ready and so includes sending the request.
 */
export const phasesOf = (moments: Moments): PhasesMs => {
  const { start, resolved, connected, secured, firstByte, end } = moments;
  const phases: PhasesMs = {};
  const reused = isReused(moments);
  if (!reused && resolved !== undefined) phases.dns = resolved - start;
  if (!reused && resolved !== undefined && connected !== undefined) phases.connect = connected - resolved;
  if (!reused && connected !== undefined && secured !== undefined) phases.tls = secured - connected;
  const ready = reused ? start : (secured ?? connected);
  if (ready !== undefined && firstByte !== undefined) phases.firstByte = firstByte - ready;
  if (firstByte !== undefined && end !== undefined) phases.download = end - firstByte;
  return phases;
};

/** Sums phase by phase: a redirect's hops are one answer. */
export const addPhases = (a: PhasesMs, b: PhasesMs): PhasesMs => {
  const sum: PhasesMs = { ...a };
  for (const [phase, ms] of Object.entries(b) as [keyof PhasesMs, number][]) sum[phase] = (sum[phase] ?? 0) + ms;
  return sum;
};
