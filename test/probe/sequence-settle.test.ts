import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { Doc, encodeStateAsUpdate } from 'yjs';
import {
  converse,
  frameOf,
  keepTargets,
  lastStep,
  passOf,
  say,
  serveRawWebsocket,
  serveWebsocket,
  statusesOf,
  textFrame,
} from '../support/websocket-target.ts';

const keep = keepTargets();
const serve = (accept: (socket: WebSocket) => void = () => {}) => keep(serveWebsocket(accept));

describe('a barrier step', () => {
  it('waits for a pong on each connection, and all that was said before it has come', async () => {
    const url = await serve((socket) => socket.on('message', () => say(socket, { n: 1 }, { n: 2 }, { n: 3 })));
    const result = await converse([
      { connect: { as: 'a', url } },
      { connect: { as: 'b', url } },
      { send: { as: 'a', json: {} } },
      { barrier: ['a', 'b'] },
      { expect: { as: 'a', count: { match: {}, exactly: 3 }, within: '1ms' } },
    ]);
    expect(statusesOf(result).every((status) => status === 'done')).toBe(true);
    const { checks, figures, latencyMs } = passOf(result).steps[3] ?? {};
    expect(checks).toMatchObject([{ name: 'every ping is answered', result: 'pass' }]);
    expect(figures?.map(({ name }) => name)).toEqual(['ping a to pong', 'ping b to pong']);
    expect(latencyMs).toBe(Math.max(...(figures ?? []).map(({ value }) => value)));
  });

  it('names the connection that answers no ping, though it talks', async () => {
    const deaf = await keep(
      serveRawWebsocket([], (socket) => {
        const timer = setInterval(() => socket.write(textFrame({ tick: true })), 10);
        socket.on('close', () => clearInterval(timer));
      }),
    );
    const step = lastStep(
      await converse([
        { connect: { as: 'a', url: await serve() } },
        { connect: { as: 'b', url: deaf } },
        { barrier: { as: ['a', 'b'], within: '1s' } },
      ]),
    );
    expect(step).toMatchObject({
      status: 'failed',
      failure: { kind: 'timeout', message: 'connection "b" did not answer a ping within 1,000 ms' },
    });
  });

  it('does not take an unasked pong for the answer', async () => {
    const url = await keep(serveRawWebsocket([], (socket) => socket.on('data', () => socket.write(frameOf(10, '7')))));
    const step = lastStep(await converse([{ connect: { url } }, { barrier: { as: ['main'], within: '100ms' } }]));
    expect(step.failure?.kind).toBe('timeout');
  });

  it('fails at once on a connection that closes instead', async () => {
    const url = await keep(
      serveWebsocket((socket) => socket.on('ping', () => socket.terminate()), { autoPong: false }),
    );
    const step = lastStep(await converse([{ connect: { url } }, { barrier: { as: ['main'], within: '60s' } }]));
    expect(step.failure).toMatchObject({ kind: 'closed' });
  });
});

