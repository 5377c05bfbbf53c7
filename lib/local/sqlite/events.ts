import type { DatabaseSync } from 'node:sqlite';
import type { PageEvent } from '../../page/event.ts';
import type { EventOutcome, Store } from '../../result/store.ts';
import { timeOf } from '../../result/values.ts';
import { naming } from './errors.ts';
import * as statements from './statements.ts';
import { documentOf } from './values.ts';

/** The outbox: events that are to be sent. They come in with the step that brought them. */
export const eventsOf = (
  database: DatabaseSync,
  path: string,
  keepSettledMs: number,
): Pick<Store, 'pendingEvents' | 'settleEvent'> => {
  const selectPending = database.prepare(statements.selectPending);
  const settleEvent = database.prepare(statements.settleEvent);
  const settle = (eventId: string, outcome: EventOutcome): 'settled' | 'unknown' => {
    const expiresAt = timeOf('at', outcome.at) + keepSettledMs;
    return settleEvent.run(JSON.stringify(outcome), expiresAt, eventId).changes === 0 ? 'unknown' : 'settled';
  };
  return {
    pendingEvents: async (probe) => {
      const events = naming(path, () => selectPending.all().map((row) => documentOf<PageEvent>(row)));
      return probe === undefined ? events : events.filter((event) => event.probe === probe);
    },
    settleEvent: async (eventId, outcome) => naming(path, () => settle(eventId, outcome)),
  };
};
