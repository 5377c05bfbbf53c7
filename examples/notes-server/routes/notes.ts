import { randomUUID } from 'node:crypto';
import { type Call, type Reply, type Route, refuse } from '../http.ts';
import { newNote, notePatch } from '../note-input.ts';
import {
  compareNotes,
  createNote,
  decodeCursor,
  deleteNote,
  listNotes,
  patchNote,
  type StoredNote,
  type WriteOutcome,
} from '../notes.ts';
import type { Store } from '../store.ts';

const PATH = '/api/v1/notes';
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

export function noteRoutes(deps: {
  readonly store: Store;
  /** The notes that a fresh fold of the log on disk yields, up to an `event_seq`. */
  readonly refold: (uptoSeq: number) => Promise<ReadonlyMap<string, StoredNote>>;
}): readonly Route[] {
  const { store } = deps;
  return [
    { method: 'GET', path: PATH, role: 'viewer', handle: (call) => list(store, call) },
    { method: 'POST', path: PATH, role: 'editor', handle: (call) => create(store, call) },
    {
      method: 'GET',
      path: `${PATH}/:id`,
      role: 'viewer',
      handle({ params: { id = '' } }) {
        const found = store.state.notes.get(id);
        return found === undefined ? missing(id) : { status: 200, json: found.note };
      },
    },
    { method: 'PATCH', path: `${PATH}/:id`, role: 'editor', handle: (call) => patch(store, call) },
    {
      method: 'DELETE',
      path: `${PATH}/:id`,
      role: 'editor',
      handle: ({ params: { id = '' } }) => (deleteNote(store, id) ? { status: 204 } : missing(id)),
    },
    {
      method: 'GET',
      path: '/api/v1/projections/check',
      role: 'viewer',
      async handle() {
        const { eventSeq } = store.state;
        const live = new Map(store.state.notes);
        await store.synced();
        const differences = compareNotes(live, await deps.refold(eventSeq));
        return {
          status: 200,
          json: { consistent: differences.length === 0, notes: live.size, eventSeq, differences },
        };
      },
    },
  ];
}

function list(store: Store, call: Call): Reply {
  const limitText = call.query.get('limit') ?? String(DEFAULT_LIMIT);
  const limit = /^\d{1,4}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > MAX_LIMIT) return refuse(422, 'INVALID', `limit: want 1 to ${MAX_LIMIT}, got ${limitText}`);
  const cursor = call.query.get('cursor');
  const after = cursor === null ? 0 : decodeCursor(cursor);
  if (after === undefined) return refuse(422, 'INVALID', 'cursor: want the nextCursor of an earlier page');
  return { status: 200, json: listNotes(store.state.notes, after, limit) };
}

async function create(store: Store, call: Call): Promise<Reply> {
  const key = idempotencyKey(call);
  if ('refusal' in key) return key.refusal;
  const input = await call.readJson(newNote);
  if ('refusal' in input) return input.refusal;
  const outcome = createNote(store, { id: randomUUID(), ...input.value }, key.value);
  const reply = replyTo(outcome, '', 201);
  if (outcome.kind !== 'done') return reply;
  return { ...reply, headers: { ...reply.headers, location: `${PATH}/${encodeURIComponent(outcome.note.id)}` } };
}

async function patch(store: Store, call: Call): Promise<Reply> {
  const key = idempotencyKey(call);
  if ('refusal' in key) return key.refusal;
  const input = await call.readJson(notePatch);
  if ('refusal' in input) return input.refusal;
  const { id = '' } = call.params;
  return replyTo(patchNote(store, id, input.value, key.value), id, 200);
}

function replyTo(outcome: WriteOutcome, id: string, status: number): Reply {
  switch (outcome.kind) {
    case 'done':
      return { status, json: outcome.note, ...(outcome.replayed && { headers: { 'idempotent-replayed': 'true' } }) };
    case 'missing':
      return missing(id);
    case 'conflict': {
      const { currentVersion } = outcome;
      return refuse(409, 'CONFLICT', `the note has moved on to version ${currentVersion}`, { currentVersion });
    }
    case 'keyReused':
      return refuse(422, 'IDEMPOTENCY_KEY_REUSED', 'this idempotency key came with another request before');
  }
}

function idempotencyKey(call: Call): { readonly value: string | undefined } | { readonly refusal: Reply } {
  const header = call.headers['idempotency-key'];
  const value = header === undefined ? undefined : String(header);
  if (value === undefined || (value.length >= 1 && value.length <= 255)) return { value };
  return { refusal: refuse(400, 'BAD_IDEMPOTENCY_KEY', 'an idempotency key has 1 to 255 characters') };
}

function missing(id: string): Reply {
  return refuse(404, 'NO_SUCH_NOTE', `there is no note ${id}`);
}
