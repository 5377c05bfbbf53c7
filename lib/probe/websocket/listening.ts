import type { RawData, WebSocket } from 'ws';
import type { Failure } from '../../result/result.ts';
import type { RawFrame } from '../../sequence/codec/codec.ts';
import type { JournalEvent } from '../../sequence/journal.ts';
import type { Clock } from '../prober.ts';
import { faultOf } from './fault.ts';
import type { UpgradeRequest } from './socket.ts';

/** How a connection ended. A close without a frame of its own is 1006 (RFC 6455 §7.1.5). */
export type Ended = {
  readonly code: number;
  readonly reason: string;
  readonly at: number;
  /** It was we who ended it. */
  readonly ours?: true;
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
export type Noticed = {
  ended?: Ended;
  fault?: Failure;
  heardAt?: number;
  openedAt?: number;
  sentAt?: number;
  heardFirst: boolean;
  firstFrameMs?: number;
  pings: number;
  pong?: { readonly ping: number; readonly at: number };
  /** We dropped it ourselves: what `ws` then complains of is our own doing. */
  dropped?: true;
  /** We said the close first. */
  closed?: true;
};

/** Puts into the journal what happens on one connection, now. */
export type Recorder = (event: Happening) => void;

/** Listens to what the server says of itself: messages, pings, pongs. */
const listenToServer = (socket: WebSocket, noticed: Noticed, clock: Clock, record: Recorder) => {
  const heard = () => {
    noticed.heardAt = clock.monotonic();
  };
  socket.on('message', (data, isBinary) => {
    // The rest of a buffer: whoever comes next on this name must not be taken for the one that said it.
    if (noticed.dropped) return;
    heard();
    if (!noticed.heardFirst)
      noticed.firstFrameMs = clock.monotonic() - (noticed.sentAt ?? noticed.openedAt ?? clock.monotonic());
    noticed.heardFirst = true;
    record({ direction: 'in', raw: rawOf(data, isBinary) });
  });
  socket.on('ping', () => {
    heard();
    record({ direction: 'life', life: { event: 'ping', by: 'server' } });
    record({ direction: 'life', life: { event: 'pong', by: 'client' }, auto: true });
  });
  socket.on('pong', (payload) => {
    heard();
    const ping = Number(payload.toString('latin1'));
    // What answers no ping of ours proves nothing.
    if (ping > (noticed.pong?.ping ?? 0) && ping <= noticed.pings) noticed.pong = { ping, at: clock.monotonic() };
    record({ direction: 'life', life: { event: 'pong', by: 'server' } });
  });
};

/** Listens from before the first byte, so that no frame falls between the upgrade and the first who asks. */
export const listen = (
  socket: WebSocket,
  noticed: Noticed,
  { maxFrameBytes, step }: UpgradeRequest,
  clock: Clock,
  record: Recorder,
) => {
  socket.on('open', () => {
    noticed.openedAt = clock.monotonic();
    record({ direction: 'life', life: { event: 'open', subprotocol: socket.protocol }, step });
  });
  listenToServer(socket, noticed, clock, record);
  socket.on('error', (error) => {
    // Before the upgrade it is the handshake's error, which whoever waits for it reports.
    if (noticed.dropped || noticed.openedAt === undefined) return;
    noticed.fault = faultOf(error, maxFrameBytes);
    record({ direction: 'life', life: { event: 'error', message: noticed.fault.message } });
  });
  socket.on('close', (code, reason) => {
    if (noticed.openedAt === undefined) return;
    const ours = noticed.dropped || noticed.closed ? { ours: true as const } : {};
    noticed.ended = { code, reason: reason.toString('utf8'), at: clock.monotonic(), ...ours };
    record({ direction: 'life', life: { event: 'close', code, reason: noticed.ended.reason } });
  });
};
