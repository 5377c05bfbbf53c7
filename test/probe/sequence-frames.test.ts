import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
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
  statusesOf,
  textFrame,
} from '../support/websocket-target.ts';

const keep = keepTargets();
const serve = (accept: (socket: WebSocket) => void) => keep(serveWebsocket(accept));

/** Fragments of one text message (RFC 6455 §5.4): the first with its opcode, the last with FIN. */
const fragmentsOf = (text: string, count: number): readonly Buffer[] => {
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, at) => {
    const frame = frameOf(at === 0 ? 1 : 0, text.slice(at * size, (at + 1) * size));
    if (at < count - 1) frame[0] = (frame[0] ?? 0) & 0x7f;
    return frame;
  });
};

/** Writes piece by piece, each a packet of its own as far as the kernel lets it; the last size is used on and on. */
const trickle = async (socket: Socket, bytes: Buffer, sizes: readonly number[] = [1]) => {
  socket.setNoDelay(true);
  for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
    const size = sizes[Math.min(piece, sizes.length - 1)] ?? 1;
    socket.write(bytes.subarray(at, at + size));
    at += size;
    await new Promise((done) => setImmediate(done));
  }
};

describe('frames that break other tools', () => {
  it('come in a burst of 10,000 between two steps, and none is lost', async () => {
    const url = await serve((socket) =>
      socket.on('message', () => {
        for (let n = 1; n <= 10_000; n += 1) say(socket, { n });
      }),
    );
    const result = await converse(
      [
        { connect: { url } },
        { send: { json: {} }, mark: 'asked' },
        { barrier: ['main'] },
        { expect: { one: { n: 10_000 }, within: '1ms' } },
        { expect: { count: { match: { '$.n': { gte: 1 } }, exactly: 10_000 }, from: 'asked', within: '1ms' } },
      ],
      { timeout: '30s', invariants: [{ gapless: { field: 'n' } }, { noDuplicates: { key: 'n' } }] },
    );
    expect(statusesOf(result).every((status) => status === 'done')).toBe(true);
    expect(passOf(result).checks.map(({ result: found }) => found)).toEqual(['pass', 'pass']);
    expect(passOf(result).sequence?.rungs.length).toBeLessThanOrEqual(80);
  });

  it('bring the event before its acknowledgement, which is no fault and loses neither', async () => {
    const url = await serve(
      answering(({ cursor }) => [
        { type: 'event', cursor },
        { type: 'acked', cursor },
      ]),
    );
    const codec = {
      json: {
        roles: { ack: { type: 'acked' } },
        operations: { ack: { type: 'ack', cursor: '{{op.cursor}}' } },
      },
    };
    const result = await converse(
      [
        { connect: { url } },
        { ack: { stream: 'notes', cursor: 5 }, mark: 'asked' },
        { expect: { one: { type: 'event', cursor: 5 }, from: 'asked' } },
      ],
      { codec },
    );
    expect(statusesOf(result)).toEqual(['done', 'done', 'done']);
  });

  it('hold two messages in one, each of them a message', async () => {
    const url = await serve((socket) =>
      socket.on('message', () => {
        socket.send('{}\u001e');
        socket.send('{"type":1,"target":"a","arguments":[]}\u001e{"type":1,"target":"b","arguments":[]}\u001e');
      }),
    );
    const result = await converse(
      [
        { connect: { url } },
        { expect: { one: { target: 'a' } } },
        { expect: { one: { target: 'b' } } },
        { expect: { one: { target: 'b' }, within: '20ms' } },
      ],
      { codec: 'signalr' },
    );
    expect(statusesOf(result)).toEqual(['done', 'done', 'done', 'failed']);
  });

  it('are split over packets, a byte in each, and over fragments with a ping between', async () => {
    const text = JSON.stringify({ type: 'split', body: 'ü'.repeat(40) });
    const latin = JSON.stringify({ type: 'fragmented', body: 'x'.repeat(200) });
    const [first = Buffer.alloc(0), ...rest] = fragmentsOf(latin, 5);
    const url = await keep(
      serveRawWebsocket([], (socket) => {
        void trickle(socket, Buffer.concat([frameOf(1, text), first, frameOf(9, 'still there'), ...rest]));
      }),
    );
    const result = await converse([
      { connect: { url } },
      { expect: { one: { type: 'split', '$.body': { minLength: 40 } } } },
      { expect: { one: { type: 'fragmented', '$.body': { minLength: 200 } } } },
    ]);
    expect(statusesOf(result)).toEqual(['done', 'done', 'done']);
    expect(passOf(result).sequence?.messages).toBe(2);
  });

  it('are the same messages however they are cut into fragments and packets', async () => {
    const message = fc.record({ text: fc.string({ maxLength: 60 }), fragments: fc.integer({ min: 1, max: 6 }) });
    const stream = fc.array(message, { minLength: 1, maxLength: 12 });
    const packets = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(stream, packets, async (messages, sizes) => {
        // Fragments are cut by characters, and must not cut one in two.
        const texts = messages.map(({ text }, n) =>
          JSON.stringify({ n, text: encodeURIComponent(text.toWellFormed()) }),
        );
        const bytes = texts.flatMap((text, at) => fragmentsOf(text, messages[at]?.fragments ?? 1));
        const target = await serveRawWebsocket([], (socket) => void trickle(socket, Buffer.concat(bytes), sizes));
        const patterns = texts.map((text) => JSON.parse(text));
        const result = await converse([
          { connect: { url: target.url } },
          { expect: { inOrder: patterns, contiguous: true, within: '20s' } },
        ]);
        await target.close();
        expect(lastStep(result).failure).toBeUndefined();
        expect(passOf(result).sequence?.messages).toBe(messages.length);
      }),
      { numRuns: 15 },
    );
  });

  it('end in a close in the middle of a step, which fails there with all that had come', async () => {
    const url = await serve((socket) =>
      socket.on('message', () => {
        say(socket, { n: 1 });
        setTimeout(() => socket.close(1012, 'restarting'), 30);
      }),
    );
    const step = lastStep(
      await converse(
        [{ connect: { url } }, { send: { json: {} } }, { expect: { inOrder: [{ n: 1 }, { n: 2 }], within: '60s' } }],
        { timeout: '61s' },
      ),
    );
    expect(step.failure).toMatchObject({ kind: 'closed', closeCode: 1012 });
    expect(step.failure?.message).toMatch(
      /^connection "main" was closed with 1012 "restarting"; inOrder 2 of 2 never came before that/,
    );
  });

  it('end in the middle of a message, which is a connection that broke off', async () => {
    const url = await keep(
      serveRawWebsocket([], (socket) => socket.end(textFrame({ type: 'never whole' }).subarray(0, 12))),
    );
    const step = lastStep(
      await converse([{ connect: { url } }, { expect: { one: {}, within: '60s' } }], { timeout: '61s' }),
    );
    expect(step.failure).toMatchObject({ kind: 'closed', closeCode: 1006 });
  });

  it('are never sent in answer to our close: the step says so, and the pass ends all the same', async () => {
    const url = await keep(serveRawWebsocket([textFrame({ n: 1 })], undefined, true));
    const result = await converse([
      { connect: { url } },
      { expect: { one: { n: 1 } } },
      { disconnect: { within: '100ms' } },
    ]);
    expect(lastStep(result).failure?.message).toBe(
      'connection "main": the server never answered the close within 100 ms',
    );
    expect(passOf(result).sequence?.messages).toBe(1);
  });

  it('go on after a drop of ours: what was under way belongs to nobody, and not to who comes next', async () => {
    let connections = 0;
    const url = await serve((socket) => {
      connections += 1;
      const mine = connections;
      const timer = setInterval(() => say(socket, { from: mine }), 1);
      socket.on('close', () => clearInterval(timer));
    });
    const result = await converse([
      { connect: { url } },
      { expect: { one: { from: 1 } } },
      { connect: { url } },
      { expect: { absent: { from: 1 }, within: '60ms' } },
      { expect: { one: { from: 2 } } },
    ]);
    expect(statusesOf(result).every((status) => status === 'done')).toBe(true);
  });
});
