import type { WebSocket } from 'ws';
import { say, serveWebsocket } from './websocket-target.ts';

export type FeedEvent = { readonly cursor: number; readonly text: string };

/** What the server does wrong once it is up again. */
export type LiveFeedFaults = {
  /** Of its newest events, told before they were written down, so many are gone. */
  readonly loses?: number;
  /** The first that it tells a client that came back comes so many times. */
  readonly repeats?: number;
  /** So many of the first are left out. */
  readonly skips?: number;
  readonly refuses?: string;
  /** Its replays begin with the event at the cursor that is asked for. */
  readonly inclusive?: boolean;
};

/** The words of its protocol. */
export const liveFeedCodec = {
  json: {
    roles: { ack: { type: 'ok' }, error: { type: 'error' }, event: { type: 'event' } },
    operations: { subscribe: { type: 'subscribe', stream: '{{op.stream}}', cursor: '{{op.cursor}}' } },
  },
};

/** A server of one stream `s`, real sockets and all, that can be crashed and started again over its log. */
export const serveLiveFeed = async () => {
  const log: FeedEvent[] = [];
  const subscribers = new Set<WebSocket>();
  const sockets = new Set<WebSocket>();
  let faults: LiveFeedFaults = {};
  let isUp = true;
  let isFrozen = false;
  let pongs = 0;
  let next = 0;
  const events = (some: readonly FeedEvent[]) => some.map((event) => ({ type: 'event', stream: 's', ...event }));
  const { url, close } = await serveWebsocket(
    (socket) => {
      sockets.add(socket);
      socket.on('ping', (data) => {
        if (isFrozen) return;
        pongs += 1;
        socket.pong(data);
      });
      socket.on('close', () => {
        subscribers.delete(socket);
        sockets.delete(socket);
      });
      socket.on('message', (data) => {
        const { cursor } = JSON.parse(data.toString());
        if (faults.refuses) return say(socket, { type: 'error', code: faults.refuses, stream: 's' });
        const due = log.filter((event) => event.cursor > cursor || (faults.inclusive && event.cursor === cursor));
        const told = due.slice(faults.skips ?? 0);
        const again = Array.from({ length: (faults.repeats ?? 1) - 1 }, () => told.slice(0, 1)).flat();
        say(socket, { type: 'ok', stream: 's' }, ...events([...again, ...told]));
        subscribers.add(socket);
      });
    },
    { verifyClient: () => isUp, autoPong: false },
  );
  return {
    url,
    close,
    connections: (): number => sockets.size,
    /** Pings that it has answered. */
    pongs: (): number => pongs,
    publish: (...texts: readonly string[]): void => {
      for (const text of texts) {
        next += 1;
        const event = { cursor: next, text };
        log.push(event);
        for (const socket of subscribers) say(socket, ...events([event]));
      }
    },
    crash: (): void => {
      isUp = false;
      for (const socket of sockets) socket.terminate();
    },
    start: (some: LiveFeedFaults = {}): void => {
      faults = some;
      if (some.loses) log.splice(-some.loses);
      isUp = true;
    },
    /** As a host that vanished: no close, no pong. */
    freeze: (): void => {
      isFrozen = true;
    },
    mend: (): void => {
      faults = {};
    },
  };
};
