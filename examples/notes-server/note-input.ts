import { z } from 'zod';

/** What clients may say about a note, over HTTP and websocket alike. */

const title = z.string('want text').trim().min(1, 'must not be empty').max(200, 'may have 200 characters');
const body = z.string('want text').max(100_000, 'may have 100000 characters');

export const newNote = z.strictObject({ title, body: body.default('') });

export const notePatch = z.strictObject({
  version: z.int('want the version that the change is based on').positive(),
  title: title.optional(),
  body: body.optional(),
});

export type NotePatch = z.infer<typeof notePatch>;
