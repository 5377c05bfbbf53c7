import { tableShape } from '../../names.ts';
import type { PageEvent } from '../../page/event.ts';
import type { EventOutcome, Store } from '../../result/store.ts';
import { timeOf } from '../../result/values.ts';
import { bytes, expirySeconds, number, numberIn, pack, unpackIn } from './items.ts';
import { isOutboxKey, type Key, keyIn, keyItem, keyNames, outboxKey, outboxOf, outboxPk, settledKey } from './keys.ts';
import type { Parts } from './parts.ts';
import type { Write } from './transact.ts';

const absent = { expression: 'attribute_not_exists(#pk)' };
const present = { expression: 'attribute_exists(#pk)' };

/** Makes an event pending that neither is nor was. */
export const eventWrites = async (event: PageEvent, arrival: number): Promise<{ put: Write; check: Write }> => ({
  put: {
    kind: 'put',
    item: {
      ...keyItem(outboxKey(event.probe, event.id)),
      arrival: number(arrival),
      document: bytes(await pack(event)),
    },
    condition: absent,
  },
  check: { kind: 'check', key: settledKey(event.id), condition: absent },
});

/** The outbox: events that are to be sent. They come in with the step that brought them. */
export const eventsOf = ({ table, retention }: Parts): Pick<Store, 'pendingEvents' | 'settleEvent'> => {
  // Whoever settles has seen what is pending; else it is looked for.
  const places = new Map<string, Key>();
  const find = async (eventId: string): Promise<Key | undefined> =>
    places.get(eventId) ??
    (await table.all({ pk: outboxPk, only: keyNames })).map(keyIn).find((key) => isOutboxKey(key, eventId));
  return {
    pendingEvents: async (probe) => {
      const items = await table.all({ pk: outboxPk, ...(probe === undefined ? {} : { range: outboxOf(probe) }) });
      const inOrder = items.toSorted((a, b) => (numberIn(a, 'arrival') ?? 0) - (numberIn(b, 'arrival') ?? 0));
      const found = await Promise.all(inOrder.map((item) => unpackIn<PageEvent>(item, 'document')));
      const events = found.filter((event) => event !== undefined);
      for (const event of events) places.set(event.id, outboxKey(event.probe, event.id));
      return probe === undefined ? events : events.filter((event) => event.probe === probe);
    },
    settleEvent: async (eventId, outcome) => {
      const expiresAt = expirySeconds(timeOf('at', outcome.at) + retention.runsMs);
      const key = eventId === '' ? undefined : await find(eventId);
      if (!key) return 'unknown';
      places.delete(eventId);
      const settled = {
        ...keyItem(settledKey(eventId)),
        [tableShape.expiry]: number(expiresAt),
        outcome: bytes(await pack(outcome satisfies EventOutcome)),
      };
      const writes: readonly Write[] = [
        { kind: 'remove', key, condition: present },
        { kind: 'put', item: settled },
      ];
      return (await table.transact(writes)).done ? 'settled' : 'unknown';
    },
  };
};
