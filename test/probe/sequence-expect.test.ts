import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import {
  answering,
  converse,
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

/** Two connections; what one sends both are told, in the order of `copies`. */
const serveRoom = () => {
  const sockets: WebSocket[] = [];
  return serve((socket) => {
    sockets.push(socket);
    socket.on('message', (data) => {
      for (const one of sockets) one.send(data.toString());
    });
  });
};

const both = (url: string) => ['a', 'b'].map((as) => ({ connect: { as, url } }));

describe('an expect step over several connections', () => {
  it('finds each of the patterns on any of them, in order of arrival', async () => {
    const url = await serveRoom();
    const result = await converse([
      ...both(url),
      { send: { as: 'a', json: { n: 1 } } },
      { expect: { as: ['a', 'b'], count: { match: { n: 1 }, exactly: 2, until: { quiet: '50ms' } } } },
      { send: { as: 'b', json: { n: 2 } } },
      { expect: { as: ['a', 'b'], unordered: [{ n: 2 }, { n: 2 }] } },
      { expect: { as: ['a', 'b'], one: { n: 2 }, within: '30ms' } },
    ]);
    expect(statusesOf(result)).toEqual(['done', 'done', 'done', 'done', 'done', 'done', 'failed']);
    expect(lastStep(result).failure?.kind).toBe('timeout');
  });

  it('goes on as long as one of them may bring it, and fails at once when none can', async () => {
    const url = await serve((socket) =>
      socket.on('message', (data) => {
        if (data.toString().includes('bye')) socket.close(4000, 'bye');
        else setTimeout(() => say(socket, { n: 1 }), 40);
      }),
    );
    const expectOne = { expect: { as: ['a', 'b'], one: { n: 1 }, within: '60s' } };
    const bye = (as: string) => ({ send: { as, json: { bye: true } } });
    const one = await converse([...both(url), bye('a'), { send: { as: 'b', json: {} } }, expectOne]);
    expect(lastStep(one).status).toBe('done');
    const none = lastStep(await converse([...both(url), bye('a'), bye('b'), expectOne], { timeout: '61s' }));
    expect(none).toMatchObject({ status: 'failed', latencyMs: null, failure: { kind: 'closed', closeCode: 4000 } });
  });

  it('proves an absence only where each of them is alive', async () => {
    const dead = await keep(serveRawWebsocket([]));
    const alive = await serve();
    const absent = { expect: { as: ['a', 'b'], absent: { type: 'error' }, within: '40ms' } };
    const result = await converse([{ connect: { as: 'a', url: alive } }, { connect: { as: 'b', url: dead } }, absent]);
    expect(lastStep(result)).toMatchObject({ status: 'done', checks: [{ result: 'inconclusive' }] });
    const sound = await converse([{ connect: { as: 'a', url: alive } }, { connect: { as: 'b', url: alive } }, absent]);
    expect(lastStep(sound)).toMatchObject({ status: 'done', checks: [{ result: 'pass' }] });
  });

  it('does not prove an absence where one of them broke off', async () => {
    const url = await serve((socket) => setTimeout(() => socket.terminate(), 20));
    const result = await converse([
      { connect: { as: 'a', url: await serve() } },
      { connect: { as: 'b', url } },
      { expect: { as: ['a', 'b'], absent: { type: 'error' }, within: '80ms' } },
    ]);
    expect(lastStep(result)).toMatchObject({ status: 'failed', failure: { kind: 'closed', closeCode: 1006 } });
  });

  it('names the connection that fell silent', async () => {
    const dead = await keep(serveRawWebsocket([]));
    const result = await converse([
      { connect: { as: 'a', url: await serve() } },
      { connect: { as: 'b', url: dead } },
      { expect: { as: ['a', 'b'], one: { n: 1 }, within: '40ms' } },
    ]);
    expect(lastStep(result).failure?.message).toMatch(/; connection b is silent: not even a ping was answered$/);
  });
});

describe('a count that ends before its window does', () => {
  const burst = () =>
    serve((socket) => {
      socket.on('message', () => {
        for (const ms of [0, 20, 40]) setTimeout(() => say(socket, { n: ms }), ms);
        setTimeout(() => say(socket, { last: true }, { n: 99 }), 60);
      });
    });
  const counting = async (count: object) => {
    const steps = [{ connect: { url: await burst() } }, { send: { json: {}, mark: 'asked' } }];
    const counted = { expect: { count: { match: { '$.n': { gte: 0 } }, ...count }, from: 'asked', within: '60s' } };
    return lastStep(await converse([...steps, counted], { timeout: '61s' }));
  };

  it('is over with the message that ends it', async () => {
    expect(await counting({ exactly: 3, until: { last: true } })).toMatchObject({
      status: 'done',
      checks: [{ result: 'pass' }],
    });
    expect(await counting({ exactly: 4, until: { last: true } })).toMatchObject({
      status: 'failed',
      checks: [{ result: 'fail', actual: expect.stringContaining('3 came') }],
    });
  });

  it('is over when it has been quiet for so long, with no frame to say so', async () => {
    const step = await counting({ exactly: 4, until: { quiet: '250ms' } });
    expect(step).toMatchObject({ status: 'done', checks: [{ result: 'pass' }] });
    expect(step.latencyMs).toBeGreaterThan(250);
    expect(step.latencyMs).toBeLessThan(20_000);
    expect(await counting({ exactly: 5, until: { quiet: '250ms' } })).toMatchObject({ status: 'failed' });
  });
});

describe('what an expect step takes from a message', () => {
  const codec = { json: { fields: { cursor: '$.meta.at' } } };

  it('is a field that the codec read, whatever the protocol calls it', async () => {
    const url = await serve(answering(({ cursor }) => [{ type: 'event', meta: { at: cursor ?? 41 } }]));
    const result = await converse(
      [
        { connect: { url } },
        { send: { json: {} } },
        { expect: { one: { $type: 'event', $cursor: { gt: 40 } }, capture: { at: '$cursor' } } },
        { send: { json: { cursor: '{{at}}' } } },
        { expect: { one: { meta: { at: '{{at}}' } } } },
      ],
      { codec },
    );
    expect(statusesOf(result)).toEqual(['done', 'done', 'done', 'done', 'done']);
  });

  it('is missed by name where the message lacks it', async () => {
    const url = await serve((socket) => say(socket, { type: 'event' }));
    const step = lastStep(
      await converse([{ connect: { url } }, { expect: { one: { $type: 'event' }, capture: { at: '$cursor' } } }], {
        codec,
      }),
    );
    expect(step.failure).toEqual({
      kind: 'capture',
      message: 'nothing to capture as "at": $cursor was not in #3',
    });
  });

  it('is the time since a mark, as a figure and a check', async () => {
    const url = await serve((socket) => socket.on('message', () => setTimeout(() => say(socket, { n: 1 }), 40)));
    const latency = { since: 'asked', max: '5s' };
    const steps = [{ connect: { url } }, { send: { json: {} }, mark: 'asked' }, { expect: { one: { n: 1 }, latency } }];
    const [figure] = lastStep(await converse(steps)).figures ?? [];
    expect(figure).toMatchObject({ name: 'asked to event', unit: 'ms' });
    expect(figure?.value).toBeGreaterThan(30);
  });
});

describe('the record of a pass', () => {
  it('has who claimed what, and reports what nobody claimed', async () => {
    const url = await serve((socket) =>
      say(socket, { type: 'hello' }, { type: 'stray' }, { type: 'stray' }, { type: 'done' }),
    );
    const { sequence } = passOf(
      await converse([{ connect: { url } }, { expect: { one: { type: 'done' } } }, { disconnect: {} }]),
    );
    expect(sequence).toMatchObject({
      messages: 4,
      connections: [{ name: 'main', opened: 1 }],
      leftovers: [
        { label: 'stray', count: 2, first: 4 },
        { label: 'hello', count: 1, first: 3 },
      ],
    });
    expect(sequence?.rungs).toContainEqual(
      expect.objectContaining({ n: 6, step: '2 expect main', text: '{"type":"done"}' }),
    );
  });

  it('marks where it broke: the frame at fault, and the link that never came', async () => {
    const url = await keep(serveRawWebsocket([textFrame({ n: 1 }), textFrame({ n: 3 })]));
    const { sequence } = passOf(
      await converse([{ connect: { url } }, { expect: { inOrder: [{ n: 1 }, { n: 2 }], within: '40ms' } }]),
    );
    const rungs = sequence?.rungs ?? [];
    expect(rungs).toContainEqual(expect.objectContaining({ n: 4, text: '{"n":3}', broken: true }));
    expect(rungs.at(-1)).toMatchObject({ kind: expect.any(String) });
    expect(rungs).toContainEqual(
      expect.objectContaining({
        kind: 'missing',
        step: '2 expect main',
        text: expect.stringContaining('inOrder 2 of 2 never came'),
      }),
    );
  });

  it('is kept by the passes that keep their evidence', async () => {
    const url = await serve((socket) => say(socket, { n: 1 }));
    const result = await converse([{ connect: { url } }, { expect: { one: { n: 1 } } }], { samples: 3 });
    expect(result.passes.map(({ sequence }) => sequence !== undefined)).toEqual([false, false, true]);
  });
});
