import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { contextOf, measure, probeOf } from '../support/probing.ts';
import {
  answering,
  converse,
  frameOf,
  keepTargets,
  lastStep,
  passOf,
  say,
  serveRawWebsocket,
  serveWebsocket,
  textFrame,
} from '../support/websocket-target.ts';

const keep = keepTargets();
const serve = (accept: (socket: WebSocket) => void = () => {}, options = {}) => keep(serveWebsocket(accept, options));

describe('a connect step', () => {
  it('is timed from the name to the answer of the upgrade, phase by phase', async () => {
    const result = await converse([{ connect: { url: await serve() } }]);
    const { phasesMs, latencyMs, status } = lastStep(result);
    expect(status).toBe('done');
    expect(Object.keys(phasesMs).toSorted()).toEqual(['connect', 'dns', 'upgrade']);
    const sum = Object.values(phasesMs).reduce((total, ms) => total + ms, 0);
    expect(sum).toBeCloseTo(latencyMs ?? 0, 6);
  });

  it('charges a slow upgrade to the upgrade and nothing else', async () => {
    let askedAt = 0;
    const delayed = await serve(undefined, {
      verifyClient: (_: unknown, decide: (ok: boolean) => void) => {
        askedAt = performance.now();
        setTimeout(() => decide(true), 120);
      },
    });
    const startedAt = performance.now();
    const { phasesMs } = lastStep(await converse([{ connect: { url: delayed } }]));
    expect(phasesMs.upgrade).toBeGreaterThan(110);
    expect((phasesMs.dns ?? 0) + (phasesMs.connect ?? 0)).toBeLessThan(askedAt - startedAt);
  });

  it('sends its headers and subprotocols, templates filled in, and shows neither secret', async () => {
    let headers: Record<string, unknown> = {};
    const url = await serve((socket) => socket.on('message', () => {}), {
      verifyClient: ({ req }: { req: { headers: Record<string, unknown> } }) => {
        headers = req.headers;
        return true;
      },
      handleProtocols: () => 'v2.notes',
    });
    const probe = probeOf(
      {
        kind: 'websocket',
        steps: [
          { connect: { url, headers: { Authorization: 'Bearer {{token}}' }, subprotocols: ['v1.notes', 'v2.notes'] } },
        ],
      },
      { token: { from: ['flag'], secret: true } },
    );
    const result = await measure(probe, contextOf({ token: 'canary-secret-1' }, ['canary-secret-1']));
    expect(headers).toMatchObject({
      authorization: 'Bearer canary-secret-1',
      'sec-websocket-protocol': 'v1.notes,v2.notes',
    });
    expect(headers['sec-websocket-extensions']).toBeUndefined();
    expect(lastStep(result).checks).toEqual([
      { name: 'subprotocol is one of v1.notes, v2.notes', result: 'pass', actual: 'v2.notes' },
    ]);
    expect(JSON.stringify(result)).not.toContain('canary-secret-1');
  });

  it('does not lose what comes in the same segment as the answer to the upgrade', async () => {
    const url = await keep(serveRawWebsocket([textFrame({ n: 1 }), textFrame({ n: 2 }), frameOf(9, 'are you there')]));
    const result = await converse([{ connect: { url } }, { expect: { inOrder: [{ n: 1 }, { n: 2 }] } }]);
    expect(lastStep(result)).toMatchObject({ status: 'done', checks: [{ result: 'pass', actual: '#3, #4' }] });
    expect(lastStep(result).phasesMs.firstFrame).toBeGreaterThanOrEqual(0);
    expect(lastStep(result).evidence?.frames?.map(({ n, direction }) => `${n} ${direction}`)).toEqual([
      '1 life',
      '2 life',
      '3 in',
      '4 in',
      '5 life',
      '6 life',
    ]);
    expect(lastStep(result).evidence?.frames?.at(-1)?.text).toBe('pong from the client (by itself)');
  });

  it('reads a frame that is split over many packets', async () => {
    const bytes = textFrame({ text: 'x'.repeat(300) });
    const url = await keep(
      serveRawWebsocket([bytes.subarray(0, 1)], async (socket) => {
        for (let from = 1; from < bytes.length; from += 60) {
          await new Promise((done) => setTimeout(done, 2));
          socket.write(bytes.subarray(from, from + 60));
        }
      }),
    );
    const result = await converse([{ connect: { url } }, { expect: { one: { '$.text': { minLength: 300 } } } }]);
    expect(lastStep(result).status).toBe('done');
  });
});

