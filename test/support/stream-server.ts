import type { WebSocket } from 'ws';
import { serveWebsocket, type Target } from './websocket-target.ts';

/** One event of a stream, as it is on the wire. */
export type StreamEvent = {
  readonly type: 'event';
  readonly stream: string;
  readonly cursor: number;
  readonly title: string;
};

/** What the server does wrong; nothing where it is sound. */
export type StreamFaults = {
  /** What is replayed in place of these. */
  readonly replay?: (events: readonly StreamEvent[]) => readonly object[];
  /** Said right before a replay, and right behind it. */
  readonly before?: readonly object[];
  readonly after?: readonly object[];
  /** A key that came before is forgotten: its effect happens again. */
  readonly forgetful?: boolean;
  /** The answer to what came before is another one. */
  readonly wavering?: boolean;
  /** What is never answered. */
  readonly deafTo?: string;
  /** Closes with 1011 right behind a replay. */
  readonly hangsUp?: boolean;
};

type Asked = {
  readonly type: 'subscribe' | 'publish' | 'echo' | 'bye';
  readonly id?: string;
  readonly stream: string;
  readonly cursor?: number;
  readonly key?: string;
  readonly title: string;
};

/** The words of the protocol, for `codec`. */
export const streamCodec = {
  json: {
    roles: {
      ack: { $type: { oneOf: ['subscribed', 'published', 'echoed'] } },
      error: { type: 'error' },
      heartbeat: { type: 'tick' },
    },
    operations: {
      subscribe: { type: 'subscribe', stream: '{{op.stream}}', cursor: '{{op.cursor}}' },
      publish: { type: 'publish', stream: '{{op.stream}}', title: '{{op.payload}}' },
    },
  },
} as const;

/**
 * A server of streams of events with cursors from 1: `subscribe` answers `subscribed` and replays from the cursor,
 * `publish` answers `published` with a version and tells all subscribers; with a `key` it does so once.
 */
export const serveStreams = async (faults: StreamFaults = {}): Promise<Target> => {
  const streams = new Map<string, StreamEvent[]>();
  const subscribers = new Map<WebSocket, Set<string>>();
  const keys = new Map<string, number>();
  const say = (socket: WebSocket, ...messages: readonly object[]) => {
    for (const message of messages) socket.send(JSON.stringify(message));
  };
  const publish = ({ stream, title, key }: Asked): number => {
    const known = key === undefined ? undefined : keys.get(key);
    if (known !== undefined && !faults.forgetful) return faults.wavering ? known + 1 : known;
    const events = streams.get(stream) ?? [];
    const event: StreamEvent = { type: 'event', stream, cursor: events.length + 1, title };
    streams.set(stream, [...events, event]);
    if (key !== undefined) keys.set(key, event.cursor);
    for (const [socket, names] of subscribers) if (names.has(stream)) say(socket, event);
    return event.cursor;
  };
  const answer = (socket: WebSocket, message: Asked) => {
    const { type, id, stream, cursor = 0 } = message;
    if (type === faults.deafTo) return;
    if (type === 'bye') return socket.close(4000, 'bye');
    if (type === 'echo') return say(socket, { type: 'echoed', id, title: message.title });
    if (type === 'publish') return say(socket, { type: 'published', id, version: publish(message) });
    const events = streams.get(stream) ?? [];
    if (cursor > events.length) return say(socket, { type: 'error', id, stream, code: 'FUTURE_CURSOR' });
    say(socket, { type: 'subscribed', id, stream, cursor });
    const due = events.filter((event) => event.cursor > cursor);
    if (due.length > 0) {
      say(socket, ...(faults.before ?? []), ...(faults.replay?.(due) ?? due), ...(faults.after ?? []));
      if (faults.hangsUp) socket.close(1011, 'out of memory');
    }
    subscribers.get(socket)?.add(stream);
  };
  return serveWebsocket((socket) => {
    subscribers.set(socket, new Set());
    socket.on('close', () => subscribers.delete(socket));
    socket.on('message', (data) => answer(socket, JSON.parse(data.toString())));
  });
};
