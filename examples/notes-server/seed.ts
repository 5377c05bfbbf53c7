import { runEvent } from './automation.ts';
import { createNote, patchNote, WORKSPACE_STREAM } from './notes.ts';
import type { Store } from './store.ts';

const NOTES = [
  { id: '1', title: 'Tide table', body: 'High water 04:12 and 16:35.' },
  { id: '2', title: 'Cargo list', body: 'Forty crates of tea, two of lemons.' },
  { id: '3', title: 'Crew rota', body: 'First watch: Ann, Bo, Cem.' },
] as const;

/**
 * Fills an empty log, so that a probe finds something to read: three notes, two rules, one event of each code that the
 * vocabulary has, and last in `workspace:1` note_patched, then a run queued, running and succeeded.
 */
export function seed(store: Store): void {
  store.record({ kind: 'rule', rule_id: 'rule-1', outcome: 'succeeded' });
  store.record({ kind: 'rule', rule_id: 'rule-failing', outcome: 'failed' });
  for (const note of NOTES) createNote(store, note);
  seedOperations(store);
  store.commit({
    type: 'workspace_event',
    event_code: 'future_workspace_event',
    streams: [WORKSPACE_STREAM],
    payload: { detail: 'a code that no consumer knows yet' },
  });
  patchNote(store, '1', { version: 1, body: 'High water 04:58 and 17:21.' });
  for (const status of ['queued', 'running', 'succeeded'] as const) {
    store.commit(runEvent({ id: 'seed-run-1', ruleId: 'rule-1', status }));
  }
}

function seedOperations(store: Store): void {
  const operation = {
    provider: 'loopback',
    model: 'keyword-counter-1',
    counts: { created: 0, updated: 1, deleted: 0 },
  };
  const common = { type: 'workspace_event', streams: [WORKSPACE_STREAM] } as const;
  const first = { operation_id: 'seed-operation-1', ...operation };
  const second = { operation_id: 'seed-operation-2', ...operation };
  store.commit({ ...common, event_code: 'operation_preview', payload: first });
  store.commit({ ...common, event_code: 'operation_applied', payload: first });
  store.commit({ ...common, event_code: 'operation_preview', payload: second });
  store.commit({
    ...common,
    event_code: 'operation_rejected',
    payload: { ...second, reason: 'a person said no' },
  });
}
