import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { call, type Frame, notesServer, openSocket, type Socket, TOKEN } from '../support/notes-server.ts';

const STREAM = 'workspace:1';
const AUTH = { authorization: `Bearer ${TOKEN}` };
const eventsOf = ({ frames }: Socket, stream = STREAM) => frames.filter((f) => f.event_code && f.stream === stream);
const codesOf = (frames: readonly Frame[]) => frames.map((frame) => frame.event_code);

/** All that a replay of the stream holds, from `cursor` to the head at this moment. */
async function replay(wsUrl: string, stream: string, cursor = 0): Promise<readonly Frame[]> {
  const socket = await openSocket(wsUrl);
  const { head } = await socket.ask({ type: 'subscribe', stream, cursor });
  if (Number(head) > cursor) await socket.seen({ stream, cursor: head, type: 'automation_event' });
  return eventsOf(socket, stream);
}

async function refusedUpgrade(url: string, headers = {}): Promise<{ status: unknown; time: unknown }> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  socket.terminate();
  return { status: response.statusCode, time: response.headers['server-timing'] };
}

test('the seed replays in commit order, typed, gapless, and ends in a patch and a whole run', async () => {
  const { wsUrl } = await notesServer();
  const frames = await replay(wsUrl, STREAM);
  expect(frames.map(({ cursor }) => cursor)).toEqual(frames.map((_, index) => index + 1));
  expect(frames.map(({ event_seq }) => event_seq)).toEqual(frames.map((_, index) => index + 1));
  expect(codesOf(frames.slice(-4))).toEqual([
    'note_patched',
    'automation_run_queued',
    'automation_run_running',
    'automation_run_succeeded',
  ]);
  for (const { type, event_code, run_id, status } of frames) {
    const automation = String(event_code).startsWith('automation_run_');
    expect(type).toBe(automation ? 'automation_event' : 'workspace_event');
    expect([run_id, status].every((value) => typeof value === 'string')).toBe(automation);
  }
});

test('the seed holds every kind of operation with its counts, provider and model, and a code nobody knows', async () => {
  const { wsUrl } = await notesServer();
  const frames = await replay(wsUrl, STREAM);
  for (const event_code of ['operation_preview', 'operation_applied', 'operation_rejected']) {
    expect(frames).toContainEqual(
      expect.objectContaining({
        event_code,
        provider: expect.any(String),
        model: expect.any(String),
        counts: { created: 0, updated: 1, deleted: 0 },
      }),
    );
  }
  expect(codesOf(frames)).toContain('future_workspace_event');
});

test('a replay starts after the cursor given and goes on with what happens live', async () => {
  const { url, wsUrl } = await notesServer();
  const socket = await openSocket(wsUrl);
  const subscribed = await socket.ask({ type: 'subscribe', stream: STREAM, cursor: 9 });
  expect(subscribed).toMatchObject({ type: 'subscribed', stream: STREAM, cursor: 9, head: 12, acked: 0 });
  expect(subscribed.epoch).toBe((await call(url, 'GET', '/identity')).body.epoch);
  await call(url, 'POST', '/api/v1/notes', { body: { title: 'live' } });
  await socket.seen({ event_code: 'note_created', title: 'live' });
  expect(eventsOf(socket).map(({ cursor }) => cursor)).toEqual([10, 11, 12, 13]);
});

test('a note stream and its workspace replay independently, and share the event_seq', async () => {
  const { url, wsUrl } = await notesServer();
  const created = await call(url, 'POST', '/api/v1/notes', { body: { title: 'twice' } });
  const stream = `note:${created.body.id}`;
  await call(url, 'PATCH', `/api/v1/notes/${created.body.id}`, { body: { version: 1, title: 'thrice' } });
  const socket = await openSocket(wsUrl);
  await socket.ask({ type: 'subscribe', stream, cursor: 1 });
  const inNote = await socket.seen({ stream, event_code: 'note_patched' });
  expect(inNote).toMatchObject({ cursor: 2, event_seq: 14 });
  expect(eventsOf(socket, stream)).toHaveLength(1);
  await socket.ask({ type: 'subscribe', stream: STREAM, cursor: 0 });
  const inWorkspace = await socket.seen({ stream: STREAM, event_code: 'note_patched', title: 'thrice' });
  expect(inWorkspace).toMatchObject({ cursor: 14, event_seq: 14 });
  await socket.ask({ type: 'unsubscribe', stream: STREAM });
  await call(url, 'PATCH', `/api/v1/notes/${created.body.id}`, { body: { version: 2, title: 'quiet' } });
  await socket.seen({ stream, title: 'quiet' });
  expect(socket.frames.filter(({ title }) => title === 'quiet')).toHaveLength(1);
});

