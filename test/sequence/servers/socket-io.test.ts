import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadCodec } from '../../../lib/sequence/codec/codec.ts';
import { type DialogueClientOptions, openDialogue } from '../../support/dialogue-client.ts';
import { fresh } from '../../support/fresh.ts';
import { serveSocketIo } from '../../support/socket-io-server.ts';

const codec = await loadCodec({ name: 'socket.io', namespace: '/' });

/** A server as a process of its own. */
const spawnServer = async () => {
  const main = fileURLToPath(new URL('../../support/socket-io-server.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  const exited = once(child, 'exit');
  return {
    url: String(url),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};

describe('against a Socket.IO server', () => {
  const target = fresh(() => serveSocketIo());
  const converse = async (options: DialogueClientOptions = {}) => {
    const client = await openDialogue(codec, target().url, options);
    await client.settled();
    return client;
  };
  /** The server keeps a session from when it has noticed that the client is gone. */
  const lost = () => expect.poll(() => target().io.of('/').sockets.size).toBe(0);

  it('opens, connects to the namespace, and reads events with their arguments', async () => {
    const client = await converse();
    expect(client.dialogue.standing()).toEqual({ state: 'ready' });
    const hello = await client.seenLike({ type: 'hello' });
    const offset = expect.any(String);
    expect(hello).toEqual({
      body: { type: 'event', namespace: '/', event: 'hello', args: [{ recovered: false }, offset] },
      type: 'hello',
      role: 'event',
      stream: 'hello',
      cursor: offset,
    });
    expect(client.messages().map(({ type, role }) => [type, role])).toEqual([
      ['open', 'control'],
      ['connect', 'control'],
      ['hello', 'event'],
    ]);
  });

  it('publishes by emitting the event that is the name of the stream', async () => {
    const client = await converse();
    client.begin({ do: 'publish', stream: 'say', payload: 'ahoy' });
    expect((await client.seenLike({ stream: 'said' })).body).toMatchObject({ args: ['ahoy', expect.any(String)] });
  });

  it('pairs an answer with its event by number', async () => {
    const client = await converse();
    client.send(
      { type: 'event', event: 'add', args: [2, 3], ack: 11 },
      { type: 'event', event: 'add', args: [1, 1], ack: 12 },
    );
    expect(await client.seenLike({ id: '12' })).toEqual({
      body: { type: 'ack', namespace: '/', ack: 12, args: [2] },
      type: 'ack',
      role: 'ack',
      id: '12',
    });
    expect((await client.seenLike({ id: '11' })).body).toMatchObject({ args: [5] });
  });

  it('sends and reads bytes where they stand among the arguments', async () => {
    const client = await converse();
    client.send({ type: 'event', event: 'reverse', args: [{ $base64: 'AQID' }], ack: 1 });
    expect((await client.seenLike({ type: 'reversed' })).body).toMatchObject({
      args: [{ of: { $base64: 'AQID' }, is: [{ $base64: 'AwIB' }] }, expect.any(String)],
    });
    expect((await client.seenLike({ type: 'ack' })).body).toMatchObject({ ack: 1, args: [{ $base64: 'AwIB' }] });
    expect(client.messages().filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  it('resumes: missed events come before the answer to the connect, and none is lost or taken for another', async () => {
    const client = await converse();
    const { cursor } = await client.seenLike({ type: 'hello' });
    expect(client.dialogue.resumption()).toMatchObject({ pid: expect.any(String), streams: { '/': cursor } });
    await client.terminate();
    await lost();
    for (const n of [1, 2, 3]) target().io.emit('said', n);
    await client.reopen();
    expect(await client.settled()).toEqual({ state: 'ready', resumption: 'resumed' });
    await client.seenLike({ type: 'hello' });
    const told = client.messages().map(({ type, body }) => [type, (body as { args?: unknown[] }).args?.[0]]);
    expect(told).toEqual([
      ['open', undefined],
      ['said', 1],
      ['said', 2],
      ['said', 3],
      ['connect', undefined],
      ['hello', { recovered: true }],
    ]);
    const last = client.messages().at(-1)?.cursor;
    expect(client.dialogue.resumption()).toMatchObject({ streams: { '/': last } });
  });

  it('notices a stale offset as a reset, though the server tells no error', async () => {
    const client = await converse();
    await client.seenLike({ type: 'hello' });
    const kept = client.dialogue.resumption();
    await client.terminate();
    await lost();
    await client.reopen({ resume: { ...(kept as object), streams: { '/': 'never-was' } } });
    expect(await client.settled()).toEqual({ state: 'ready', resumption: 'reset' });
    expect((await client.seenLike({ type: 'hello' })).body).toMatchObject({
      args: [{ recovered: false }, expect.any(String)],
    });
    expect(client.messages().some(({ role }) => role === 'error')).toBe(false);
  });

  it('is refused by a namespace that wants another token, with the code of the error', async () => {
    const stranger = await loadCodec({ name: 'socket.io', namespace: '/private', auth: { token: 'guess' } });
    const client = await openDialogue(stranger, target().url);
    expect(await client.settled()).toEqual({ state: 'refused', code: 'UNAUTHORIZED', reason: 'who are you?' });

    const friend = await loadCodec({ name: 'socket.io', namespace: '/private', auth: { token: 'let-me-in' } });
    expect(await (await openDialogue(friend, target().url)).settled()).toEqual({ state: 'ready' });

    const elsewhere = await loadCodec({ name: 'socket.io', namespace: '/nowhere' });
    expect(await (await openDialogue(elsewhere, target().url)).settled()).toMatchObject({ code: 'Invalid namespace' });
  });

  it('leaves the handshake to the steps when told to', async () => {
    const client = await openDialogue(codec, target().url, { handshake: 'manual' });
    await client.seenLike({ type: 'open' });
    expect(client.lines.filter(({ direction }) => direction === 'out')).toEqual([]);
    client.send({ type: 'connect' });
    await client.seenLike({ type: 'hello' });
  });

  it('reads what the server says when it hangs up', async () => {
    const client = await converse();
    client.send({ type: 'event', event: 'leave', args: [] });
    expect(await client.seenLike({ type: 'disconnect' })).toMatchObject({ role: 'control' });
  });
});

describe('against a Socket.IO server that pings every 20 ms', () => {
  const target = fresh(() => serveSocketIo({ pingInterval: 20 }));

  it('answers each ping, without which the next would not come', async () => {
    const client = await openDialogue(codec, target().url);
    await client.settled();
    await expect.poll(() => client.messages().filter(({ type }) => type === 'ping').length).toBeGreaterThan(2);
    expect(client.messages().find(({ type }) => type === 'ping')).toEqual({
      body: { type: 'ping' },
      type: 'ping',
      role: 'heartbeat',
    });
    expect(client.lines).toContainEqual(expect.objectContaining({ direction: 'out', raw: '3', auto: true }));
  });
});

describe('against a Socket.IO server that is killed with -9', () => {
  it('notices that the next process has forgotten the session', async () => {
    const first = await spawnServer();
    const client = await openDialogue(codec, first.url);
    await client.seenLike({ type: 'hello' });
    client.begin({ do: 'publish', stream: 'say', payload: 'before' });
    await client.seenLike({ stream: 'said' });
    await first.kill();
    expect((await client.closed()).code).toBe(1006);

    const second = await spawnServer();
    await client.reopen({ url: second.url });
    expect(await client.settled()).toEqual({ state: 'ready', resumption: 'reset' });
    expect((await client.seenLike({ type: 'hello' })).body).toMatchObject({
      args: [{ recovered: false }, expect.any(String)],
    });
    expect(client.messages().some(({ stream }) => stream === 'said')).toBe(false);
  });
});
