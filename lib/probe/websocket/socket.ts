import { type ClientOptions, WebSocket } from 'ws';
import type { TlsPlan } from '../../config/plan.ts';
import { isSecure, openSocket } from '../connection.ts';
import { GuardError, refusalOfHost } from '../guard.ts';
import { maxHeadBytes } from '../head.ts';
import type { ProbeContext } from '../prober.ts';
import { type Moments, stampSocket } from '../timing.ts';

/** An upgrade request with every template filled in. */
export type UpgradeRequest = {
  readonly name: string;
  /** Name of the step that asks for it. */
  readonly step: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  readonly tls: TlsPlan;
  readonly maxFrameBytes: number;
  readonly timeoutMs: number;
  /** How long the server may take to answer our close, or to hang up after its own. */
  readonly closeTimeoutMs: number;
};

/** How long a server may take over the end of a connection where no step says otherwise. */
export const usualCloseTimeoutMs = 1_000;

/**
 * Starts an upgrade and stamps the moments of its socket.
 *
 * @throws GuardError for a closed address, and what `ws` throws for a request that it will not send.
 */
export const startUpgrade = (request: UpgradeRequest, moments: Moments, context: ProbeContext): WebSocket => {
  const { url, tls, timeoutMs, closeTimeoutMs } = request;
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
      const socket = openSocket(url, tls, context, timeoutMs);
      stampSocket(socket, moments, isSecure(url), context.clock);
      return socket;
    },
  };
  return new WebSocket(url, [...request.subprotocols], options);
};
