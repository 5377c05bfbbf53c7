import { WebSocket } from 'ws';
import type { Json } from '../../config/plan.ts';
import type { Failure } from '../../result/result.ts';
import type { RawFrame } from '../../sequence/codec/codec.ts';
import type { Journal } from '../../sequence/journal.ts';
import type { Clock } from '../prober.ts';
import { type Ended, listen, type Noticed, type Recorder } from './listening.ts';
import { type UpgradeRequest, usualCloseTimeoutMs } from './socket.ts';

/** On whose account a frame is sent: a step's, or the protocol's own (`auto`); and the message that it is, where it is one. */
export type Sender = { readonly step?: string; readonly auto?: true; readonly said?: Json };

/** One websocket. Whatever happens on it is in the journal by the time anybody can ask. */
export type Connection = {
  readonly name: string;
  /** How often this name was opened, from 1; each `renew` counts as once more. */
  readonly generation: number;
  /** Begins the next generation on the same socket: what comes from now on is looked at apart from what came before. */
  readonly renew: () => void;
  readonly ended: () => Ended | undefined;
  /** What broke it: a malformed frame, one that is too large. */
  readonly fault: () => Failure | undefined;
  /** When the server last gave a sign of life: a message, a ping, a pong. */
  readonly heardAt: () => number | undefined;
  /** From the upgrade, or from what we sent last, to the first message; answered once. */
  readonly takeFirstFrameMs: () => number | undefined;
  /** The first message is the next one: those of a handshake are over. */
  readonly awaitFirstFrame: () => void;
  /** Calls back when the frame has left for the kernel, or could not. */
  readonly send: (raw: RawFrame, sender: Sender, flushed?: (error?: Error) => void) => void;
  /** Answers the ping's number, by which its pong is known. On a connection that is not open nothing is sent. */
  readonly ping: () => number;
  /** When this ping, or a later one, was answered. */
  readonly pongAt: (ping: number) => number | undefined;
  /** Sends a close frame and waits for nothing. */
  readonly startClose: (code: number, reason: string) => void;
  /** Closes with 1000; done when it has ended, at the latest after `usualCloseTimeoutMs`. */
  readonly close: () => Promise<void>;
  /** Drops it without a word; done when it has ended, which takes no answer of the server's. */
  readonly drop: () => Promise<void>;
  /** Drops it for a fault of ours or of its own, which is then its `fault`. */
  readonly breakOff: (fault: Failure) => void;
};

type Endings = Pick<Connection, 'startClose' | 'close' | 'drop' | 'breakOff'>;

/** The ways in which we end a connection. */
const endingsOf = (socket: WebSocket, noticed: Noticed, record: Recorder): Endings => {
  const terminate = () => {
    noticed.dropped = true;
    socket.terminate();
  };
  const ended = (): Promise<void> => {
    if (noticed.ended || noticed.openedAt === undefined) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once('close', () => resolve());
    return promise;
  };
  return {
    startClose: (code, reason) => {
      // What the server had begun before is its own.
      if (socket.readyState === WebSocket.OPEN) noticed.closed = true;
      socket.close(code, reason);
    },
    close: () => {
      const over = ended();
      // A step may have allowed `ws` more time than the end of a pass can wait.
      const timer = setTimeout(terminate, usualCloseTimeoutMs);
      socket.close(1000);
      return over.finally(() => clearTimeout(timer));
    },
    drop: () => {
      const over = ended();
      terminate();
      return over;
    },
    breakOff: (fault) => {
      noticed.fault ??= fault;
      record({ direction: 'life', life: { event: 'error', message: fault.message } });
      terminate();
    },
  };
};

/** Puts a starting websocket under the journal's eyes. */
export const watchConnection = (
  socket: WebSocket,
  request: UpgradeRequest,
  journal: Journal,
  generation: number,
  clock: Clock,
): Connection => {
  const { name } = request;
  const noticed: Noticed = { heardFirst: false, pings: 0 };
  const record: Recorder = (event) =>
    journal.append({ ...event, connection: name, generation: connection.generation, at: clock.monotonic() });
  listen(socket, noticed, request, clock, record);
  const connection: Connection & { generation: number } = {
    name,
    generation,
    renew: () => {
      connection.generation = journal.begin(name);
    },
    ended: () => noticed.ended,
    fault: () => noticed.fault,
    heardAt: () => noticed.heardAt,
    takeFirstFrameMs: () => {
      const { firstFrameMs } = noticed;
      delete noticed.firstFrameMs;
      return firstFrameMs;
    },
    awaitFirstFrame: () => {
      noticed.heardFirst = false;
      delete noticed.firstFrameMs;
    },
    send: (raw, sender, flushed) => {
      noticed.sentAt = clock.monotonic();
      record({ direction: 'out', raw, ...sender });
      socket.send(raw, { binary: typeof raw !== 'string' }, flushed);
    },
    ping: () => {
      noticed.pings += 1;
      if (socket.readyState === WebSocket.OPEN) {
        record({ direction: 'life', life: { event: 'ping', by: 'client' }, auto: true });
        socket.ping(String(noticed.pings));
      }
      return noticed.pings;
    },
    pongAt: (ping) => (noticed.pong && noticed.pong.ping >= ping ? noticed.pong.at : undefined),
    ...endingsOf(socket, noticed, record),
  };
  return connection;
};
