import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { contextOf, measure, probeOf } from '../support/probing.ts';
import {
  converse,
  frameOf,
  keepTargets,
  lastStep,
  say,
  serveRawWebsocket,
  serveTcp,
  serveWebsocket,
  statusesOf,
  textFrame,
} from '../support/websocket-target.ts';

const keep = keepTargets();

/** Says these things at once, and then is half dead: the socket is open, and nothing is read or answered any more. */
const serveMute = (...bodies: readonly object[]) =>
  keep(serveRawWebsocket(bodies.map(textFrame), (socket) => setImmediate(() => socket.pause())));

/** Answers no ping, but says something by itself, over and over. */
const serveBeating = (...bodies: readonly object[]) =>
  keep(
    serveRawWebsocket(bodies.map(textFrame), (socket: Socket) => {
      const timer = setInterval(() => socket.write(textFrame({ type: 'tick' })), 10);
      socket.on('close', () => clearInterval(timer));
    }),
  );

const unproven = 'nothing shows that the connection was still alive then: no frame after it, and no answer to a ping';
const beating = { codec: { json: { roles: { heartbeat: { type: 'tick' } } } } };

/** Steps that hold because nothing came, or nothing more. */
const vacuous = {
  'an absence': { expect: { absent: { type: 'error' }, within: '80ms' } },
  'an exact count': { expect: { count: { match: { n: 1 }, exactly: 1 }, within: '80ms' } },
  'a count with an upper bound': { expect: { count: { match: { n: 1 }, max: 3 }, within: '80ms' } },
  'a count until quiet': { expect: { count: { match: { n: 1 }, exactly: 1, until: { quiet: '60ms' } }, within: '1s' } },
  'a quiet step': { quiet: '60ms' },
};

describe('a connection that went mute after its one frame', () => {
  /** The last check of each of them, carried out side by side. */
  const checksOver = async (url: string, more: object = {}) =>
    Promise.all(
      Object.entries(vacuous).map(async ([name, step]) => {
        const { checks, evidence } = lastStep(await converse([{ connect: { url } }, step], more));
        return { name, ...checks[0], last: evidence?.frames?.at(-1)?.text };
      }),
    );

  it('lets nothing pass that holds because nothing came', async () => {
    for (const { name, result, actual } of await checksOver(await serveMute({ n: 1 }))) {
      expect([name, result]).toEqual([name, 'inconclusive']);
      expect(actual).toMatch(/still alive/);
    }
  });

  it('is told from one that answers no ping but beats', async () => {
    for (const { name, result } of await checksOver(await serveBeating({ n: 1 }), beating))
      expect([name, result]).toEqual([name, 'pass']);
  });

  it('is told from one that answers a ping', async () => {
    const url = await keep(serveWebsocket((socket) => say(socket, { n: 1 })));
    for (const { name, result, last } of await checksOver(url))
      expect([name, result, last]).toEqual([name, 'pass', 'pong from the server']);
  });

  it('lets the message that was to prove it pass an absence, but not one from before the wait', async () => {
    const url = await serveMute({ n: 1 });
    const absent = { expect: { absent: { type: 'error' }, afterSeen: { n: 1 }, within: '80ms', from: 'begun' } };
    const early = [{ connect: { url }, mark: 'begun' }, { expect: { one: { n: 1 } } }, { quiet: '20ms' }, absent];
    expect(lastStep(await converse(early)).checks).toMatchObject([
      { result: 'inconclusive', actual: `none came within 80 ms, but ${unproven}` },
    ]);
    const fenced = await keep(
      serveRawWebsocket([], (socket) => setTimeout(() => socket.write(textFrame({ n: 1 }), () => socket.pause()), 30)),
    );
    const later = await converse([{ connect: { url: fenced }, mark: 'begun' }, absent]);
    expect(lastStep(later).checks).toMatchObject([{ result: 'pass' }]);
  });

  it('is named among several', async () => {
    const live = await keep(serveWebsocket(() => {}));
    const step = lastStep(
      await converse([
        { connect: { as: 'a', url: live } },
        { connect: { as: 'b', url: await serveMute() } },
        { expect: { as: ['a', 'b'], absent: { type: 'error' }, within: '50ms' } },
      ]),
    );
    expect(step.checks).toMatchObject([
      {
        result: 'inconclusive',
        actual: expect.stringMatching(/; connection b is silent: not even a ping was answered$/),
      },
    ]);
  });

  it('proves nothing of a replay that only fell silent', async () => {
    const codec = {
      json: {
        fields: { stream: 'stream', cursor: 'cursor' },
        operations: { subscribe: { sub: '{{op.stream}}', from: '{{op.cursor}}' } },
      },
    };
    const events = [1, 2, 3].map((cursor) => ({ stream: 's', cursor }));
    const replay = { replay: { stream: 's', from: 0, until: { quiet: '60ms' }, assert: ['gapless', 'noDuplicates'] } };
    const answer = (mute: boolean) =>
      keep(
        serveRawWebsocket([], (socket) =>
          socket.once('data', () => {
            socket.write(Buffer.concat(events.map(textFrame)));
            if (mute) setImmediate(() => socket.pause());
            else socket.on('data', () => socket.write(frameOf(9)));
          }),
        ),
      );
    const [dead, alive] = [await answer(true), await answer(false)];
    const verdicts = async (url: string) =>
      lastStep(await converse([{ connect: { url } }, replay], { codec })).checks.map(({ result }) => result);
    expect(await verdicts(dead)).toEqual(['inconclusive', 'inconclusive']);
    expect(await verdicts(alive)).toEqual(['pass', 'pass']);
  });
});

