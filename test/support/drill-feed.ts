import { createHash } from 'node:crypto';
import { idsIn } from '../../lib/drill/entry-id.ts';
import type { DrillClock, Target } from '../../lib/drill/ports.ts';
import type { Observation, StreamEvent } from '../../lib/drill/record.ts';

/** What may be wrong with how a service tells live clients of its events, from its restart on unless it says otherwise. */
export type FeedFault =
  /** It told clients of its newest events before it had written them down. */
  | 'loses what it told'
  | 'tells an event twice'
  | 'skips an event on resume'
  | 'tells no more events'
  | 'takes no client back'
  /** From the beginning: of one acknowledged write. */
  | 'forgets an event';

export type FeedEvent = { readonly cursor: number; readonly text: string };

export const feedDigest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

export const loggedAs = ({ cursor, text }: FeedEvent, idPrefix: string): StreamEvent => ({
  cursor,
  digest: feedDigest(`${cursor} ${text}`),
  entries: idsIn(text, idPrefix),
});

export type FeedOptions = {
  readonly stream: string;
  readonly clock: DrillClock;
  readonly wrong: { has(fault: FeedFault): boolean };
  readonly log: readonly FeedEvent[];
  readonly isUp: () => boolean;
  readonly restarted: () => boolean;
};

type Client = { readonly take: (event: FeedEvent) => void; readonly hangUp: () => void };

/** The live side of a simulated service: tells its clients of each event, and hangs up on them when it goes down. */
export const createFeed = ({ stream, clock, wrong, log, isUp, restarted }: FeedOptions) => {
  const clients = new Set<Client>();
  let told = 0;
  const observe: Target['observe'] = ({ streams, idPrefix, generations, everyMs }, signal) => {
    const stop = new AbortController();
    const enough = AbortSignal.any([stop.signal, signal]);
    let cursor = Number(streams[0]?.cursor ?? 0);
    let generation = generations;
    let pages: Observation[] = [];
    const closed = (code: number, own: object = {}) =>
      pages.push({ kind: 'closed', at: clock.now(), generation, code, reason: '', ...own });
    const client: Client = {
      take: (event) => {
        if (restarted() && wrong.has('tells no more events')) return;
        told += restarted() ? 1 : 0;
        if (told === 1 && wrong.has('skips an event on resume')) return;
        for (let left = told === 1 && wrong.has('tells an event twice') ? 2 : 1; left > 0; left -= 1) {
          pages.push({ kind: 'event', at: clock.now(), generation, stream, ...loggedAs(event, idPrefix) });
          cursor = event.cursor;
        }
      },
      hangUp: () => closed(1006),
    };
    const connect = (): void => {
      if (!isUp() || (restarted() && wrong.has('takes no client back'))) {
        if (pages.at(-1)?.kind !== 'refused') pages.push({ kind: 'refused', at: clock.now(), problem: 'status 503' });
        return;
      }
      generation += 1;
      pages.push({ kind: 'opened', at: clock.now(), generation });
      clients.add(client);
      for (const event of log.filter((one) => one.cursor > cursor)) client.take(event);
    };
    const watching = (async () => {
      while (!enough.aborted) {
        if (!clients.has(client)) connect();
        await clock.sleep(everyMs, enough);
      }
      if (clients.delete(client)) closed(1000, { own: true });
    })();
    return {
      drain: () => {
        const drained = pages;
        pages = [];
        return drained;
      },
      settle: async (_, until) => {
        while (!until.aborted && !clients.has(client)) await clock.sleep(everyMs, until);
        if (!until.aborted) pages.push({ kind: 'settled', at: clock.now() });
      },
      close: async () => {
        stop.abort();
        await watching;
      },
    };
  };
  return {
    observe,
    tell: (event: FeedEvent): void => {
      for (const client of clients) client.take(event);
    },
    goDown: (): void => {
      for (const { hangUp } of clients) hangUp();
      clients.clear();
    },
  };
};