test('over two live streams of one connection, arrival order is commit order', async () => {
  const { url, wsUrl } = await notesServer({ ruleRunMs: 3 });
  const socket = await openSocket(wsUrl);
  await socket.ask({ type: 'subscribe', stream: 'note:2', cursor: 1 });
  await socket.ask({ type: 'subscribe', stream: STREAM, cursor: 12 });
  const patched = Array.from({ length: 30 }, (_, index) => index + 1);
  for (const version of patched) {
    const run = version % 3 === 0 ? call(url, 'POST', '/api/v1/rules/rule-1/run') : undefined;
    await call(url, 'PATCH', '/api/v1/notes/2', { body: { version, body: `${version}` } });
    await run;
  }
  await socket.seen({ stream: STREAM, event_code: 'note_patched', version: 31 });
  const order = socket.frames.flatMap(({ event_seq }) => (event_seq === undefined ? [] : [Number(event_seq)]));
  expect(order.length).toBeGreaterThan(70);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  for (const stream of ['note:2', STREAM]) {
    const cursors = eventsOf(socket, stream).map(({ cursor }) => Number(cursor));
    expect(cursors).toEqual(cursors.map((_, index) => Number(cursors[0]) + index));
  }
});

test('a rule run by HTTP shows on the stream as queued, running and succeeded under its own id', async () => {
  const { url, wsUrl } = await notesServer({ ruleRunMs: 10 });
  const socket = await openSocket(wsUrl);
  await socket.ask({ type: 'subscribe', stream: STREAM, cursor: 12 });
  const { body } = await call(url, 'POST', '/api/v1/rules/rule-1/run');
  await socket.seen({ run_id: body.id, status: 'succeeded' });
  const statuses = eventsOf(socket).map(({ run_id, status }) => [run_id, status]);
  expect(statuses).toEqual(['queued', 'running', 'succeeded'].map((status) => [body.id, status]));
});

test('the agent announces its operation, then applies it or has it rejected', async () => {
  const { url, wsUrl } = await notesServer({ agentAnswerMs: 5 });
  const socket = await openSocket(wsUrl);
  await socket.ask({ type: 'subscribe', stream: STREAM, cursor: 12 });
  for (const [decision, end] of [
    ['apply', 'operation_applied'],
    ['reject', 'operation_rejected'],
  ] as const) {
    const { body } = await call(url, 'POST', '/api/v1/agent', { body: { question: 'tea?', decision } });
    await socket.seen({ operation_id: body.id, event_code: end });
    const mine = eventsOf(socket).filter(({ operation_id }) => operation_id === body.id);
    expect(codesOf(mine)).toEqual(['operation_preview', end]);
  }
});

test('an ack moves a cursor forward only, for each client and stream by itself', async () => {
  const { wsUrl } = await notesServer();
  const socket = await openSocket(wsUrl);
  const ack = (cursor: number, stream = STREAM) => socket.ask({ type: 'ack', stream, cursor });
  expect(await ack(5)).toMatchObject({ type: 'acked', stream: STREAM, cursor: 5 });
  expect(await ack(5)).toMatchObject({ type: 'acked', cursor: 5 });
  const stale = await ack(4);
  expect(stale).toMatchObject({ type: 'error', code: 'STALE_CURSOR', stream: STREAM, cursor: 5 });
  expect(await ack(1, 'note:1')).toMatchObject({ type: 'acked', cursor: 1 });
  expect(await ack(99)).toMatchObject({ type: 'error', code: 'FUTURE_CURSOR', cursor: 12 });
  const other = await openSocket(`${wsUrl}?client=other`);
  expect(await other.ask({ type: 'ack', stream: STREAM, cursor: 2 })).toMatchObject({ type: 'acked', cursor: 2 });
  const again = await openSocket(wsUrl);
  expect(await again.ask({ type: 'subscribe', stream: STREAM, cursor: 12 })).toMatchObject({ acked: 5 });
});

test('accept-stale-ack: a regression is taken as if it were right', async () => {
  const { wsUrl } = await notesServer({ faults: { acceptStaleAck: true } });
  const socket = await openSocket(wsUrl);
  await socket.ask({ type: 'ack', stream: STREAM, cursor: 5 });
  expect(await socket.ask({ type: 'ack', stream: STREAM, cursor: 4 })).toMatchObject({ type: 'acked', cursor: 4 });
});

test('replay-gap: one event in the middle of a replay is missing, and live events are not', async () => {
  const { url, wsUrl } = await notesServer({ faults: { replayGap: true } });
  const cursors = (await replay(wsUrl, STREAM)).map(({ cursor }) => cursor);
  expect(cursors).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]);
  const socket = await openSocket(wsUrl);
  await socket.ask({ type: 'subscribe', stream: STREAM, cursor: 12 });
  for (const title of ['a', 'b', 'c', 'd']) await call(url, 'POST', '/api/v1/notes', { body: { title } });
  await socket.seen({ title: 'd' });
  expect(eventsOf(socket).map(({ cursor }) => cursor)).toEqual([13, 14, 15, 16]);
});

