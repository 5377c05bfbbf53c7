import { describe, expect, it } from 'vitest';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { anyFrame, expectToSurvive, mutatedFrames } from '../../support/codec-fuzz.ts';
import { openDialogue } from '../../support/dialogue-client.ts';
import { call, notesServer, TOKEN, temporaryFolder } from '../../support/notes-server.ts';

const codec = await loadCodec({ name: 'notes' });
const stream = 'workspace:1';

const converse = async () => {
  const server = await notesServer();
  const client = await openDialogue(codec, `${server.wsUrl}?token=${TOKEN}&client=codec`);
  const { body } = await call(server.url, 'GET', '/api/v1/notes?limit=1');
  const [note] = body.items as readonly { id: string; version: number }[];
  if (!note) throw new Error('the seed has no note');
  return { server, client, note };
};

describe('the notes codec against its server', () => {
  it('reads an event by its code, with its place in its stream and in all', async () => {
    const { client } = await converse();
    expect(await client.ask({ do: 'subscribe', stream, cursor: 0 })).toEqual({
      accepted: true,
      epoch: expect.any(String),
    });
    const event = await client.seen(({ role }) => role === 'event');
    const { event_code, event_seq } = event.body as { event_code: string; event_seq: number };
    expect(event).toMatchObject({
      type: event_code,
      role: 'event',
      stream,
      cursor: 1,
      sequence: event_seq,
      code: event_code,
    });
  });

  it('knows all that the server has said until now, but for the code that stands for one to come', async () => {
    const { client, note } = await converse();
    await client.ask({ do: 'subscribe', stream, cursor: 0 });
    client.send(
      { type: 'patch', id: 'p', note_id: note.id, version: note.version, title: 'changed' },
      { type: 'ping' },
    );
    expect(await client.seenLike({ id: 'p' })).toMatchObject({ type: 'patched', role: 'ack' });
    expect(await client.seenLike({ type: 'pong' })).toMatchObject({ role: 'heartbeat' });
    await client.seen(({ body }) => (body as { title?: string }).title === 'changed');
    await client.ask({ do: 'unsubscribe', stream });
    const unknown = client.messages().filter(({ role }) => role === 'unknown' || role === undefined);
    expect(new Set(unknown.map(({ type }) => type))).toEqual(new Set(['future_workspace_event']));
  });

  it('tells a stale ack from an accepted one by the machine code', async () => {
    const { client } = await converse();
    const ack = (cursor: number) => client.ask({ do: 'ack', stream, cursor });
    expect(await ack(3)).toEqual({ accepted: true });
    expect(await ack(2)).toEqual({ accepted: false, code: 'STALE_CURSOR' });
    expect(await ack(9_999)).toEqual({ accepted: false, code: 'FUTURE_CURSOR' });
  });

  it('resumes from the last cursor: what is missed comes, and nothing twice', async () => {
    const { server, client, note } = await converse();
    await client.ask({ do: 'subscribe', stream, cursor: 0 });
    const body = { version: note.version, title: 'before' };
    await call(server.url, 'PATCH', `/api/v1/notes/${note.id}`, { body });
    const last = await client.seen(({ body }) => (body as { title?: string }).title === 'before');
    expect(client.dialogue.resumption()).toMatchObject({
      streams: { [stream]: last.cursor },
      epoch: expect.any(String),
    });
    await client.terminate();
    await call(server.url, 'PATCH', `/api/v1/notes/${note.id}`, {
      body: { version: note.version + 1, title: 'missed' },
    });
    await client.reopen();
    expect(await client.settled()).toEqual({ state: 'ready', resumption: 'resumed' });
    const missed = await client.seen(({ role }) => role === 'event');
    expect(missed).toMatchObject({ cursor: (last.cursor as number) + 1, body: { title: 'missed' } });
  });

  it('is reset by a server whose log is another, though it accepts the cursor', async () => {
    const { client } = await converse();
    await client.ask({ do: 'subscribe', stream, cursor: 0 });
    await client.seen(({ role }) => role === 'event');
    const other = await notesServer({ dataDir: await temporaryFolder() });
    await client.reopen({ url: other.wsUrl });
    expect(await client.settled()).toEqual({ state: 'ready', resumption: 'reset' });
  });

  it('is refused by a server whose log is shorter', async () => {
    const { client } = await converse();
    await client.ask({ do: 'subscribe', stream, cursor: 0 });
    await client.seen(({ role }) => role === 'event');
    const empty = await notesServer({ seed: false });
    await client.reopen({ url: empty.wsUrl });
    expect(await client.settled()).toMatchObject({ state: 'refused', code: 'FUTURE_CURSOR' });
  });

  it('never throws: anything, and its real frames, broken', async () => {
    const { client } = await converse();
    await client.ask({ do: 'subscribe', stream, cursor: 0 });
    await client.ask({ do: 'ack', stream, cursor: 9_999 });
    const corpus = client.frames.flatMap(({ direction, raw }) => (direction === 'in' ? [raw] : []));
    expect(corpus.length).toBeGreaterThan(5);
    expectToSurvive(codec, mutatedFrames(corpus));
    expectToSurvive(codec, anyFrame);
  });
});
