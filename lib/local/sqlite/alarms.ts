import type { DatabaseSync } from 'node:sqlite';
import type { ProbeState } from '../../judge/state.ts';
import type { PageEvent } from '../../page/event.ts';
import type { EventOutcome, Store } from '../../result/store.ts';
import { naming } from './errors.ts';
import { transact } from './open.ts';
import * as statements from './statements.ts';

const timeOf = (name: string, time: string): number => {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError(`${name} is no ISO time: ${time}`);
  return ms;
};

const documentOf = <T>(row: Readonly<Record<string, unknown>>): T => JSON.parse(String(row.document));

/** The part of the store that keeps states of probes, and the events that are to be sent. */
export const alarmsOf = (
  database: DatabaseSync,
  path: string,
  keepSettledMs: number,
): Pick<Store, 'state' | 'states' | 'advance' | 'pendingEvents' | 'settleEvent'> => {
  const selectState = database.prepare(statements.selectState);
  const selectStates = database.prepare(statements.selectStates);
  const upsertState = database.prepare(statements.upsertState);
  const insertEvent = database.prepare(statements.insertEvent);
  const selectPending = database.prepare(statements.selectPending);
  const settleEvent = database.prepare(statements.settleEvent);

  const readState = (probe: string): ProbeState | undefined => {
    const row = selectState.get(probe);
    return row && documentOf<ProbeState>(row);
  };
  const advance = (state: ProbeState, event?: PageEvent): 'stored' | 'stale' => {
    const row = [state.probe, timeOf('lastSlot', state.lastSlot), JSON.stringify(state)];
    const told = event && [event.id, JSON.stringify(event)];
    return transact(database, () => {
      if (upsertState.run(...row).changes === 0) return 'stale';
      if (told) insertEvent.run(...told);
      return 'stored';
    });
  };
  const settle = (eventId: string, outcome: EventOutcome): 'settled' | 'unknown' => {
    const expiresAt = timeOf('at', outcome.at) + keepSettledMs;
    return settleEvent.run(JSON.stringify(outcome), expiresAt, eventId).changes === 0 ? 'unknown' : 'settled';
  };

  return {
    state: async (probe) => naming(path, () => readState(probe)),
    states: async () => naming(path, () => selectStates.all().map((row) => documentOf<ProbeState>(row))),
    advance: async (state, event) => naming(path, () => advance(state, event)),
    pendingEvents: async () => naming(path, () => selectPending.all().map((row) => documentOf<PageEvent>(row))),
    settleEvent: async (eventId, outcome) => naming(path, () => settle(eventId, outcome)),
  };
};