describe('an end of our own', () => {
  it.each([
    ['a close', { close: 1000 }, 1000],
    ['a drop', { terminate: true }, 1006],
  ])('is no close of the server: %s', async (_, how, code) => {
    const url = await keep(serveWebsocket(() => {}));
    // A config in this order is refused; a step in a soak may still come to it.
    const probe = probeOf({
      kind: 'websocket',
      timeout: '2s',
      steps: [{ connect: { url } }, { expectClose: { code } }, { disconnect: how }],
    });
    const [connect, expectClose, disconnect] = probe.steps;
    const steps = [connect, disconnect, expectClose].flatMap((step) => step ?? []);
    const result = await measure({ ...probe, steps }, contextOf());
    expect(statusesOf(result)).toEqual(['done', 'done', 'failed']);
    expect(lastStep(result).failure?.message).toMatch(/^connection "main" was ended by us \(\d+\): that says nothing/);
  });
});

describe('a step that the deadline of the run cuts short', () => {
  const run = (...steps: readonly object[]) =>
    measure({ ...probeOf({ kind: 'websocket', timeout: '10s', steps }), deadlineMs: 400 }, contextOf());
  const cut = async (url: string, step: object) => lastStep(await run({ connect: { url } }, step));

  const reached = "the run's deadline of 400 ms was reached";

  it('says what it awaited, what it had seen, and shows its frames and the gap', async () => {
    const url = await keep(serveWebsocket((socket) => say(socket, { n: 1 })));
    const result = await run({ connect: { url } }, { expect: { one: { n: 2 }, within: '10s' } });
    expect(lastStep(result).failure?.message).toBe(
      `${reached}; one never came so far: awaited {n: 2}; 1 frame seen since, nearest #3 differs at n: 1`,
    );
    expect(lastStep(result).evidence?.frames?.some(({ n }) => n === 3)).toBe(true);
    const rungs = result.passes[0]?.sequence?.rungs ?? [];
    expect(rungs.some((rung) => rung.kind === 'missing' && rung.text.startsWith(reached))).toBe(true);
  });

  it.each([
    [
      'a count',
      { expect: { count: { match: { n: 1 }, exactly: 1 }, within: '10s' } },
      /; the count of \{n: 1\} was cut short at 1 \(#3\)$/,
    ],
    [
      'an absence',
      { expect: { absent: { n: 2 }, within: '10s' } },
      /; the absence of \{n: 2\} was cut short; 1 frame seen since$/,
    ],
    ['a close', { expectClose: { code: 1000, within: '10s' } }, /; connection "main" was still open$/],
    ['silence', { quiet: { for: '9s', within: '10s' } }, /; not yet quiet for 9,000 ms: nothing came$/],
    ['a barrier', { barrier: { as: ['main'], within: '10s' } }, /; connection "main" had not answered a ping$/],
    ['an upgrade', { connect: { as: 'b', url: '{{mute}}' } }, /; waiting for the answer to the upgrade$/],
  ])('names %s', async (_, step, message) => {
    const url = await serveMute({ n: 1 });
    const mute = await keep(serveTcp(() => {}));
    const filled = JSON.parse(JSON.stringify(step).replace('{{mute}}', mute)) as object;
    const failure = (await cut(url, filled)).failure?.message ?? '';
    expect(failure).toMatch(message);
    expect(failure.startsWith(reached)).toBe(true);
  });

  it('is named inside a soak, with its iteration', async () => {
    const url = await serveMute({ n: 1 });
    const step = await cut(url, {
      soak: {
        iterations: 5,
        steps: [
          { name: 'hear', expect: { one: { n: 1 }, within: '10s' } },
          { name: 'more', expect: { one: { n: 2 }, within: '10s' } },
        ],
      },
    });
    expect(step.failure?.message).toBe(
      `${reached} after 0 of 5 iterations; iteration 1 at "more": one never came so far: awaited {n: 2}; no frame seen since`,
    );
  });
});
