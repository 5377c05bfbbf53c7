import { describe, expect, it } from 'vitest';
import { ackedCodec } from '../support/acked-streams.ts';
import { judge } from '../support/invariants.ts';
import { probeOf } from '../support/probing.ts';
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

/** A server that says these as soon as somebody is there, and answers nothing. */
const saying = (...bodies: readonly object[]) => keep(serveWebsocket((socket) => say(socket, ...bodies)));

const silent = () => keep(serveWebsocket(() => {}));

const findings = (result: Parameters<typeof passOf>[0]) => passOf(result).checks.map(({ result: word }) => word);

describe('an order by sequence without anything between', () => {
  const inOrder = {
    expect: { inOrder: [{ type: 'a' }, { type: 'b' }], by: 'sequence', contiguous: true, within: '100ms' },
  };

  it('is not met by two messages of the same number: which comes first, nobody can tell', async () => {
    const url = await saying({ type: 'a', event_seq: 1 }, { type: 'b', event_seq: 1 });
    const step = lastStep(await converse([{ connect: { url } }, inOrder]));
    expect(step.status).toBe('failed');
    expect(step.failure?.message).toContain('its $sequence 1 is not above the 1 of #3');
  });
});

describe('a latency since a mark', () => {
  it('is none of a frame that came before the mark', async () => {
    const url = await saying({ type: 'event' });
    const result = await converse([
      { connect: { url } },
      { quiet: '40ms' },
      { send: { json: {}, mark: 'asked' } },
      { expect: { one: { type: 'event' }, latency: { since: 'asked', max: '1s' } } },
    ]);
    const { checks, figures } = lastStep(result);
    expect(checks[1]).toMatchObject({ result: 'inconclusive', actual: expect.stringContaining('before the mark') });
    expect(figures).toBeUndefined();
  });
});

describe('a soak with a duration and more tolerance than iterations', () => {
  const soak = (maxFailures: number, step: object) => ({ soak: { duration: '150ms', maxFailures, steps: [step] } });

  it('says no where every iteration failed', async () => {
    const awaiting = { expect: { one: { type: 'never' }, within: '40ms' } };
    const result = await converse([{ connect: { url: await silent() } }, soak(50, awaiting)]);
    expect(lastStep(result).checks).toMatchObject([{ result: 'fail' }]);
  });

  it('cannot tell where none could be told', async () => {
    const codec = { json: { operations: { subscribe: { type: 'subscribe', from: '{{op.cursor}}' } } } };
    const url = await keep(serveWebsocket(answering(() => [])));
    const replay = { replay: { stream: 'x', from: 1, until: { quiet: '20ms' }, assert: ['gapless'] } };
    const result = await converse([{ connect: { url } }, soak(50, replay)], { codec });
    expect(lastStep(result).checks).toMatchObject([{ result: 'inconclusive' }]);
  });

  it('fails where the journal is full, whatever may fail', { timeout: 60_000 }, async () => {
    const url = await keep(
      serveWebsocket((socket) => {
        // Empty messages: 2,000 in a frame, and more of them than a journal holds.
        const batch = JSON.stringify(Array.from({ length: 2_000 }, () => ({})));
        for (let left = 60; left > 0; left -= 1) socket.send(batch);
      }),
    );
    const awaiting = { expect: { one: { type: 'never' }, within: '20s' } };
    const steps = [{ connect: { url } }, { soak: { duration: '20s', maxFailures: 50, steps: [awaiting] } }];
    const result = await converse(steps, { timeout: '30s' });
    expect(lastStep(result)).toMatchObject({ status: 'failed', failure: { kind: 'limit' } });
  });
});

describe('maxSilence', () => {
  it('is not proven by many connections, each open for less', () => {
    const life = { event: 'open', subprotocol: '' };
    const opened = ['a', 'b', 'c'].map((connection) => ({ connection, life, at: 0 }));
    expect(judge({ kind: 'maxSilence', maxMs: 200 }, opened, 80)).toMatchObject({ result: 'inconclusive' });
    expect(judge({ kind: 'maxSilence', maxMs: 80 }, opened, 80)).toMatchObject({ result: 'pass' });
  });
});

describe('a chain', () => {
  const chain = { chain: { field: 'what', links: ['queued', 'running', 'done'], groupBy: '$.run' } };
  const runOf = (run: string, from: number) =>
    ['queued', 'running', 'done'].map((what, at) => ({ type: 'event', stream: 'x', cursor: from + at, what, run }));

  it('tells groups apart by all of their names, however long', async () => {
    const long = 'r'.repeat(100);
    const [a, b] = [runOf(`${long}1`, 1), runOf(`${long}2`, 4)];
    const url = await saying(...a.flatMap((event, index) => [event, b[index] ?? {}]));
    const steps = [{ connect: { url } }, { expect: { count: { match: { what: 'done' }, min: 2 } } }];
    expect(findings(await converse(steps, { invariants: [chain] }))).toEqual(['pass']);
  });

  const history = [...runOf('a', 1), ...runOf('b', 4)];
  const serving = (broken: (event: { readonly cursor: number }) => boolean = () => false) =>
    keep(
      serveWebsocket(
        answering(({ cursor = 0 }) => [
          { type: 'subscribed', stream: 'x' },
          ...history.filter((event) => event.cursor > cursor && !broken(event)),
        ]),
      ),
    );
  const subscribe = { send: { subscribe: { stream: 'x', cursor: 0 } } };
  const last = { expect: { one: { cursor: 6 } } };
  const replay = { replay: { stream: 'x', from: 1, until: { cursor: 6 }, assert: ['equalsLive'] } };

  it('may be met again in its middle, where its beginning was seen before', async () => {
    const steps = [{ connect: { url: await serving() } }, subscribe, last, replay];
    expect(findings(await converse(steps, { codec: ackedCodec, invariants: [chain] }))).toEqual(['pass']);
  });

  it('is broken by a connection that was there and missed its beginning', async () => {
    const steps = [{ connect: { url: await serving(({ cursor }) => cursor === 4) } }, subscribe, last];
    const result = await converse(steps, { codec: ackedCodec, invariants: [chain] });
    expect(passOf(result).checks).toMatchObject([
      { result: 'fail', actual: expect.stringContaining('running came before queued of $.run "b"') },
    ]);
  });
});

