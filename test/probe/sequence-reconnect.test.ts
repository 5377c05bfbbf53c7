import { describe, expect, it } from 'vitest';
import { type AckFaults, ackedCodec, serveAckedStreams } from '../support/acked-streams.ts';
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
const codec = { codec: ackedCodec };

const serve = (faults?: AckFaults) => keep(serveAckedStreams(faults));

/** Subscribed from the start, and two events read. */
const begun = (url: string): readonly object[] => [
  { connect: { url } },
  { send: { subscribe: { stream: 'notes', cursor: 0 } } },
  { send: { publish: { stream: 'notes', payload: 2 } } },
  { expect: { inOrder: [{ cursor: 1 }, { cursor: 2 }], capture: { cursor: '$cursor' } } },
];

const crash = [{ send: { json: { type: 'crash', stream: '' } } }, { expectClose: { code: 1006 } }];
const forget = { send: { json: { type: 'forget', stream: '' } } };
const reconnect = (more: object = {}) => ({ reconnect: { expect: 'resumed', ...more } });

describe('a reconnect step', () => {
  it('goes on where the codec knows that it was, and misses nothing that came meanwhile', async () => {
    const url = await serve();
    const result = await converse(
      [
        ...begun(url),
        { disconnect: { terminate: true } },
        { connect: { as: 'other', url } },
        { send: { as: 'other', publish: { stream: 'notes', payload: 2 } } },
        { barrier: ['other'] },
        reconnect(),
        { expect: { inOrder: [{ cursor: 3 }, { cursor: 4 }] } },
      ],
      codec,
    );
    expect(statusesOf(result).every((status) => status === 'done')).toBe(true);
    const { checks, phasesMs, latencyMs } = passOf(result).steps.at(-2) ?? {};
    expect(checks).toEqual([
      { name: 'reconnect is resumed', result: 'pass', actual: 'resumed: the server goes on with the session' },
    ]);
    expect(Object.keys(phasesMs ?? {}).toSorted()).toEqual(['connect', 'dns', 'handshake', 'upgrade']);
    expect(latencyMs).toBeGreaterThan(0);
    expect(passOf(result).sequence?.connections).toContainEqual({ name: 'main', opened: 2 });
  });

  it('goes on from the cursor that it is given, and captures from the answer', async () => {
    const url = await serve();
    const result = await converse(
      [
        ...begun(url),
        ...crash,
        reconnect({ resume: { notes: 1 }, capture: { head: '$.head' } }),
        { expect: { one: { cursor: 2 }, within: '2s' } },
        { send: { json: { type: 'publish', stream: 'other', count: '{{head}}' } } },
      ],
      codec,
    );
    expect(statusesOf(result).every((status) => status === 'done')).toBe(true);
    const sent = passOf(result).steps.at(-1)?.evidence?.frames?.at(-1)?.text;
    expect(sent).toBe('{"type":"publish","stream":"other","count":2}');
  });

  it('asks for each stream itself where the handshake is manual, for nothing else would', async () => {
    const url = await serve();
    const [, ...rest] = begun(url);
    const result = await converse(
      [
        { connect: { url, handshake: 'manual' } },
        ...rest,
        { disconnect: { terminate: true } },
        reconnect({ resume: { notes: 1 } }),
        { expect: { one: { cursor: 2 } } },
      ],
      codec,
    );
    expect(passOf(result).steps.at(-2)?.checks).toEqual([
      { name: 'reconnect is resumed', result: 'pass', actual: 'resumed: the subscribe of "notes" at 1 was accepted' },
    ]);
    expect(lastStep(result).status).toBe('done');
  });

  it('is a reset, whatever was accepted, where the epoch is another', async () => {
    const steps = [...begun(await serve()), forget, ...crash];
    const found = lastStep(await converse([...steps, reconnect({ expect: 'reset' })], codec));
    expect(found).toMatchObject({ status: 'done', checks: [{ name: 'reconnect is reset', result: 'pass' }] });
    const planted = lastStep(
      await converse([...begun(await serve()), forget, ...crash, reconnect({ resume: { notes: 2 } })], codec),
    );
    expect(planted).toMatchObject({
      status: 'failed',
      checks: [{ name: 'reconnect is resumed', result: 'fail', actual: 'reset: the server began a new session' }],
    });
    expect(planted.failure).toBeUndefined();
  });

  it('fails where a reset was expected and the server goes on', async () => {
    const result = await converse([...begun(await serve()), ...crash, reconnect({ expect: 'reset' })], codec);
    expect(lastStep(result)).toMatchObject({
      status: 'failed',
      checks: [{ name: 'reconnect is reset', result: 'fail', actual: 'resumed: the server goes on with the session' }],
    });
  });

  it('holds the code of a rejection against the one that is expected', async () => {
    const refused = async (more: object) => {
      let connections = 0;
      const url = await keep(
        serveWebsocket((socket) => {
          connections += 1;
          const again = connections > 1;
          answering(({ type, stream = '' }) => {
            if (type !== 'subscribe') return [];
            return [again ? { type: 'error', code: 'EXPIRED', stream } : { type: 'subscribed', stream }];
          })(socket);
        }),
      );
      const steps = [{ connect: { url } }, { send: { subscribe: { stream: 'notes', cursor: 3 } } }];
      return lastStep(
        await converse(
          [...steps, { expect: { one: { type: 'subscribed' } } }, { disconnect: {} }, reconnect(more)],
          codec,
        ),
      );
    };
    expect(await refused({ expect: { rejected: 'EXPIRED' } })).toMatchObject({
      status: 'done',
      checks: [
        { name: 'reconnect is rejected with code equals "EXPIRED"', result: 'pass', actual: 'rejected with EXPIRED' },
      ],
    });
    expect(await refused({ expect: { rejected: 'OTHER' } })).toMatchObject({
      status: 'failed',
      checks: [{ result: 'fail', actual: 'rejected with EXPIRED' }],
    });
    expect(await refused({ expect: 'open' })).toMatchObject({ status: 'failed' });
    expect(await refused({ expect: 'resumed' })).toMatchObject({
      status: 'failed',
      failure: { message: expect.stringContaining('refused the handshake with EXPIRED') },
    });
  });

  it('takes a close code of the application, or the status of a refused upgrade, for a rejection', async () => {
    const serveTwice = (second: number | 'close') => {
      let connections = 0;
      return keep(
        serveWebsocket(
          (socket) => {
            if (second === 'close' && connections > 1) socket.close(4401, 'who are you');
          },
          {
            verifyClient: (_: unknown, decide: (accept: boolean, status?: number) => void) => {
              connections += 1;
              if (connections > 1 && second !== 'close') decide(false, second);
              else decide(true);
            },
          },
        ),
      );
    };
    const steps = (url: string, code: number) => [
      { connect: { url } },
      { disconnect: {} },
      reconnect({ expect: { rejected: code }, resume: { notes: 1 } }),
    ];
    const closed = lastStep(await converse(steps(await serveTwice('close'), 4401), codec));
    expect(closed).toMatchObject({ status: 'done', checks: [{ result: 'pass', actual: 'rejected with 4401' }] });
    const refused = lastStep(await converse(steps(await serveTwice(403), 403), codec));
    expect(refused).toMatchObject({ status: 'done', checks: [{ result: 'pass', actual: 'rejected with 403' }] });
    const unlike = lastStep(await converse(steps(await serveTwice(403), 401), codec));
    expect(unlike).toMatchObject({ status: 'failed', checks: [{ result: 'fail', actual: 'rejected with 403' }] });
  });

  it('is inconclusive, never passed, where nobody says what became of the session', async () => {
    const url = await keep(serveWebsocket(() => {}));
    // The dialect could tell, but this connection has subscribed to nothing.
    const result = await converse([{ connect: { url } }, { disconnect: {} }, reconnect()], codec);
    expect(lastStep(result)).toMatchObject({
      status: 'done',
      checks: [
        {
          result: 'inconclusive',
          actual:
            "nothing says whether the session goes on: the protocol does not tell, and no stream was resumed; expect 'open' where a connection is enough",
        },
      ],
    });
    const enough = await converse([{ connect: { url } }, { disconnect: {} }, reconnect({ expect: 'open' })]);
    expect(lastStep(enough).checks).toEqual([{ name: 'reconnect is open', result: 'pass', actual: 'open' }]);
  });

  it('that asks for a connection alone takes a session as it is', async () => {
    const ending = async (...steps: readonly object[]) => {
      const url = await serve();
      return lastStep(await converse([...begun(url), ...steps, reconnect({ expect: 'open' })], codec)).checks;
    };
    expect(await ending(...crash)).toMatchObject([
      { result: 'pass', actual: 'resumed: the server goes on with the session' },
    ]);
    expect(await ending(forget, ...crash)).toMatchObject([
      { result: 'pass', actual: 'reset: the server began a new session' },
    ]);
  });

  it('tries again until the server is back, where it may', async () => {
    let refusals = 3;
    const url = await keep(
      serveWebsocket(() => {}, {
        verifyClient: (_: unknown, decide: (accept: boolean, status?: number) => void) => {
          refusals -= 1;
          if (refusals < 2 && refusals >= 0) decide(false, 503);
          else decide(true);
        },
      }),
    );
    const steps = [{ connect: { url } }, { disconnect: { terminate: true } }];
    const back = lastStep(await converse([...steps, reconnect({ expect: 'open', retryEvery: '20ms', within: '5s' })]));
    expect(back).toMatchObject({ status: 'done', attempts: 3 });
    expect(back.latencyMs).toBeGreaterThanOrEqual(40);
    refusals = 3;
    const once = lastStep(await converse([...steps, reconnect({ expect: 'open' })]));
    expect(once).toMatchObject({
      status: 'failed',
      attempts: 1,
      unexpectedStatus: 503,
      failure: { kind: 'upgrade', message: 'the server refused the upgrade with 503 Service Unavailable' },
    });
  });

  it('says after how many attempts it gave up', async () => {
    let refusing = false;
    const url = await keep(
      serveWebsocket((socket) => socket.on('close', () => (refusing = true)), {
        verifyClient: (_: unknown, decide: (accept: boolean, status?: number) => void) => decide(!refusing, 502),
      }),
    );
    const steps = [
      { connect: { url } },
      { disconnect: {} },
      reconnect({ expect: 'open', retryEvery: '30ms', within: '200ms' }),
    ];
    const { failure, attempts } = lastStep(await converse(steps));
    expect(attempts).toBeGreaterThan(1);
    // Also where the end of the time cuts the last one short.
    expect(failure?.message).toBe(
      `not back after ${attempts} attempts: the server refused the upgrade with 502 Bad Gateway`,
    );
  });

  it('says which subscription was not answered', async () => {
    const url = await keep(serveWebsocket((socket) => say(socket, { type: 'hello' })));
    const steps = [{ connect: { url } }, { disconnect: {} }, reconnect({ resume: { notes: 4 }, within: '150ms' })];
    expect(lastStep(await converse(steps, codec)).failure).toMatchObject({ kind: 'timeout' });
  });
});
