import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { readLog, withoutLastWrites } from '../../examples/notes-server/event-log.ts';
import { isAcknowledgedWrite } from '../../examples/notes-server/records.ts';
import { startNotesServer } from '../../examples/notes-server/server.ts';
import {
  call,
  notesServer,
  openSocket,
  runNotesServer,
  spawnNotesServer,
  temporaryFolder,
} from '../support/notes-server.ts';

const NOTES = '/api/v1/notes';
const logOf = (dataDir: string) => join(dataDir, 'events.ndjson');

async function allNotes(url: string): Promise<ReadonlyMap<string, string>> {
  const notes = new Map<string, string>();
  for (let cursor: unknown = ''; cursor !== null; ) {
    const { body } = await call(url, 'GET', `${NOTES}?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`);
    for (const { id, title } of body.items as readonly { id: string; title: string }[]) notes.set(id, title);
    cursor = body.nextCursor;
  }
  return notes;
}

/** Writes notes from several clients until the server is gone; the acknowledged ones, by id. */
async function writeUntilGone(url: string, clients: number, acknowledged: Map<string, string>): Promise<void> {
  const client = async (name: number) => {
    for (let n = 0; ; n++) {
      const title = `client ${name}, note ${n}`;
      const answer = await call(url, 'POST', NOTES, { body: { title } }).catch(() => undefined);
      if (answer === undefined) return;
      expect(answer.status).toBe(201);
      acknowledged.set(String(answer.body.id), title);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, name) => client(name)));
}

test('killed in the middle of writes, it comes back with every acknowledged note, in a log that goes on', async () => {
  const dataDir = await temporaryFolder();
  const acknowledged = new Map<string, string>();
  const boots = new Set<unknown>();
  const epochs = new Set<unknown>();
  for (let round = 1; round <= 3; round++) {
    const child = await spawnNotesServer(['--data', dataDir]);
    const identity = (await call(child.url, 'GET', '/identity')).body;
    boots.add(identity.bootId);
    epochs.add(identity.epoch);
    const writing = writeUntilGone(child.url, 8, acknowledged);
    while (acknowledged.size < round * 60) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await child.stop('SIGKILL')).toBe('SIGKILL');
    await writing;
  }
  const { url } = await notesServer({ dataDir, seed: false });
  const found = await allNotes(url);
  for (const [id, title] of acknowledged) expect(found.get(id)).toBe(title);
  expect((await call(url, 'GET', '/api/v1/projections/check')).body.consistent).toBe(true);
  const { entries } = await readLog(logOf(dataDir));
  const order = entries.flatMap(({ record }) => (record.kind === 'event' ? [record.event_seq] : []));
  expect(order).toEqual(order.map((_, index) => index + 1));
  expect([boots.size, epochs.size]).toEqual([3, 1]);
});

test('acks, idempotency keys and unfinished work outlive a kill', async () => {
  const dataDir = await temporaryFolder();
  const args = ['--data', dataDir, '--seed'];
  const slow = await spawnNotesServer([...args, '--rule-run-ms', '600000', '--agent-answer-ms', '600000']);
  const keyed = { body: { title: 'kept' }, headers: { 'idempotency-key': 'kept' } };
  const created = await call(slow.url, 'POST', NOTES, keyed);
  const run = await call(slow.url, 'POST', '/api/v1/rules/rule-1/run');
  const asked = await call(slow.url, 'POST', '/api/v1/agent', { body: { question: 'kept?' } });
  const before = await openSocket(slow.wsUrl);
  await before.ask({ type: 'ack', stream: 'workspace:1', cursor: 13 });
  await slow.stop('SIGKILL');

  const { url, wsUrl } = await notesServer({ dataDir, ruleRunMs: 1, agentAnswerMs: 1 });
  const after = await openSocket(wsUrl);
  const stale = await after.ask({ type: 'ack', stream: 'workspace:1', cursor: 12 });
  expect(stale).toMatchObject({ code: 'STALE_CURSOR', cursor: 13 });
  expect((await call(url, 'POST', NOTES, keyed)).body).toEqual(created.body);
  await after.ask({ type: 'subscribe', stream: 'workspace:1', cursor: 13 });
  await after.seen({ run_id: run.body.id, status: 'succeeded' });
  await after.seen({ operation_id: asked.body.id, event_code: 'operation_applied' });
  expect((await call(url, 'GET', `/api/v1/agent/${asked.body.id}`)).body.status).toBe('done');
});

test('a torn last line is dropped and said, and writing goes on behind what is whole', async () => {
  const dataDir = await temporaryFolder();
  const first = await startNotesServer({ port: 0, dataDir, seed: true });
  await first.close();
  const { size } = await stat(logOf(dataDir));
  await appendFile(logOf(dataDir), '{"kind":"event","event_seq":13,"ty');
  const notices: string[] = [];
  const { url } = await notesServer({ dataDir, notice: (line) => notices.push(line) });
  expect(notices).toEqual(['dropped 34 bytes of a torn last line from the log; it was never acknowledged']);
  expect((await stat(logOf(dataDir))).size).toBe(size);
  await call(url, 'POST', NOTES, { body: { title: 'after the tear' } });
  expect((await readLog(logOf(dataDir))).entries).toHaveLength(15);
});

test('wherever a crash cuts the log, what is read is a whole beginning of it', async () => {
  const dataDir = await temporaryFolder();
  await (await startNotesServer({ port: 0, dataDir, seed: true })).close();
  const whole = await readFile(logOf(dataDir));
  const { entries, epoch } = await readLog(logOf(dataDir));
  const cutPath = join(dataDir, 'cut.ndjson');
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (length) => {
      await writeFile(cutPath, whole.subarray(0, length));
      const read = await readLog(cutPath);
      expect(read.entries).toEqual(entries.slice(0, read.entries.length));
      expect(read.goodBytes + read.tornBytes).toBe(length);
      expect(whole[read.goodBytes - 1] ?? 0x0a).toBe(0x0a);
      expect(read.epoch).toBe(read.goodBytes > 0 ? epoch : undefined);
    }),
  );
});