describe('noDuplicates of cursors', () => {
  const event = (stream: string, cursor: number) => ({ type: 'event', stream, cursor });
  const steps = (url: string) => [{ connect: { url } }, { expect: { count: { match: { type: 'event' }, min: 3 } } }];
  const invariants = [{ noDuplicates: { key: '$cursor' } }];

  it('looks at each stream by itself, for a cursor is a place in its stream', async () => {
    const url = await saying(event('note:1', 1), event('workspace:1', 1), event('workspace:1', 2));
    expect(findings(await converse(steps(url), { invariants }))).toEqual(['pass']);
  });

  it('says no to one that comes twice in a stream, whatever came between', async () => {
    const url = await saying(event('note:1', 1), event('workspace:1', 1), event('note:1', 1));
    expect(findings(await converse(steps(url), { invariants }))).toEqual(['fail']);
  });
});

describe('a reconnect to a server that says nothing of sessions', () => {
  const subscribed = (cursor?: number) =>
    keep(
      serveWebsocket(
        answering(() => [{ type: 'subscribed', stream: 'x', ...(cursor === undefined ? {} : { cursor }) }]),
      ),
    );
  const again = (url: string, resume: object) =>
    converse(
      [
        { connect: { url } },
        { send: { subscribe: { stream: 'x' } } },
        { expect: { one: {} } },
        { reconnect: { resume } },
      ],
      {
        codec: ackedCodec,
      },
    );

  it('is not resumed where a stream was taken up from nowhere', async () => {
    expect(lastStep(await again(await subscribed(), {})).checks).toMatchObject([{ result: 'inconclusive' }]);
  });

  it('is resumed where the cursor was accepted', async () => {
    expect(lastStep(await again(await subscribed(), { x: 17 })).checks).toMatchObject([{ result: 'pass' }]);
    expect(lastStep(await again(await subscribed(17), { x: 17 })).checks).toMatchObject([{ result: 'pass' }]);
  });

  it('is a reset where the server says a place behind the one that it was asked for', async () => {
    const step = lastStep(await again(await subscribed(0), { x: 17 }));
    expect(step.checks).toMatchObject([{ result: 'fail', actual: expect.stringMatching(/^reset/) }]);
  });
});

describe('an ack', () => {
  it('is not answered by the answer to an earlier one', async () => {
    const url = await keep(
      serveWebsocket(answering(({ cursor }) => (cursor === 9 ? [{ type: 'acked', stream: 'x', cursor }] : []))),
    );
    const steps = [
      { connect: { url } },
      { send: { ack: { stream: 'x', cursor: 9 } } },
      { ack: { stream: 'x', cursor: 11, within: '150ms' } },
    ];
    const result = await converse(steps, { codec: ackedCodec });
    expect(statusesOf(result)).toEqual(['done', 'done', 'failed']);
    expect(lastStep(result).failure?.message).toBe('the ack of "x" at 11 was not answered within 150 ms');
  });
});

describe('unknownTypes', () => {
  const unlisted = (codec: string) =>
    probeOf({
      kind: 'websocket',
      codec,
      steps: [{ connect: { url: 'wss://a.example' } }],
      invariants: [{ unknownTypes: 'fail' }],
    });

  it.each(['json-rpc', 'phoenix', 'raw', 'socket.io'])(
    'of %s would never find one: it wants to be told what is known',
    (codec) => {
      expect(() => unlisted(codec)).toThrow(`codec \`${codec}\` knows no types, and so none is unknown`);
    },
  );

  it.each(['graphql-transport-ws', 'mqtt', 'signalr', 'appsync-events', 'yjs', 'notes'])(
    'of %s goes by what its protocol has',
    (codec) => {
      expect(() => unlisted(codec)).not.toThrow();
    },
  );
});

describe('a secret that is captured late', () => {
  const secret = 'late-secret-2c4e6a8b0d1f3x5z7w9q';
  /** Its end is cut off where a text of so many characters is cut, `before` it. */
  const straddling = (chars: number, before: string) => 'p'.repeat(chars - before.length - 15) + secret;

  it('leaves not even its head in what was cut before', async () => {
    const pad = straddling(400, '{"type":"padded","pad":"');
    const run = straddling(80, '"');
    const url = await saying({ type: 'padded', pad }, { type: 'done', run }, { type: run }, { type: 'token', secret });
    const result = await converse(
      [
        { connect: { url } },
        { expect: { inOrder: [{ type: 'padded' }, { type: 'done', run: 'other' }], contiguous: true, within: '40ms' } },
      ],
      {
        cleanup: [{ expect: { one: { type: 'token' } }, capture: { secret: { json: '$.secret', secret: true } } }],
        invariants: [{ chain: { links: ['padded', 'done'], groupBy: 'run' } }, { noDuplicates: { key: 'run' } }],
      },
    );
    const told = JSON.stringify(result);
    expect(told).toContain('[redacted]… (');
    expect(told).not.toContain(secret.slice(0, 8));
  });
});