describe('an expect step', () => {
  it('finds the event that came before its acknowledgement, from the mark of the send', async () => {
    const url = await serve(answering(({ type }) => (type === 'subscribe' ? [{ event: 'patched' }, { ack: 1 }] : [])));
    const send = [
      { connect: { url } },
      { send: { json: { type: 'subscribe' }, mark: 'asked' } },
      { expect: { one: { ack: 1 } } },
    ];
    const found = await converse([...send, { expect: { one: { event: 'patched' }, from: 'asked' } }]);
    expect(lastStep(found).status).toBe('done');
    const missed = await converse([...send, { expect: { one: { event: 'patched' }, within: '50ms' } }]);
    expect(lastStep(missed).failure).toEqual({
      kind: 'timeout',
      frames: [4],
      message:
        'one never came within 50 ms: awaited {event: "patched"}; no frame seen since, #4 matches but came before this search begins: let it begin at a mark (from)',
    });
  });

  it('loses none of 10,000 frames that come between two steps', async () => {
    const burst = Promise.withResolvers<void>();
    const url = await serve((socket) => {
      socket.on('message', () => {
        for (let n = 1; n < 10_000; n += 1) say(socket, { n });
        socket.send('{"n":10000}', () => burst.resolve());
      });
    });
    // Answers when the burst is on the wire: it comes while no step waits for a frame.
    const http = createServer((_, response) => burst.promise.then(() => response.end()));
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
    const { port } = http.address() as AddressInfo;
    const result = await converse(
      [
        { connect: { url } },
        { send: { json: {}, mark: 'asked' } },
        { request: { url: `http://127.0.0.1:${port}/` } },
        { expect: { inOrder: [{ n: 1 }, { n: 5_000 }, { n: 9_999 }] } },
        { expect: { count: { match: { '$.n': { gte: 1 } }, min: 10_000 }, from: 'asked' } },
      ],
      { invariants: [{ gapless: { field: 'n' } }, { noDuplicates: { key: 'n' } }] },
    );
    http.close();
    http.closeAllConnections();
    expect(passOf(result).steps.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect(passOf(result).checks).toEqual([
      { name: 'gapless n of *', result: 'pass', actual: '10,000 frames with n in 1 stream' },
      { name: 'noDuplicates n', result: 'pass', actual: '10,000 frames with n' },
    ]);
  });

  it('times itself by when the frame came, and the time since a mark is a check', async () => {
    const url = await serve((socket) => socket.on('message', () => setTimeout(() => say(socket, { done: true }), 60)));
    const steps = (max: string) => [
      { connect: { url } },
      { send: { json: {}, mark: 'asked' } },
      { expect: { one: { done: true }, latency: { since: 'asked', max } } },
    ];
    const fast = lastStep(await converse(steps('5s')));
    expect(fast.latencyMs).toBeGreaterThan(50);
    expect(fast.phasesMs.firstFrame).toBeGreaterThan(50);
    expect(fast.checks[1]).toMatchObject({ name: 'latency since asked <= 5,000 ms', result: 'pass' });
    const slow = lastStep(await converse(steps('20ms')));
    expect(slow).toMatchObject({
      status: 'failed',
      checks: [{ result: 'pass' }, { name: 'latency since asked <= 20 ms', result: 'fail' }],
    });
    expect(slow.failure).toBeUndefined();
  });

  it('takes no time for a frame that was there already, and its whole window for one that never comes', async () => {
    const url = await keep(serveRawWebsocket([textFrame({ n: 1 }), textFrame({ n: 2 })]));
    const result = await converse([
      { connect: { url } },
      { expect: { one: { n: 1 } } },
      { expect: { one: { n: 2 } } },
      { expect: { one: { n: 3 }, within: '30ms' } },
    ]);
    expect(
      passOf(result)
        .steps.slice(2)
        .map(({ status, latencyMs }) => [status, latencyMs]),
    ).toEqual([
      ['done', 0],
      ['failed', 30],
    ]);
  });

  it('captures from the frame that matched, for the steps that follow', async () => {
    const url = await serve(answering(({ type, id }) => (type === 'ask' ? [{ run: { id: 7 } }] : [{ echoed: id }])));
    const result = await converse([
      { connect: { url } },
      { send: { json: { type: 'ask' } } },
      { expect: { one: { '$.run.id': { exists: true } }, capture: { run: '$.run.id' } } },
      { send: { json: { type: 'echo', id: '{{run}}' } } },
      { expect: { one: { echoed: '{{run}}' } } },
    ]);
    expect(lastStep(result)).toMatchObject({
      status: 'done',
      checks: [{ name: 'one {echoed: "{{run}}"}', result: 'pass' }],
    });
  });

  it('says what a capture did not find', async () => {
    const url = await serve((socket) => say(socket, { n: 1 }));
    const result = await converse([{ connect: { url } }, { expect: { one: { n: 1 }, capture: { run: '$.run.id' } } }]);
    expect(lastStep(result).failure).toEqual({
      kind: 'capture',
      message: 'nothing to capture as "run": json $.run.id was not in #3',
    });
  });

  it('redacts a captured secret everywhere, the steps before its capture too', async () => {
    const url = await serve((socket) => say(socket, { session: 'canary-secret-2' }));
    const result = await converse([
      { connect: { url } },
      { expect: { one: { '$.session': { exists: true } }, capture: { session: { json: '$.session', secret: true } } } },
      { send: { json: { session: '{{session}}' } } },
      { expect: { one: { session: 'other' }, within: '20ms' } },
    ]);
    expect(lastStep(result).status).toBe('failed');
    expect(JSON.stringify(result)).not.toContain('canary-secret-2');
  });
});

describe('proof of absence', () => {
  const absent = (more: object = {}) => ({ expect: { absent: { type: 'error' }, within: '60ms', ...more } });

  it('passes when the connection was heard in the window', async () => {
    const url = await serve((socket) => setTimeout(() => say(socket, { type: 'tick' }), 20));
    expect(lastStep(await converse([{ connect: { url } }, absent()])).checks).toMatchObject([{ result: 'pass' }]);
  });

  it('asks a silent connection with a ping, and its answer is proof', async () => {
    const { checks, evidence } = lastStep(await converse([{ connect: { url: await serve() } }, absent()]));
    expect(checks).toMatchObject([{ result: 'pass' }]);
    expect(evidence?.frames?.map(({ text }) => text).slice(-2)).toEqual([
      'ping from the client (by itself)',
      'pong from the server',
    ]);
  });

  it('is inconclusive, never passed, when nothing answers', async () => {
    const url = await keep(serveRawWebsocket([]));
    expect(lastStep(await converse([{ connect: { url } }, absent()]))).toMatchObject({
      status: 'done',
      checks: [
        {
          result: 'inconclusive',
          actual:
            'none came within 60 ms, but nothing shows that the connection was still alive then: no frame after it, and no answer to a ping',
        },
      ],
    });
  });

  it('fails at once when the frame comes', async () => {
    const url = await serve((socket) => say(socket, { type: 'error' }));
    const { checks, status } = lastStep(await converse([{ connect: { url } }, absent({ within: '60s' })]));
    expect({ checks, status }).toMatchObject({
      status: 'failed',
      checks: [{ result: 'fail', actual: '#3 came: {type: "error"}' }],
    });
  });

  it('does not pass on a connection that broke off meanwhile', async () => {
    const url = await serve((socket) => setTimeout(() => socket.terminate(), 20));
    expect(lastStep(await converse([{ connect: { url } }, absent()])).failure).toMatchObject({ kind: 'closed' });
  });
});

describe('the end of a connection', () => {
  it('fails the step that waits at once, with code and reason', async () => {
    const url = await serve((socket) => setTimeout(() => socket.close(1011, 'restarting'), 30));
    const { failure, latencyMs } = lastStep(
      await converse([{ connect: { url } }, { expect: { one: { n: 1 }, within: '60s' } }]),
    );
    expect(latencyMs).toBeNull();
    expect(failure).toEqual({
      kind: 'closed',
      closeCode: 1011,
      message:
        'connection "main" was closed with 1011 "restarting"; one never came before that: awaited {n: 1}; no frame seen since',
    });
  });

  it('leaves what came before it to be found', async () => {
    const url = await serve((socket) => {
      say(socket, { n: 1 }, { n: 2 });
      socket.close(1000);
    });
    const result = await converse([
      { connect: { url } },
      { expectClose: { code: 1000 } },
      { expect: { count: { match: { '$.n': { gte: 1 } }, exactly: 2 }, within: '60s' } },
    ]);
    expect(passOf(result).steps.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  });

  it('has a code that is data, checked by a matcher', async () => {
    const url = await serve((socket) => socket.close(4408, 'no init'));
    const right = await converse([{ connect: { url } }, { expectClose: { code: { gte: 4400 } } }]);
    expect(lastStep(right)).toMatchObject({
      status: 'done',
      checks: [{ name: 'close code >= 4400', result: 'pass', actual: '4408 "no init"' }],
    });
    const wrong = await converse([{ connect: { url } }, { expectClose: { code: 1000 } }]);
    expect(lastStep(wrong)).toMatchObject({
      status: 'failed',
      checks: [{ name: 'close code equals 1000', result: 'fail' }],
    });
  });

  it('that does not come is a timeout', async () => {
    const result = await converse([
      { connect: { url: await serve() } },
      { expectClose: { code: 1000, within: '40ms' } },
    ]);
    expect(lastStep(result)).toMatchObject({
      latencyMs: 40,
      failure: { kind: 'timeout', message: 'connection "main" was still open after 40 ms' },
    });
  });

  it('fails a send', async () => {
    const url = await serve((socket) => socket.close(1001));
    const result = await converse([{ connect: { url } }, { expectClose: { code: 1001 } }, { send: { json: {} } }]);
    expect(lastStep(result).failure).toEqual({
      kind: 'closed',
      message: 'connection "main" was closed with 1001',
      closeCode: 1001,
    });
  });

  it('is 1000, said by us, when the pass is over', async () => {
    let code = 0;
    const url = await serve((socket) => socket.on('close', (closed) => (code = closed)));
    await converse([{ connect: { url } }]);
    await expect.poll(() => code).toBe(1000);
  });

  it('is waited for in bounded time when the server never answers our close', async () => {
    const url = await keep(serveRawWebsocket([], undefined, true));
    const began = performance.now();
    const result = await converse([{ connect: { url } }]);
    expect(lastStep(result).status).toBe('done');
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('several connections and a side channel', () => {
  it('keeps the frames of each connection apart', async () => {
    const url = await serve((socket) => say(socket, { hello: true }));
    const result = await converse([
      { connect: { as: 'a', url } },
      { connect: { as: 'b', url } },
      { expect: { as: 'a', one: { hello: true } } },
      { expect: { as: 'b', one: { hello: true } } },
      { expect: { as: 'b', one: { hello: true }, within: '20ms' } },
    ]);
    expect(passOf(result).steps.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done', 'failed']);
  });

  it('publishes by HTTP and observes by websocket', async () => {
    const http = createServer();
    const sockets: WebSocket[] = [];
    const url = await serve((socket) => sockets.push(socket));
    http.on('request', (_, response) => {
      for (const socket of sockets) say(socket, { published: 42 });
      response.end('{"id":42}');
    });
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
    const { port } = http.address() as AddressInfo;
    const result = await converse([
      { connect: { url } },
      {
        request: { method: 'POST', url: `http://127.0.0.1:${port}/` },
        expect: { status: 200 },
        capture: { id: '$.id' },
      },
      { expect: { one: { published: '{{id}}' } } },
    ]);
    http.close();
    http.closeAllConnections();
    expect(passOf(result).steps.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  });

  it('stops at once when it is interrupted', async () => {
    const url = await serve();
    const stop = new AbortController();
    const probe = probeOf({
      kind: 'websocket',
      steps: [{ connect: { url } }, { expect: { one: { n: 1 }, within: '60s' } }],
    });
    setTimeout(() => stop.abort(new Error('interrupted')), 80);
    await expect(measure(probe, contextOf(), stop.signal)).rejects.toThrow('interrupted');
  });

  it('keeps what was measured when the deadline comes', async () => {
    const waiting = { expect: { one: { n: 1 }, within: '600ms' } };
    const absent = { expect: { absent: { n: 1 }, within: '100ms' } };
    const steps = [{ connect: { url: await serve() } }, absent, waiting];
    const result = await converse(steps, { timeout: '600ms', deadline: '600ms' });
    expect(result.deadlineReached).toBe(true);
    expect(passOf(result).steps.map(({ status }) => status)).toEqual(['done', 'done', 'failed']);
    expect(lastStep(result).failure?.message).toContain('deadline');
  });
});
