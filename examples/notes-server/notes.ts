import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { NotePatch } from './note-input.ts';
import type { EventRecord } from './records.ts';
import type { Store } from './store.ts';

/** A note as clients see it. Times are ISO 8601, versions count from 1. */
export type Note = {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
};

/** `createdSeq` is the event that made the note: the order of lists, and what a page cursor points at. */
export type StoredNote = { readonly note: Note; readonly createdSeq: number };

/** Folds one event into the projection; events that are not about notes leave it alone. */
export type NoteFold = (notes: Map<string, StoredNote>, event: EventRecord) => void;

export const WORKSPACE_STREAM = 'workspace:1';

export const foldNote: NoteFold = (notes, event) => {
  if (event.event_code === 'note_deleted') notes.delete(event.payload.note_id);
  const next = noteAfter(notes, event);
  if (next !== undefined) notes.set(next.note.id, next);
};

/** The fault `drift-projection`: a patch bumps the version, but its text never reaches the projection. */
export const foldNoteWithDrift: NoteFold = (notes, event) => {
  const before = event.event_code === 'note_patched' ? notes.get(event.payload.note_id) : undefined;
  foldNote(notes, event);
  const after = before === undefined ? undefined : notes.get(before.note.id);
  if (before === undefined || after === undefined) return;
  notes.set(before.note.id, {
    ...after,
    note: { ...after.note, title: before.note.title, body: before.note.body },
  });
};

/** The note that an event leaves behind; undefined when it is not about a note, or deletes it. */
export function noteAfter(notes: ReadonlyMap<string, StoredNote>, event: EventRecord): StoredNote | undefined {
  if (event.event_code !== 'note_created' && event.event_code !== 'note_patched') return undefined;
  const { note_id: id, version, title, body } = event.payload;
  const before = notes.get(id);
  return {
    createdSeq: before?.createdSeq ?? event.event_seq,
    note: { id, title, body, version, createdAt: before?.note.createdAt ?? event.at, updatedAt: event.at },
  };
}

/** What became of a write. `replayed`: the idempotency key had been used before, and nothing was added. */
export type WriteOutcome =
  | { readonly kind: 'done'; readonly note: Note; readonly replayed: boolean }
  | { readonly kind: 'missing' }
  | { readonly kind: 'conflict'; readonly currentVersion: number }
  | { readonly kind: 'keyReused' };

export type NewNote = { readonly id: string; readonly title: string; readonly body: string };

export function createNote(store: Store, input: NewNote, key?: string): WriteOutcome {
  // The id is the server's choice, so it is no part of what the client asked for.
  const asked = identify(key, ['create', input.title, input.body]);
  const earlier = recall(store, asked);
  if (earlier !== undefined) return earlier;
  const event = store.commit({
    type: 'workspace_event',
    event_code: 'note_created',
    streams: [`note:${input.id}`, WORKSPACE_STREAM],
    payload: { note_id: input.id, version: 1, title: input.title, body: input.body },
    ...(asked && { idempotency: asked }),
  });
  const note = { ...input, version: 1, createdAt: event.at, updatedAt: event.at };
  return { kind: 'done', note, replayed: false };
}

export function patchNote(store: Store, id: string, patch: NotePatch, key?: string): WriteOutcome {
  const asked = identify(key, ['patch', id, patch.version, patch.title ?? null, patch.body ?? null]);
  const earlier = recall(store, asked);
  if (earlier !== undefined) return earlier;
  const current = store.state.notes.get(id);
  if (current === undefined) return { kind: 'missing' };
  if (current.note.version !== patch.version) return { kind: 'conflict', currentVersion: current.note.version };
  const version = patch.version + 1;
  const title = patch.title ?? current.note.title;
  const body = patch.body ?? current.note.body;
  const event = store.commit({
    type: 'workspace_event',
    event_code: 'note_patched',
    streams: [`note:${id}`, WORKSPACE_STREAM],
    payload: { note_id: id, version, title, body },
    ...(asked && { idempotency: asked }),
  });
  const note = { id, title, body, version, createdAt: current.note.createdAt, updatedAt: event.at };
  return { kind: 'done', note, replayed: false };
}

/** False when there is no such note. */
export function deleteNote(store: Store, id: string): boolean {
  const current = store.state.notes.get(id);
  if (current === undefined) return false;
  store.commit({
    type: 'workspace_event',
    event_code: 'note_deleted',
    streams: [`note:${id}`, WORKSPACE_STREAM],
    payload: { note_id: id, version: current.note.version },
  });
  return true;
}

export type NotePage = { readonly items: readonly Note[]; readonly nextCursor: string | null };

/** One page in order of creation. `after` is the `createdSeq` of the last note of the page before, 0 for the first. */
export function listNotes(notes: ReadonlyMap<string, StoredNote>, after: number, limit: number): NotePage {
  const page: StoredNote[] = [];
  for (const stored of notes.values()) {
    if (stored.createdSeq <= after) continue;
    if (page.length === limit) return { items: page.map((one) => one.note), nextCursor: encodeCursor(page.at(-1)) };
    page.push(stored);
  }
  return { items: page.map((one) => one.note), nextCursor: null };
}

const CURSOR_PREFIX = 'after:';

function encodeCursor(last: StoredNote | undefined): string {
  return Buffer.from(`${CURSOR_PREFIX}${last?.createdSeq ?? 0}`).toString('base64url');
}

/** The position in a page cursor, or undefined when it is not one of ours. */
export function decodeCursor(cursor: string): number | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = text.startsWith(CURSOR_PREFIX) ? Number(text.slice(CURSOR_PREFIX.length)) : Number.NaN;
  return Number.isSafeInteger(position) && position >= 0 ? position : undefined;
}

export type NoteDifference = { readonly id: string; readonly live: Note | null; readonly fold: Note | null };

/** Every note in which the live projection and a fresh fold of the log disagree. */
export function compareNotes(
  live: ReadonlyMap<string, StoredNote>,
  fold: ReadonlyMap<string, StoredNote>,
): readonly NoteDifference[] {
  return [...new Set([...live.keys(), ...fold.keys()])]
    .map((id) => ({ id, live: live.get(id)?.note ?? null, fold: fold.get(id)?.note ?? null }))
    .filter((one) => !isDeepStrictEqual(one.live, one.fold));
}

type Asked = { readonly key: string; readonly fingerprint: string };

function identify(key: string | undefined, request: readonly unknown[]): Asked | undefined {
  if (key === undefined) return undefined;
  return { key, fingerprint: createHash('sha256').update(JSON.stringify(request)).digest('base64url') };
}

/** The first answer to this key, or a refusal when the key came with another request. */
function recall(store: Store, asked: Asked | undefined): WriteOutcome | undefined {
  const reply = asked === undefined ? undefined : store.state.replies.get(asked.key);
  if (reply === undefined) return undefined;
  if (reply.fingerprint !== asked?.fingerprint) return { kind: 'keyReused' };
  return { kind: 'done', note: reply.note, replayed: true };
}
