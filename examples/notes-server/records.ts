import { z } from 'zod';

/**
 * What one line of the log may hold. Events are what the streams show; the other kinds are facts that must survive a
 * restart but belong to no stream.
 */

const stamp = z.iso.datetime();
const counts = z.object({ created: z.int(), updated: z.int(), deleted: z.int() });
const operation = z.object({ operation_id: z.string(), provider: z.string(), model: z.string(), counts });
const noteText = z.object({ note_id: z.string(), version: z.int().positive(), title: z.string(), body: z.string() });

export const RUN_STATUSES = ['queued', 'running', 'succeeded', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

function event<Type extends string, Code extends string, Payload extends z.ZodType>(
  type: Type,
  code: Code,
  payload: Payload,
) {
  return z.object({
    kind: z.literal('event'),
    /** Global commit order, from 1, without gaps. */
    event_seq: z.int().positive(),
    type: z.literal(type),
    event_code: z.literal(code),
    at: stamp,
    /** The event's cursor in each of these is its position there, so it is counted, not stored. */
    streams: z.array(z.string()).min(1).readonly(),
    payload,
    /** Set when the client asked for this write by an idempotency key. */
    idempotency: z.object({ key: z.string(), fingerprint: z.string() }).optional(),
  });
}

function runEvent<Status extends RunStatus>(status: Status) {
  const payload = z.object({ run_id: z.string(), rule_id: z.string(), status: z.literal(status) });
  return event('automation_event', `automation_run_${status}` as const, payload);
}

/** The stable vocabulary: codes are added, never renamed. */
const eventRecord = z.discriminatedUnion('event_code', [
  event('workspace_event', 'note_created', noteText),
  event('workspace_event', 'note_patched', noteText),
  event('workspace_event', 'note_deleted', z.object({ note_id: z.string(), version: z.int().positive() })),
  event('workspace_event', 'operation_preview', operation),
  event('workspace_event', 'operation_applied', operation),
  event('workspace_event', 'operation_rejected', operation.extend({ reason: z.string() })),
  // Stands for a code that today's consumers have never heard of.
  event('workspace_event', 'future_workspace_event', z.object({ detail: z.string() })),
  runEvent('queued'),
  runEvent('running'),
  runEvent('succeeded'),
  runEvent('failed'),
]);

const factRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rule'), rule_id: z.string(), outcome: z.enum(['succeeded', 'failed']) }),
  z.object({ kind: z.literal('ack'), client: z.string(), stream: z.string(), cursor: z.int().nonnegative() }),
  z.object({
    kind: z.literal('request_log'),
    id: z.string(),
    at: stamp,
    provider: z.string(),
    model: z.string().optional(),
    latency_ms: z.number().nonnegative(),
    status: z.int().optional(),
  }),
  z.object({
    kind: z.literal('agent_question'),
    id: z.string(),
    at: stamp,
    question: z.string(),
    decision: z.enum(['apply', 'reject']),
  }),
  z.object({ kind: z.literal('agent_answer'), id: z.string(), at: stamp, answer: z.string() }),
]);

export const logRecord = z.union([eventRecord, factRecord]);
export const logHeader = z.object({ kind: z.literal('log'), version: z.literal(1), epoch: z.uuid(), at: stamp });

export type EventRecord = z.infer<typeof eventRecord>;
export type EventCode = EventRecord['event_code'];
export type FactRecord = z.infer<typeof factRecord>;
export type LogRecord = z.infer<typeof logRecord>;

type WithoutOrder<T> = T extends unknown ? Omit<T, 'kind' | 'event_seq' | 'at'> : never;
/** An event before the store has given it its place in the order. */
export type EventDraft = WithoutOrder<EventRecord>;

/** True for a record that some HTTP client was told is safe: a note change, a queued run, a log entry, a question. */
export function isAcknowledgedWrite(record: LogRecord): boolean {
  if (record.kind === 'request_log' || record.kind === 'agent_question') return true;
  if (record.kind !== 'event') return false;
  return record.event_code.startsWith('note_') || record.event_code === 'automation_run_queued';
}
