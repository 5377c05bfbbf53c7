import { Aedes } from 'aedes';
import { describe, expect, it } from 'vitest';
import { createWebSocketStream, type WebSocket } from 'ws';
import { contextOf, measure, probeOf } from '../support/probing.ts';
import {
  answering,
  converse,
  keepTargets,
  lastStep,
  passOf,
  say,
  serveWebsocket,
  statusesOf,
} from '../support/websocket-target.ts';

const keep = keepTargets();

/** A server of graphql-transport-ws: what it does with each type of message. */
const serveGraphql = (answers: Readonly<Record<string, (socket: WebSocket) => void>>) =>
  keep(
    serveWebsocket(
      (socket) => {
        socket.on('message', (data) => answers[JSON.parse(data.toString()).type as string]?.(socket));
      },
      { handleProtocols: (offered) => [...offered][0] ?? false },
    ),
  );

const accept = { connection_init: (socket: WebSocket) => say(socket, { type: 'connection_ack' }) };
const graphql = { codec: 'graphql-transport-ws' };

const connect = async (url: string, more: object = {}, config: object = graphql) =>
  lastStep(await converse([{ connect: { url, ...more } }], config));

describe('the handshake of a protocol', () => {
  it('belongs to the connect step, in its latency and a phase of its own', async () => {
    const url = await serveGraphql({
      connection_init: (socket) => setTimeout(() => say(socket, { type: 'connection_ack' }), 60),
    });
    const { status, phasesMs, latencyMs, checks } = await connect(url);
    expect(status).toBe('done');
    expect(phasesMs.handshake).toBeGreaterThan(50);
    const sum = Object.values(phasesMs).reduce((total, ms) => total + ms, 0);
    expect(sum).toBeCloseTo(latencyMs ?? 0, 6);
    expect(checks).toEqual([
      { name: 'subprotocol is one of graphql-transport-ws', result: 'pass', actual: 'graphql-transport-ws' },
    ]);
  });

  it('is sent with the variables of the run, and shows no secret', async () => {
    let said: unknown;
    const url = await keep(
      serveWebsocket(
        (socket) =>
          socket.on('message', (data) => {
            said = JSON.parse(data.toString());
            say(socket, { type: 'connection_ack' });
          }),
        { handleProtocols: (offered) => [...offered][0] ?? false },
      ),
    );
    const codec = { 'graphql-transport-ws': { connectionParams: { token: '{{token}}' } } };
    const variables = { token: { from: ['flag'], secret: true } };
    const probe = probeOf({ kind: 'websocket', steps: [{ connect: { url } }], codec }, variables);
    const result = await measure(probe, contextOf({ token: 'canary-secret-3' }, ['canary-secret-3']));
    expect(said).toEqual({ type: 'connection_init', payload: { token: 'canary-secret-3' } });
    expect(JSON.stringify(result)).not.toContain('canary-secret-3');
    const unset = lastStep(await measure(probe, contextOf()));
    expect(unset).toMatchObject({ failure: { kind: 'template', message: '{{token}} has no value' } });
  });

  it('that the server refuses fails the step with the code and the reason', async () => {
    const url = await keep(
      serveWebsocket((socket) => socket.on('message', () => socket.send('{"error":"not you"}\u001e'))),
    );
    const { failure, phasesMs } = await connect(url, {}, { codec: 'signalr' });
    expect(failure).toEqual({ kind: 'upgrade', message: 'the server refused the handshake with handshake: not you' });
    expect(phasesMs.handshake).toBeGreaterThanOrEqual(0);
  });

  it('that a close cuts short fails the step at once, with the code', async () => {
    const url = await serveGraphql({ connection_init: (socket) => socket.close(4403, 'Forbidden') });
    expect((await connect(url, {}, { ...graphql, timeout: '60s' })).failure).toEqual({
      kind: 'closed',
      closeCode: 4403,
      message: 'connection "main" was closed with 4403 "Forbidden" in the handshake, before connection_ack came',
    });
  });

  it('that never ends is a timeout, and says what was awaited', async () => {
    expect(await connect(await serveGraphql({}), {}, { ...graphql, timeout: '150ms' })).toMatchObject({
      status: 'failed',
      failure: {
        kind: 'timeout',
        message: 'no answer within 150 ms, waiting for connection_ack, which ends the handshake',
      },
    });
  });

  it('is left to the steps where it is manual', async () => {
    const said: string[] = [];
    const url = await serveGraphql({
      ...accept,
      connection_init: (socket) => {
        said.push('init');
        say(socket, { type: 'connection_ack' });
      },
    });
    const result = await converse(
      [
        { connect: { url, handshake: 'manual' } },
        { barrier: ['main'] },
        { send: { json: { type: 'connection_init' } } },
        { expect: { one: { type: 'connection_ack' } } },
      ],
      graphql,
    );
    expect(statusesOf(result)).toEqual(['done', 'done', 'done', 'done']);
    expect(passOf(result).steps[0]?.phasesMs.handshake).toBeUndefined();
    expect(said).toEqual(['init']);
  });

  it('takes no time that is reported where the protocol has none', async () => {
    const url = await keep(serveWebsocket(() => {}));
    expect((await connect(url, {}, {})).phasesMs.handshake).toBeUndefined();
  });
});