test('damage before the last line stops the start with the number of the line, and leaves the file alone', async () => {
  const dataDir = await temporaryFolder();
  await (await startNotesServer({ port: 0, dataDir, seed: true })).close();
  const lines = (await readFile(logOf(dataDir), 'utf8')).split('\n');
  for (const broken of [lines.with(4, '{"kind":"eve'), lines.toSpliced(4, 1)]) {
    await writeFile(logOf(dataDir), broken.join('\n'));
    await expect(startNotesServer({ port: 0, dataDir })).rejects.toThrow(/^line 5 of the log .* is damaged; restore/);
    expect(await readFile(logOf(dataDir), 'utf8')).toBe(broken.join('\n'));
  }
});

test('lose-acked-writes: the last acknowledged writes are gone after a restart, and only those', async () => {
  const dataDir = await temporaryFolder();
  const first = await spawnNotesServer(['--data', dataDir, '--seed']);
  const ids: unknown[] = [];
  for (const title of ['a', 'b', 'c', 'd']) {
    ids.push((await call(first.url, 'POST', NOTES, { body: { title } })).body.id);
  }
  await first.stop('SIGKILL');
  const second = await spawnNotesServer(['--data', dataDir, '--seed', '--fault', 'lose-acked-writes=2']);
  const statuses = await Promise.all(ids.map(async (id) => (await call(second.url, 'GET', `${NOTES}/${id}`)).status));
  expect(statuses).toEqual([200, 200, 404, 404]);
  expect(second.stderr()).toContain('fault lose-acked-writes: dropped the last 2 records');
});

test('lose-acked-writes counts acknowledged writes, and takes what followed them along', async () => {
  const dataDir = await temporaryFolder();
  await (await startNotesServer({ port: 0, dataDir, seed: true })).close();
  const contents = await readLog(logOf(dataDir));
  for (const count of [0, 1, 2, 5, 99]) {
    const left = withoutLastWrites(contents, count).entries;
    const lost = contents.entries.slice(left.length).filter(({ record }) => isAcknowledgedWrite(record));
    expect(left).toEqual(contents.entries.slice(0, left.length));
    expect(lost).toHaveLength(count > 5 ? 0 : count);
  }
});

test('seeding is done once: a second start with --seed changes nothing', async () => {
  const dataDir = await temporaryFolder();
  await (await startNotesServer({ port: 0, dataDir, seed: true })).close();
  const before = await readFile(logOf(dataDir), 'utf8');
  await (await startNotesServer({ port: 0, dataDir, seed: true })).close();
  expect(await readFile(logOf(dataDir), 'utf8')).toBe(before);
});

test('two servers never write one log: the second is told so, and the kernel frees the folder of a killed one', async () => {
  const dataDir = await temporaryFolder();
  const first = await spawnNotesServer(['--data', dataDir, '--seed']);
  const second = await runNotesServer(['--port', '0', '--data', dataDir]);
  expect(second).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^notes-server: the data folder .* is in use .*\n$/),
  });
  await first.stop('SIGKILL');
  const third = await spawnNotesServer(['--data', dataDir]);
  expect((await allNotes(third.url)).size).toBe(3);
});

test('a disk that takes no more ends in refusals and a sick health, never in a false acknowledgement', async () => {
  const dataDir = await temporaryFolder();
  const shell = 'ulimit -f 8; exec "$0" "$@"';
  const child = await spawnNotesServer(['--data', dataDir], ['/bin/sh', '-c', shell]);
  const acknowledged: unknown[] = [];
  let refused = 0;
  for (let n = 0; n < 6; n++) {
    const answer = await call(child.url, 'POST', NOTES, { body: { title: `${n}`, body: 'x'.repeat(3000) } });
    if (answer.status === 201) acknowledged.push(answer.body.id);
    else refused++;
  }
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
  expect(await call(child.url, 'GET', NOTES)).toMatchObject({ status: 500 });
  expect(await call(child.url, 'GET', '/health')).toMatchObject({ status: 503, body: { status: 'log failed' } });
  await child.stop('SIGTERM');
  const { url } = await notesServer({ dataDir, seed: false });
  const found = await allNotes(url);
  for (const id of acknowledged) expect(found.has(String(id))).toBe(true);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the process cleanly, with a client still connected',
  async (signal) => {
    const child = await spawnNotesServer(['--data', await temporaryFolder(), '--seed']);
    await openSocket(child.wsUrl);
    await call(child.url, 'GET', NOTES);
    expect(await child.stop(signal)).toBe(0);
    expect(child.stderr()).toBe('');
  },
);

test('a port in use ends in one sentence, exit 1 and an untouched data folder', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void holder.close());
  await new Promise((resolve) => holder.once('listening', resolve));
  const address = holder.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const dataDir = join(await temporaryFolder(), 'data');
  const ended = await runNotesServer(['--port', port, '--data', dataDir]);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toBe(
    `notes-server: port ${port} on 127.0.0.1 is already in use; stop what holds it or choose another --port\n`,
  );
  await expect(stat(dataDir)).rejects.toThrow('ENOENT');
});

test('a bad flag ends in one sentence and exit 2', async () => {
  expect(await runNotesServer(['--port', '70000'])).toEqual({
    code: 2,
    stderr:
      "notes-server: option '--port <n>' argument '70000' is invalid: want a whole number from 0 to 65535; --help lists the options\n",
  });
});
