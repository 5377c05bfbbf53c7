import { z } from 'zod';
import { notePatch } from './note-input.ts';

/** What a client may send over the websocket; `id` comes back in the answer, so that a client can pair the two. */
const id = z.union([z.string(), z.number()]).optional();
const stream = z.string().regex(/^(note|workspace):\S{1,200}$/, 'want note:{id} or workspace:{id}');
const cursor = z.int('want a whole number').nonnegative('must not be negative');

export const clientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribe'), id, stream, cursor }),
  z.object({ type: z.literal('unsubscribe'), id, stream }),
  z.object({ type: z.literal('ack'), id, stream, cursor }),
  z.object({
    type: z.literal('patch'),
    id,
    note_id: z.string(),
    idempotency_key: z.string().min(1).max(255).optional(),
    ...notePatch.shape,
  }),
  z.object({ type: z.literal('ping'), id }),
]);

export type ClientMessage = z.infer<typeof clientMessage>;

export type ErrorCode =
  | 'BAD_MESSAGE'
  | 'UNKNOWN_TYPE'
  | 'STALE_CURSOR'
  | 'FUTURE_CURSOR'
  | 'CONFLICT'
  | 'NO_SUCH_NOTE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'UNAUTHENTICATED'
  | 'INTERNAL';

/** Any frame but an event: the answer to one message. */
export type Answer = { readonly type: string; readonly [key: string]: unknown };

export function errorFrame(code: ErrorCode, message: string, more: object = {}): Answer {
  return { type: 'error', code, message, ...more };
}

const TYPES: ReadonlySet<unknown> = new Set(clientMessage.options.map((option) => option.shape.type.value));

/** Reads one text frame, or says what is wrong with it. */
export function readMessage(text: string): { readonly message: ClientMessage } | { readonly error: Answer } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { error: errorFrame('BAD_MESSAGE', 'a frame must be JSON') };
  }
  const envelope = z.object({ type: z.string(), id: id.catch(undefined) }).safeParse(value);
  if (!envelope.success) return { error: errorFrame('BAD_MESSAGE', 'a frame must be an object with a type') };
  const echo = envelope.data.id === undefined ? {} : { id: envelope.data.id };
  const { type } = envelope.data;
  if (!TYPES.has(type)) {
    return { error: errorFrame('UNKNOWN_TYPE', `there is no message type ${type}`, { received: type, ...echo }) };
  }
  const parsed = clientMessage.safeParse(value);
  if (parsed.success) return { message: parsed.data };
  const [issue] = parsed.error.issues;
  const problem = `${issue?.path.join('.')}: ${issue?.message}`;
  return { error: errorFrame('BAD_MESSAGE', `${type}: ${problem}`, echo) };
}
