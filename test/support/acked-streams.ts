import type { WebSocket } from 'ws';
import { say, serveWebsocket, type Target } from './websocket-target.ts';

/** What the server does wrong. */
export type AckFaults = {
  /** Accepts an ack that is behind the one before. */
  readonly acceptsStale?: boolean;
  /** Answers no ack. */
  readonly ignoresAcks?: boolean;
};

type Asked = {
  /** `publish` appends, `forget` begins another epoch, `crash` drops every connection without a close frame. */
  readonly type: 'subscribe' | 'ack' | 'publish' | 'forget' | 'crash';
  readonly stream: string;
  readonly cursor?: number;
  /** How many are published. Default 1. */
  readonly count?: number;
};

/** The codec that speaks its protocol. */
export const ackedCodec = {
  json: {
    roles: {
      ack: { $type: { oneOf: ['subscribed', 'acked'] } },
      error: { type: 'error' },
      event: { type: 'event' },
    },
    operations: {
      subscribe: { type: 'subscribe', stream: '{{op.stream}}', cursor: '{{op.cursor}}' },
      publish: { type: 'publish', stream: '{{op.stream}}', count: '{{op.payload}}' },
      ack: { type: 'ack', stream: '{{op.stream}}', cursor: '{{op.cursor}}' },
    },
    epoch: '$.epoch',
  },
};

/** Streams with cursors from 1, acknowledged per stream, in an epoch that can be lost. */
export const serveAckedStreams = (faults: AckFaults = {}): Promise<Target> => {
  const heads = new Map<string, number>();
  const acked = new Map<string, number>();
  const subscribers = new Set<{ readonly socket: WebSocket; readonly stream: string }>();
  const sockets = new Set<WebSocket>();
  let epoch = 1;
  const eventOf = (stream: string, cursor: number) => ({ type: 'event', stream, cursor });

  const answers: Readonly<Record<Asked['type'], (asked: Asked, socket: WebSocket) => readonly object[]>> = {
    subscribe: ({ stream, cursor = 0 }, socket) => {
      subscribers.add({ socket, stream });
      const head = heads.get(stream) ?? 0;
      const missed = Array.from({ length: Math.max(0, head - cursor) }, (_, at) => eventOf(stream, cursor + at + 1));
      return [{ type: 'subscribed', stream, head, epoch: `epoch-${epoch}` }, ...missed];
    },
    ack: ({ stream, cursor = 0 }) => {
      if (faults.ignoresAcks) return [];
      const current = acked.get(stream) ?? 0;
      if (cursor < current && !faults.acceptsStale) return [{ type: 'error', code: 'STALE_CURSOR', stream, current }];
      acked.set(stream, cursor);
      return [{ type: 'acked', stream, cursor }];
    },
    publish: ({ stream, count = 1 }) => {
      for (let left = count; left > 0; left -= 1) {
        const cursor = (heads.get(stream) ?? 0) + 1;
        heads.set(stream, cursor);
        for (const one of subscribers) if (one.stream === stream) say(one.socket, eventOf(stream, cursor));
      }
      return [];
    },
    forget: () => {
      epoch += 1;
      heads.clear();
      acked.clear();
      return [];
    },
    crash: () => {
      for (const socket of sockets) socket.terminate();
      return [];
    },
  };

  return serveWebsocket((socket) => {
    sockets.add(socket);
    socket.on('message', (data) => {
      const asked: Asked = JSON.parse(data.toString());
      say(socket, ...answers[asked.type](asked, socket));
    });
  });
};
