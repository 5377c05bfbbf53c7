import { WebSocket } from 'ws';
import type { EventRecord } from './records.ts';
import type { Store } from './store.ts';

/** What one connection has subscribed to, and how far it has been sent. Replay and live are the same walk. */
export type Feed = {
  /** Sends the events after `cursor`, then whatever follows. Subscribing again starts over from the new cursor. */
  subscribe(stream: string, cursor: number): void;
  unsubscribe(stream: string): void;
  /** Sends all that is due, as far as the client keeps up. */
  pump(): void;
};

/** `skip` is the cursor that the fault `replay-gap` leaves out. */
type Subscription = { sent: number; readonly skip: number };

/** Past this the feed waits for the client: memory stays bounded however slow it reads. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export function createFeed(ws: WebSocket, store: Store, sent: () => void, replayGap: boolean): Feed {
  const subscriptions = new Map<string, Subscription>();

  /** The earliest event that is due: over all streams of a connection, arrival order is commit order. */
  function nextDue(): { stream: string; subscription: Subscription; event: EventRecord } | undefined {
    let due: ReturnType<typeof nextDue>;
    for (const [stream, subscription] of subscriptions) {
      if (subscription.sent + 1 === subscription.skip) subscription.sent++;
      const event = store.state.streams.get(stream)?.[subscription.sent];
      if (event === undefined || event.event_seq > store.durableSeq()) continue;
      if (due === undefined || event.event_seq < due.event.event_seq) due = { stream, subscription, event };
    }
    return due;
  }

  function pump(): void {
    while (ws.readyState === WebSocket.OPEN) {
      const due = nextDue();
      if (due === undefined || ws.bufferedAmount > MAX_BUFFERED_BYTES) return;
      due.subscription.sent++;
      const frame = JSON.stringify(eventFrame(due.event, due.stream, due.subscription.sent));
      sent();
      ws.send(frame, () => {
        if (ws.bufferedAmount <= MAX_BUFFERED_BYTES) pump();
      });
    }
  }

  return {
    subscribe(stream, cursor) {
      const head = store.state.streams.get(stream)?.length ?? 0;
      const skip = replayGap && head - cursor >= 3 ? cursor + Math.ceil((head - cursor) / 2) : 0;
      subscriptions.set(stream, { sent: cursor, skip });
      pump();
    },
    unsubscribe: (stream) => subscriptions.delete(stream),
    pump,
  };
}

/** An event as a client sees it in one of its streams; `cursor` is its place there. */
function eventFrame(event: EventRecord, stream: string, cursor: number): object {
  const { type, event_code, event_seq, at, payload } = event;
  return { type, event_code, event_seq, stream, cursor, at, ...payload };
}
