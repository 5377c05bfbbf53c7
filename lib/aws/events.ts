import { eventSource, verdictChanged } from '../names.ts';
import type { PageEvent } from '../page/event.ts';
import { cutText } from '../result/redact.ts';
import type { EventBridgeClient } from './sdk/eventbridge.ts';
import { type Batching, type Refusal, type SendDeps, sendBatches } from './send-batches.ts';

export type Events = {
  /**
   * Puts `ProbeVerdictChanged` on the default bus. Never rejects: the store's outbox has them, and the judge puts again what
   * nobody settled. Answers how many were put.
   */
  put(events: readonly PageEvent[]): Promise<number>;
};

/** Of an entry, and of all in one call. What its targets take was the less for years, and is nowhere more. */
const mostBytes = 256 * 1024;
const mostEntries = 10;

/** Entries count their source and their type too, and 14 bytes for a time. */
const overheadBytes = Buffer.byteLength(`${eventSource}${verdictChanged}`) + 14;

/** What a person needs of a text that is too long stands at its head. */
const shortTextChars = 4_000;
const shortReasonChars = 500;
const mostReasons = 20;

type Entry = { readonly event: PageEvent; readonly detail: string };

const shorten = (event: PageEvent): PageEvent => ({
  ...event,
  reasons: event.reasons.slice(0, mostReasons).map((reason) => cutText(reason, shortReasonChars)),
  title: cutText(event.title, shortReasonChars),
  text: cutText(event.text, shortTextChars),
});

/** JSON of an event for the bus; one that is too large has its texts cut, and the outbox has them whole. */
export const detailOf = (event: PageEvent): string => {
  const whole = JSON.stringify(event);
  return Buffer.byteLength(whole) + overheadBytes <= mostBytes ? whole : JSON.stringify(shorten(event));
};

const batchingOf = (eventbridge: () => Promise<EventBridgeClient>): Batching<Entry> => ({
  mostEntries,
  mostBytes,
  bytesOf: ({ detail }) => Buffer.byteLength(detail) + overheadBytes,
  send: async (entries) => {
    const { PutEventsCommand } = await import('./sdk/eventbridge.ts');
    const Entries = entries.map(({ detail }) => ({
      Source: eventSource,
      DetailType: verdictChanged,
      Detail: detail,
    }));
    const { Entries: results = [] } = await (await eventbridge()).send(new PutEventsCommand({ Entries }));
    return results.flatMap(({ ErrorCode, ErrorMessage }, index): readonly Refusal[] =>
      ErrorCode === undefined ? [] : [{ index, reason: `${ErrorCode}: ${ErrorMessage ?? ''}`, final: false }],
    );
  },
});

export const openEvents = (
  { eventbridge }: { readonly eventbridge: () => Promise<EventBridgeClient> },
  deps: SendDeps,
): Events => ({
  put: async (events) => {
    if (events.length === 0) return 0;
    const entries = events.map((event) => ({ event, detail: detailOf(event) }));
    const unsent = await sendBatches(entries, batchingOf(eventbridge), deps);
    for (const { entry, reason } of unsent) {
      deps.log({ level: 'warn', what: 'event not put', event: entry.event.id, probe: entry.event.probe, reason });
    }
    return events.length - unsent.length;
  },
});