describe('a quiet step', () => {
  it('is done when nothing has come for so long since it began, or since the latest message', async () => {
    const url = await serve((socket) => {
      for (const ms of [20, 60, 100]) setTimeout(() => say(socket, { ms }), ms);
    });
    const result = await converse([
      { connect: { url } },
      { quiet: '150ms' },
      { expect: { count: { match: {}, exactly: 3 }, within: '1ms' } },
    ]);
    expect(statusesOf(result)).toEqual(['done', 'done', 'done']);
    const { checks, latencyMs, figures } = passOf(result).steps[1] ?? {};
    expect(checks).toEqual([{ name: 'quiet for 150 ms', result: 'pass', actual: 'main' }]);
    expect(latencyMs).toBeGreaterThanOrEqual(150);
    const [settled] = figures ?? [];
    expect(settled).toMatchObject({ name: 'settled after', unit: 'ms' });
    expect((latencyMs ?? 0) - (settled?.value ?? 0)).toBeCloseTo(150, 6);
  });

  it('is not disturbed by heartbeats, nor by another connection', async () => {
    const chatty = await serve((socket) => {
      const timer = setInterval(() => say(socket, { type: 'tick' }), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const codec = { json: { roles: { heartbeat: { type: 'tick' } } } };
    const beating = lastStep(await converse([{ connect: { url: chatty } }, { quiet: '80ms' }], { codec }));
    expect(beating).toMatchObject({ status: 'done', checks: [{ result: 'pass' }] });
    const other = await converse([
      { connect: { as: 'a', url: await serve() } },
      { connect: { as: 'b', url: chatty } },
      { quiet: { as: 'a', for: '80ms' } },
    ]);
    expect(lastStep(other)).toMatchObject({ status: 'done', checks: [{ result: 'pass' }] });
  });

  it('fails where it is never quiet, and names the latest message', async () => {
    const url = await serve((socket) => {
      const timer = setInterval(() => say(socket, { chatter: true }), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const step = lastStep(await converse([{ connect: { url } }, { quiet: { for: '3s', within: '3.2s' } }]));
    expect(step.status).toBe('failed');
    expect(step.failure?.message).toMatch(/^never quiet for 3,000 ms within 3,200 ms: \d+ came, the last is #\d+$/);
    expect(step.evidence?.frames?.some(({ broken }) => broken)).toBe(true);
  });

  it('is inconclusive, never passed, on a connection that answers no ping', async () => {
    const step = lastStep(await converse([{ connect: { url: await keep(serveRawWebsocket([])) } }, { quiet: '30ms' }]));
    expect(step).toMatchObject({
      status: 'done',
      checks: [{ result: 'inconclusive', actual: 'nothing shows that main is still alive: no answer to a ping' }],
    });
  });

  it('fails on a connection that closes meanwhile', async () => {
    const url = await serve((socket) => setTimeout(() => socket.close(1012, 'restart'), 30));
    const step = lastStep(await converse([{ connect: { url } }, { quiet: { for: '5s', within: '60s' } }]));
    expect(step.failure).toMatchObject({ kind: 'closed', closeCode: 1012 });
  });

  it('needs a connection that is open', async () => {
    const url = await serve((socket) => socket.close(1000));
    const result = await converse([{ connect: { url } }, { expectClose: { code: 1000 } }, { quiet: '20ms' }]);
    expect(lastStep(result).failure?.message).toBe('no connection is open that could be quiet');
  });
});

/** A y-websocket server as far as two clients need one: no state of its own, and what one says the others are told. */
const relay = (tells = true) => {
  const sockets = new Set<WebSocket>();
  return serve((socket) => {
    sockets.add(socket);
    socket.send(Buffer.from([0, 0, 1, 0]));
    socket.on('message', (data: Buffer) => {
      if (data[0] === 0 && data[1] === 0) socket.send(Buffer.from([0, 1, 2, 0, 0]));
      else if (tells) for (const other of sockets) if (other !== socket) other.send(data);
    });
  });
};

const updateOf = (text: string): string => {
  const doc = new Doc();
  doc.getText('shared').insert(0, text);
  return Buffer.from(encodeStateAsUpdate(doc)).toString('base64');
};

describe('a converge step', () => {
  const publish = (as: string, text: string) => ({
    send: { as, publish: { stream: 'doc', payload: updateOf(text) } },
  });
  const converge = async (url: string, publishing: readonly object[], codec = 'yjs', within = '300ms') => {
    const steps = ['a', 'b'].map((as) => ({ connect: { as, url } }));
    const result = await converse([...steps, ...publishing, { converge: { as: ['a', 'b'], within } }], {
      codec,
    });
    return lastStep(result);
  };

  it('passes when both ends hold what either said', async () => {
    const step = await converge(await relay(), [publish('a', 'one'), publish('b', 'two')], 'yjs', '20s');
    expect(step).toMatchObject({
      status: 'done',
      checks: [{ name: 'a, b converge', result: 'pass', actual: expect.stringMatching(/^the same state after/) }],
    });
    expect(step.latencyMs).toBeLessThan(20_000);
  });

  it('fails where one end is not told', async () => {
    expect(await converge(await relay(false), [publish('a', 'one')])).toMatchObject({
      status: 'failed',
      latencyMs: 300,
      checks: [
        { result: 'fail', actual: expect.stringMatching(/^after 300 ms a holds \d+:0-3 deleted ?; b holds nothing$/) },
      ],
    });
  });

  it('is inconclusive, never passed, where nobody holds anything', async () => {
    expect(await converge(await relay(), [])).toMatchObject({
      status: 'done',
      checks: [{ result: 'inconclusive', actual: 'no state came within 300 ms' }],
    });
  });
});