describe('what the protocol says by itself', () => {
  it('answers in the tick of the message, and is marked in the journal', async () => {
    const pongs: string[] = [];
    const url = await serveGraphql({
      connection_init: (socket) => say(socket, { type: 'connection_ack' }, { type: 'ping' }, { type: 'ping' }),
      pong: (socket) => {
        pongs.push('pong');
        if (pongs.length === 2) say(socket, { type: 'next', id: '1', payload: { data: null } });
      },
    });
    const result = await converse([{ connect: { url } }, { expect: { one: { type: 'next' } } }], graphql);
    expect(statusesOf(result)).toEqual(['done', 'done']);
    const talk = (passOf(result).sequence?.rungs ?? []).flatMap((rung) =>
      rung.kind === 'frame' && rung.direction !== 'life'
        ? [`${rung.n} ${rung.direction} ${rung.auto ? 'auto' : ''}`]
        : [],
    );
    // 3 is our greeting, 4 its answer; each ping has its pong right behind it, whatever else was in the packet.
    expect(talk).toEqual(expect.arrayContaining(['3 out auto', '6 out auto', '8 out auto']));
    expect(passOf(result).sequence?.leftovers).toEqual([]);
  });

  it('goes on by the clock while no step runs a message, and ends with the pass', async () => {
    const broker = await Aedes.createBroker();
    const pings: number[] = [];
    broker.on('ping', () => pings.push(performance.now()));
    const url = await keep(
      serveWebsocket((socket) => broker.handle(createWebSocketStream(socket)), { handleProtocols: () => 'mqtt' }),
    );
    const absent = { expect: { absent: { $type: 'publish' }, within: '1500ms' } };
    const result = await converse([{ connect: { url } }, absent], {
      codec: { mqtt: { keepAlive: '1s' } },
      timeout: '5s',
    });
    expect(statusesOf(result)).toEqual(['done', 'done']);
    expect(pings.length).toBeGreaterThan(0);
    const before = pings.length;
    await new Promise((done) => setTimeout(done, 1_100));
    expect(pings.length).toBe(before);
    broker.close();
  });
});

describe('a send step', () => {
  const codec = {
    codec: { json: { operations: { subscribe: { do: 'sub', to: '{{op.stream}}', after: '{{op.cursor}}' } } } },
  };

  it('carries an operation out in the words of the protocol, and may set a mark', async () => {
    const url = await keep(serveWebsocket(answering((message) => [{ echo: message }])));
    const result = await converse(
      [
        { connect: { url } },
        { send: { subscribe: { stream: 'notes', cursor: 7 } }, mark: 'asked' },
        { expect: { one: { echo: { do: 'sub', to: 'notes', after: 7 } }, from: 'asked' } },
      ],
      codec,
    );
    expect(statusesOf(result)).toEqual(['done', 'done', 'done']);
    const out = passOf(result).sequence?.rungs.find((rung) => rung.kind === 'frame' && rung.direction === 'out');
    expect(out).toMatchObject({ step: '2 send main', text: '{"do":"sub","to":"notes","after":7}' });
  });

  it('says what the protocol cannot', async () => {
    // What the config itself shows is refused before: here it hangs on what was said so far.
    const url = await keep(serveWebsocket(() => {}));
    const steps = [{ connect: { url, handshake: 'manual' } }, { send: { unsubscribe: { stream: 'Counter' } } }];
    const step = lastStep(await converse(steps, { codec: 'signalr' }));
    expect(step).toMatchObject({ status: 'failed', failure: { kind: 'template' } });
    expect(step.failure?.message).toMatch(/nothing of Counter is streaming/);
  });
});

describe('a mark', () => {
  it('may be set by any step, a request among them, and the last setting counts', async () => {
    const url = await keep(serveWebsocket(answering(() => [{ n: 1 }])));
    const count = (exactly: number) => ({
      expect: { count: { match: { n: 1 }, exactly }, from: 'here', within: '40ms' },
    });
    const result = await converse([
      { connect: { url }, mark: 'here' },
      { send: { json: {} } },
      { expect: { one: { n: 1 } } },
      count(1),
      { request: { url: url.replace('ws', 'http') }, expect: { status: 426 }, mark: 'here' },
      { send: { json: {} } },
      { send: { json: {} } },
      count(2),
    ]);
    expect(statusesOf(result).every((status) => status === 'done')).toBe(true);
  });
});
