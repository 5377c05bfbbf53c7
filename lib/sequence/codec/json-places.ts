import type { Cursor, Json, Operation } from '../../config/plan.ts';
import { setLatest } from './bounded-map.ts';
import type { Message } from './codec.ts';
import { isObject, type JsonObject, memberOf, present, textOf } from './document.ts';

/** How far this end has come in a stream, and what it was subscribed with; one that was left is not taken up again. */
type Place = { readonly cursor?: Cursor; readonly payload?: Json; readonly left?: true };

const answers: ReadonlySet<Message['role']> = new Set(['ack', 'error', 'heartbeat', 'control']);

/**
 * How far a connection has come in each stream, and the epoch that its server said last: what the next generation goes on
 * from. Spelt `{ streams: { name: cursor }, payloads: { name: payload }, epoch? }`, the cursor `null` where there is none yet.
 */
export const createPlaces = (resume: Json | undefined) => {
  const before = textOf(memberOf(resume, 'epoch'));
  const streams = memberOf(resume, 'streams');
  const places = new Map<string, Place>();
  for (const [stream, cursor] of isObject(streams) ? Object.entries(streams) : []) {
    const payload = memberOf(memberOf(resume, 'payloads'), stream);
    places.set(stream, present({ cursor: cursor ?? undefined, payload }));
  }
  let epoch = before;

  return {
    hear: ({ role, stream, cursor }: Message, said: string | undefined) => {
      epoch = said ?? epoch;
      // The cursor of an answer is the one that was asked about.
      if (stream === undefined || cursor === undefined || answers.has(role)) return;
      const place = places.get(stream);
      if (!place?.left) setLatest(places, stream, { ...place, cursor });
    },
    note: (operation: Operation) => {
      if (operation.do === 'unsubscribe') setLatest(places, operation.stream, { left: true });
      if (operation.do !== 'subscribe') return;
      const { stream, cursor, payload } = operation;
      setLatest(places, stream, present({ cursor, payload }));
    },
    subscriptions: (): readonly Operation[] =>
      [...places].map(([stream, { cursor, payload }]) => ({
        do: 'subscribe',
        stream,
        ...present({ cursor, payload }),
      })),
    epochChanged: () => before !== undefined && epoch !== before,
    remembered: (): Json => {
      const kept = [...places].filter(([, { left }]) => !left);
      return {
        streams: Object.fromEntries(kept.map(([stream, { cursor = null }]) => [stream, cursor])),
        payloads: present(Object.fromEntries(kept.map(([stream, { payload }]) => [stream, payload]))) as JsonObject,
        ...present({ epoch }),
      };
    },
  };
};
