import { type Note, type NoteFold, noteAfter, type StoredNote } from './notes.ts';
import type { EventRecord, FactRecord, LogRecord, RunStatus } from './records.ts';

export type Run = { readonly id: string; readonly ruleId: string; readonly status: RunStatus };
export type Question = {
  readonly id: string;
  readonly question: string;
  readonly decision: 'apply' | 'reject';
  /** Absent while the agent is thinking. */
  readonly answer?: string;
};
export type StoredReply = { readonly fingerprint: string; readonly note: Note };

/** All that the server knows: the fold of its log, and nothing else. */
export type State = {
  /** `event_seq` of the last event. */
  eventSeq: number;
  requestLogEntries: number;
  /** An event's cursor in a stream is its index there plus one. */
  readonly streams: Map<string, EventRecord[]>;
  readonly notes: Map<string, StoredNote>;
  /** By idempotency key. */
  readonly replies: Map<string, StoredReply>;
  /** How a rule's runs end, by rule id. */
  readonly rules: Map<string, 'succeeded' | 'failed'>;
  readonly runs: Map<string, Run>;
  readonly questions: Map<string, Question>;
  /** Acknowledged cursor by `ackKey`. */
  readonly acks: Map<string, number>;
};

export function emptyState(): State {
  return {
    eventSeq: 0,
    requestLogEntries: 0,
    streams: new Map(),
    notes: new Map(),
    replies: new Map(),
    rules: new Map(),
    runs: new Map(),
    questions: new Map(),
    acks: new Map(),
  };
}

export function ackKey(client: string, stream: string): string {
  return JSON.stringify([client, stream]);
}

/** Folds one record in, in place. */
export function applyRecord(state: State, record: LogRecord, foldNote: NoteFold): void {
  if (record.kind === 'event') applyEvent(state, record, foldNote);
  else applyFact(state, record);
}

function applyEvent(state: State, event: EventRecord, foldNote: NoteFold): void {
  state.eventSeq = event.event_seq;
  for (const stream of event.streams) {
    const events = state.streams.get(stream);
    if (events === undefined) state.streams.set(stream, [event]);
    else events.push(event);
  }
  const written = noteAfter(state.notes, event);
  if (event.idempotency !== undefined && written !== undefined) {
    const { key, fingerprint } = event.idempotency;
    state.replies.set(key, { fingerprint, note: written.note });
  }
  foldNote(state.notes, event);
  if (event.type === 'automation_event') {
    const { run_id: id, rule_id: ruleId, status } = event.payload;
    state.runs.set(id, { id, ruleId, status });
  }
}

function applyFact(state: State, fact: FactRecord): void {
  switch (fact.kind) {
    case 'rule':
      state.rules.set(fact.rule_id, fact.outcome);
      return;
    case 'ack':
      state.acks.set(ackKey(fact.client, fact.stream), fact.cursor);
      return;
    case 'request_log':
      state.requestLogEntries++;
      return;
    case 'agent_question':
      state.questions.set(fact.id, { id: fact.id, question: fact.question, decision: fact.decision });
      return;
    case 'agent_answer': {
      const question = state.questions.get(fact.id);
      if (question !== undefined) state.questions.set(fact.id, { ...question, answer: fact.answer });
      return;
    }
  }
}
