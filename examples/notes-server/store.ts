import type { EventLog, LogContents } from './event-log.ts';
import type { NoteFold } from './notes.ts';
import type { EventDraft, EventRecord, FactRecord } from './records.ts';
import { applyRecord, emptyState, type State } from './state.ts';

/**
 * State and log as one. A write changes the state at once, so that the next one is decided against it, and is queued
 * for the disk; whoever shows state to a client first awaits `synced()`. So nothing leaves the process that a crash
 * could take back.
 */
export type Store = {
  readonly state: Readonly<State>;
  /** Gives the event its place in the order. Not durable before `synced()`. */
  commit(draft: EventDraft): EventRecord;
  record(fact: FactRecord): void;
  synced(): Promise<void>;
  /** `event_seq` up to which events are on disk and may be streamed. */
  durableSeq(): number;
  /** Called after each event became durable. */
  onDurable(listener: () => void): void;
};

export function createStore(
  log: EventLog,
  contents: LogContents,
  options: { readonly now: () => number; readonly foldNote: NoteFold },
): Store {
  const state = emptyState();
  for (const { record } of contents.entries) applyRecord(state, record, options.foldNote);
  const listeners: (() => void)[] = [];
  let durableSeq = state.eventSeq;

  return {
    state,
    commit(draft) {
      const at = new Date(options.now()).toISOString();
      const event: EventRecord = { kind: 'event', event_seq: state.eventSeq + 1, at, ...draft };
      applyRecord(state, event, options.foldNote);
      log.append(event, () => {
        durableSeq = event.event_seq;
        for (const tell of listeners) tell();
      });
      return event;
    },
    record(fact) {
      applyRecord(state, fact, options.foldNote);
      log.append(fact);
    },
    synced: () => log.synced(),
    durableSeq: () => durableSeq,
    onDurable: (listener) => listeners.push(listener),
  };
}