test('a patch over the websocket meets the same conflict and idempotency as one over HTTP', async () => {
  const { wsUrl } = await notesServer();
  const socket = await openSocket(wsUrl, AUTH);
  const patch = { type: 'patch', note_id: '1', version: 2, title: 'by socket', idempotency_key: 'k' };
  expect(await socket.ask(patch)).toMatchObject({ type: 'patched', note_id: '1', version: 3, replayed: false });
  expect(await socket.ask(patch)).toMatchObject({ type: 'patched', version: 3, replayed: true });
  const conflict = await socket.ask({ ...patch, idempotency_key: 'other' });
  expect(conflict).toMatchObject({ type: 'error', code: 'CONFLICT', note_id: '1', current_version: 3 });
  expect(await socket.ask({ ...patch, note_id: 'none', idempotency_key: 'x' })).toMatchObject({ code: 'NO_SUCH_NOTE' });
  const anonymous = await openSocket(wsUrl);
  expect(await anonymous.ask(patch)).toMatchObject({ type: 'error', code: 'UNAUTHENTICATED' });
});

test('messages that make no sense are answered, and the connection lives on', async () => {
  const { wsUrl } = await notesServer();
  const socket = await openSocket(wsUrl);
  expect(await socket.ask({ type: 'dance' })).toMatchObject({ type: 'error', code: 'UNKNOWN_TYPE', received: 'dance' });
  expect(await socket.ask({ type: 'subscribe', stream: STREAM })).toMatchObject({ code: 'BAD_MESSAGE' });
  expect(await socket.ask({ type: 'subscribe', stream: 'moon:1', cursor: 0 })).toMatchObject({ code: 'BAD_MESSAGE' });
  const future = await socket.ask({ type: 'subscribe', stream: STREAM, cursor: 13 });
  expect(future).toMatchObject({ type: 'error', code: 'FUTURE_CURSOR', cursor: 12 });
  socket.send('{"type":');
  await socket.seen({ code: 'BAD_MESSAGE', message: 'a frame must be JSON' });
  socket.send('[]');
  await socket.seen({ message: 'a frame must be an object with a type' });
  socket.socket.send(Buffer.from([1, 2, 3]));
  await socket.seen({ message: 'a frame must be text' });
  expect(await socket.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
});

test('an upgrade on another path is 404, with bad credentials 401, and with --ws-auth without any 401', async () => {
  const open = await notesServer();
  const elsewhere = await refusedUpgrade(open.wsUrl.replace(/ws$/, 'elsewhere'));
  expect(elsewhere).toEqual({ status: 404, time: expect.stringMatching(/^app;dur=\d/) });
  expect(await refusedUpgrade(open.wsUrl, { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 });
  expect(await refusedUpgrade(`${open.wsUrl}?token=wrong`)).toMatchObject({ status: 401 });
  const closed = await notesServer({ wsAuth: true });
  expect(await refusedUpgrade(closed.wsUrl)).toMatchObject({ status: 401 });
  for (const socket of [await openSocket(closed.wsUrl, AUTH), await openSocket(`${closed.wsUrl}?token=${TOKEN}`)]) {
    expect(await socket.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
  }
});

test('a client that does not read costs bounded memory and, once it reads, gets everything in order', async () => {
  const { url, wsUrl } = await notesServer();
  for (let version = 1; version <= 90; version++) {
    await call(url, 'PATCH', '/api/v1/notes/2', { body: { version, body: 'x'.repeat(99_000) } });
  }
  const socket = await openSocket(wsUrl);
  socket.socket.pause();
  socket.send({ type: 'subscribe', stream: 'note:2', cursor: 0 });
  // The server answers others meanwhile.
  const other = await openSocket(wsUrl);
  expect(await other.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
  const sent = /notes_ws_frames_sent_total (\d+)/.exec(String((await call(url, 'GET', '/metrics')).body.text))?.[1];
  expect(Number(sent)).toBeLessThan(91);
  socket.socket.resume();
  await socket.seen({ stream: 'note:2', cursor: 91 });
  expect(eventsOf(socket, 'note:2').map(({ cursor }) => cursor)).toEqual(Array.from({ length: 91 }, (_, i) => i + 1));
});

test('close tells websocket clients that the server goes away', async () => {
  const server = await notesServer();
  const socket = await openSocket(server.wsUrl);
  const closed = once(socket.socket, 'close');
  await server.close();
  expect((await closed)[0]).toBe(1001);
});
