import { type ClientOptions, type RawData, WebSocket } from 'ws';
import type { TlsPlan } from '../../config/plan.ts';
import type { Failure } from '../../result/result.ts';
import type { RawFrame } from '../../sequence/codec/codec.ts';
import type { Journal, JournalEvent } from '../../sequence/journal.ts';
import { isSecure, openSocket } from '../connection.ts';
import { GuardError, refusalOfHost } from '../guard.ts';
import { maxHeadBytes } from '../head.ts';
import type { Clock, ProbeContext } from '../prober.ts';
import { type Moments, stampSocket } from '../timing.ts';
import { faultOf } from './fault.ts';

/** An upgrade request with every template filled in. */
export type UpgradeRequest = {
  readonly name: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  readonly tls: TlsPlan;
  readonly maxFrameBytes: number;
  readonly timeoutMs: number;
};

/** How a connection ended. A close without a frame of its own is 1006 (RFC 6455 §7.1.5). */
export type Ended = { readonly code: number; readonly reason: string; readonly at: number };

/** One websocket. Whatever happens on it is in the journal by the time anybody can ask. */
export type Connection = {
  readonly name: string;
  readonly ended: () => Ended | undefined;
  /** What broke it: a malformed frame, one that is too large. */
  readonly fault: () => Failure | undefined;
  /** When the server last gave a sign of life: a message, a ping, a pong. */
  readonly heardAt: () => number | undefined;
  /** From the upgrade, or from what we sent last, to the first message; answered once. */
  readonly takeFirstFrameMs: () => number | undefined;
  /** Calls back when the frame has left for the kernel, or could not. */
  readonly send: (raw: RawFrame, flushed: (error?: Error) => void) => void;
  readonly ping: () => void;
  /** Closes with 1000; done when it has ended, at the latest after `closeTimeoutMs`. */
  readonly close: () => Promise<void>;
  /** Drops it without a word. */
  readonly terminate: () => void;
};

/** How long a server may take to answer our close, or to hang up after its own. */
export const closeTimeoutMs = 1_000;

/**
 * Starts an upgrade and stamps the moments of its socket.
 *
 * @throws GuardError for a closed address, and what `ws` throws for a request that it will not send.
 */
export const startUpgrade = (request: UpgradeRequest, moments: Moments, context: ProbeContext): WebSocket => {
  const { url, tls, timeoutMs } = request;
  // Asked here too, for `ws` would turn the refusal into an event that nobody knows by its kind.
  const refused = refusalOfHost(context.guard, url.hostname);
  if (refused) throw new GuardError(refused);
  const options: ClientOptions & {
    readonly closeTimeout: number;
    readonly maxPendingAutoPongs: number;
    readonly maxHeaderSize: number;
  } = {
    headers: request.headers,
    // Compression would put our own inflating into every latency, and make a frame's size another than the wire's.
    perMessageDeflate: false,
    maxPayload: request.maxFrameBytes,
    closeTimeout: closeTimeoutMs,
    // The journal's own limit ends a flood of pings, and says so; `ws` would hang up without a word.
    maxPendingAutoPongs: 0,
    maxHeaderSize: maxHeadBytes,
    createConnection: () => {
      const socket = openSocket(url, tls, context.guard, timeoutMs);
      stampSocket(socket, moments, isSecure(url), context.clock);
      return socket;
    },
  };
  return new WebSocket(url, [...request.subprotocols], options);
};

type Happening = JournalEvent extends infer Event
  ? Event extends JournalEvent
    ? Omit<Event, 'connection' | 'generation' | 'at'>
    : never
  : never;

/** A frame's payload in memory of its own: `ws` hands out views that keep the whole network chunk alive. */
const rawOf = (data: RawData, isBinary: boolean): RawFrame => {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  return isBinary ? new Uint8Array(bytes) : bytes.toString('utf8');
};

/** What the listeners of a connection have noticed. */
type Noticed = {
  ended?: Ended;
  fault?: Failure;
  heardAt?: number;
  openedAt?: number;
  sentAt?: number;
  firstFrameMs?: number;
  /** We dropped it ourselves: what `ws` then complains of is our own doing. */
  dropped?: true;
};

/** Listens from before the first byte, so that no frame falls between the upgrade and the first who asks. */
const listen = (
  socket: WebSocket,
  noticed: Noticed,
  clock: Clock,
  maxFrameBytes: number,
  record: (event: Happening) => void,
) => {
  let messages = 0;
  const heard = () => {
    noticed.heardAt = clock.monotonic();
  };
  socket.on('open', () => {
    noticed.openedAt = clock.monotonic();
    record({ direction: 'life', life: { event: 'open', subprotocol: socket.protocol } });
  });
  socket.on('message', (data, isBinary) => {
    heard();
    messages += 1;
    if (messages === 1)
      noticed.firstFrameMs = clock.monotonic() - (noticed.sentAt ?? noticed.openedAt ?? clock.monotonic());
    record({ direction: 'in', raw: rawOf(data, isBinary) });
  });
  socket.on('ping', () => {
    heard();
    record({ direction: 'life', life: { event: 'ping', by: 'server' } });
    record({ direction: 'life', life: { event: 'pong', by: 'client' }, auto: true });
  });
  socket.on('pong', () => {
    heard();
    record({ direction: 'life', life: { event: 'pong', by: 'server' } });
  });
  socket.on('error', (error) => {
    // Before the upgrade it is the handshake's error, which whoever waits for it reports.
    if (noticed.dropped || noticed.openedAt === undefined) return;
    noticed.fault = faultOf(error, maxFrameBytes);
    record({ direction: 'life', life: { event: 'error', message: noticed.fault.message } });
  });
  socket.on('close', (code, reason) => {
    if (noticed.openedAt === undefined) return;
    noticed.ended = { code, reason: reason.toString('utf8'), at: clock.monotonic() };
    record({ direction: 'life', life: { event: 'close', code, reason: noticed.ended.reason } });
  });
};

/** Puts a starting websocket under the journal's eyes. */
export const watchConnection = (
  socket: WebSocket,
  request: UpgradeRequest,
  journal: Journal,
  generation: number,
  clock: Clock,
): Connection => {
  const { name, maxFrameBytes } = request;
  const noticed: Noticed = {};
  const record = (event: Happening) =>
    journal.append({ ...event, connection: name, generation, at: clock.monotonic() });
  listen(socket, noticed, clock, maxFrameBytes, record);
  return {
    name,
    ended: () => noticed.ended,
    fault: () => noticed.fault,
    heardAt: () => noticed.heardAt,
    takeFirstFrameMs: () => {
      const { firstFrameMs } = noticed;
      delete noticed.firstFrameMs;
      return firstFrameMs;
    },
    send: (raw, flushed) => {
      noticed.sentAt = clock.monotonic();
      record({ direction: 'out', raw });
      socket.send(raw, { binary: typeof raw !== 'string' }, flushed);
    },
    ping: () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      record({ direction: 'life', life: { event: 'ping', by: 'client' }, auto: true });
      socket.ping();
    },
    close: () => {
      if (noticed.ended || noticed.openedAt === undefined) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.once('close', () => resolve());
      socket.close(1000);
      return promise;
    },
    terminate: () => {
      noticed.dropped = true;
      socket.terminate();
    },
  };
};
