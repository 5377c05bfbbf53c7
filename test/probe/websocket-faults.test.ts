import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createGuard } from '../../lib/probe/guard.ts';
import { contextOf, measure, probeOf, runOf } from '../support/probing.ts';
import {
  converse,
  frameOf,
  keepTargets,
  lastStep,
  passOf,
  serveRawWebsocket,
  serveTcp,
  serveWebsocket,
  switchingProtocols,
  textFrame,
} from '../support/websocket-target.ts';

const keep = keepTargets();

/** Answers the upgrade request with these bytes and hangs up. */
const answering = (answer: string | ((request: string) => string)) =>
  keep(
    serveTcp((socket) => {
      socket.once('data', (request) =>
        socket.end(typeof answer === 'string' ? answer : answer(request.toString('latin1'))),
      );
    }),
  );

const connect = async (url: string, more: object = {}, config: object = {}) =>
  lastStep(await converse([{ connect: { url, ...more } }], config));

describe('an upgrade that is refused', () => {
  const forbidden = 'HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\nno ticket';

  it('fails with the status, and keeps head and body as evidence', async () => {
    const step = await connect(await answering(forbidden));
    expect(step).toMatchObject({
      status: 'failed',
      latencyMs: null,
      unexpectedStatus: 403,
      failure: { kind: 'upgrade', message: 'the server refused the upgrade with 403 Forbidden' },
      evidence: { response: { status: 403, body: 'no ticket', headers: { 'content-type': 'text/plain' } } },
    });
    expect(step.phasesMs.upgrade).toBeGreaterThan(0);
  });

  it('passes where it was expected, its status checked', async () => {
    const url = await answering(forbidden);
    expect(await connect(url, { expectRefused: { status: 403 } })).toMatchObject({
      status: 'done',
      checks: [{ name: 'refused with status equals 403', result: 'pass', actual: '403 Forbidden' }],
    });
    expect(await connect(url, { expectRefused: { status: 401 } })).toMatchObject({
      status: 'failed',
      checks: [{ result: 'fail', actual: '403 Forbidden' }],
    });
  });

  it('fails where it was expected and the server accepted', async () => {
    const url = await keep(serveWebsocket(() => {}));
    expect(await connect(url, { expectRefused: { status: 403 } })).toMatchObject({
      status: 'failed',
      checks: [{ result: 'fail', actual: 'accepted with 101 Switching Protocols' }],
    });
  });

  it('by a 200, as where a proxy has stripped the upgrade header, is a refusal', async () => {
    const step = await connect(await answering('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'));
    expect(step.failure?.message).toBe('the server refused the upgrade with 200 OK');
    expect(step.unexpectedStatus).toBeUndefined();
  });

  it('by a redirect is a refusal too', async () => {
    const step = await connect(
      await answering('HTTP/1.1 302 Found\r\nlocation: ws://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
    );
    expect(step.failure?.message).toBe('the server refused the upgrade with 302 Found');
  });

  it('with a body that never ends is settled all the same', async () => {
    const url = await keep(
      serveTcp((socket) =>
        socket.once('data', () => socket.write('HTTP/1.1 503 Busy\r\ncontent-length: 99\r\n\r\nsoon')),
      ),
    );
    expect(await connect(url)).toMatchObject({
      failure: { message: 'the server refused the upgrade with 503 Busy' },
      evidence: { response: { body: 'soon' } },
    });
  });

  it('makes a cleanup that would use the connection say so', async () => {
    const result = await converse([{ connect: { url: await answering(forbidden) } }], {
      cleanup: [{ send: { json: {} } }],
    });
    expect(result.cleanup[0]?.failure).toEqual({
      kind: 'closed',
      message: 'connection "main" is not open: no connect step has opened it',
    });
  });
});

describe('an upgrade that goes wrong', () => {
  it('times out on a server that says nothing, and says what it waited for', async () => {
    const url = await keep(serveTcp(() => {}));
    expect(await connect(url, {}, { timeout: '120ms' })).toMatchObject({
      failure: { kind: 'timeout', message: 'no answer within 120 ms, waiting for the answer to the upgrade' },
    });
  });

  it('is refused by a closed port', async () => {
    const target = await serveTcp(() => {});
    await target.close();
    expect(await connect(target.url)).toMatchObject({ latencyMs: null, failure: { kind: 'refused' } });
  });

  it('is reset by a server that hangs up', async () => {
    expect((await connect(await answering(''))).failure?.kind).toBe('reset');
  });

  it('is a breach of protocol when the answer is no HTTP', async () => {
    expect((await connect(await answering('SSH-2.0-OpenSSH\r\n\r\n'))).failure?.kind).toBe('protocol');
  });

  it('is not valid with a wrong accept key', async () => {
    const step = await connect(await answering(() => switchingProtocols('sec-websocket-key: stale\r\n')));
    expect(step.failure).toEqual({
      kind: 'upgrade',
      message: 'the answer to the upgrade is not valid: invalid Sec-WebSocket-Accept header',
    });
  });

  it('names the subprotocol that the server failed to pick, or picked for itself', async () => {
    const offer = { subprotocols: ['graphql-transport-ws', 'graphql-ws'] };
    expect((await connect(await answering((request) => switchingProtocols(request)), offer)).failure).toEqual({
      kind: 'upgrade',
      message: 'the server picked none of the subprotocols offered: graphql-transport-ws, graphql-ws',
    });
    const other = await answering((request) => switchingProtocols(request, 'sec-websocket-protocol: mqtt\r\n'));
    expect((await connect(other, offer)).failure?.message).toBe(
      'the server picked the subprotocol "mqtt", which is not among those offered: graphql-transport-ws, graphql-ws',
    );
    expect((await connect(other)).failure?.message).toBe(
      'the server picked the subprotocol "mqtt", but none was offered',
    );
  });

  it('is not tried at all towards an address that the guard keeps closed', async () => {
    let reached = false;
    const url = await keep(serveTcp(() => (reached = true)));
    const context = { ...contextOf(), guard: createGuard({ allow: [], loopback: false }) };
    for (const target of [url, url.replace('127.0.0.1', 'localhost')]) {
      expect(lastStep(await converse([{ connect: { url: target } }], {}, context)).failure?.kind).toBe('guard');
    }
    expect(reached).toBe(false);
  });

  it('is not tried with a URL or a header that is none', async () => {
    const url = await keep(serveTcp(() => {}));
    expect((await connect(`${url}/#part`)).failure?.kind).toBe('template');
    const context = contextOf({ base: 'http://127.0.0.1:1', bad: 'a\nb' });
    const variables = { base: { from: ['flag'] }, bad: { from: ['flag'] } };
    const first = async (step: object) =>
      (await runOf(probeOf({ kind: 'websocket', steps: [step] }, variables), context)).exemplar?.steps[0]?.failure
        ?.kind;
    expect(await first({ connect: { url: '{{base}}/ws' } })).toBe('template');
    expect(await first({ connect: { url, headers: { 'x-bad': '{{bad}}' } } })).toBe('template');
  });
});

describe('a frame that breaks RFC 6455', () => {
  const masked = Buffer.from([0x81, 0x81, 1, 2, 3, 4, 0x60]);
  const rows: readonly (readonly [string, Buffer, string, string])[] = [
    ['is masked', masked, 'protocol', 'WS_ERR_UNEXPECTED_MASK'],
    ['has an opcode that does not exist', frameOf(3, 'x'), 'protocol', 'WS_ERR_INVALID_OPCODE'],
    ['has a reserved bit', Buffer.from([0xc1, 1, 0x61]), 'protocol', 'WS_ERR_UNEXPECTED_RSV_1'],
    ['has text that is not UTF-8', frameOf(1, Buffer.from([0xff, 0xfe])), 'protocol', 'WS_ERR_INVALID_UTF8'],
    [
      'closes with a code that may not be sent',
      frameOf(8, Buffer.from([3, 237])),
      'protocol',
      'WS_ERR_INVALID_CLOSE_CODE',
    ],
    [
      'is larger than the cap',
      frameOf(1, 'x'.repeat(2_000)),
      'limit',
      'a message is larger than 1,024 bytes, the most that is read (maxFrame)',
    ],
  ];

  it.each(rows)('that %s fails the step that waits, by name', async (_, bytes, kind, words) => {
    const url = await keep(serveRawWebsocket([textFrame({ n: 1 }), bytes]));
    const result = await converse(
      [
        { connect: { url, maxFrame: '1kb' } },
        { expect: { one: { n: 1 } } },
        { expect: { one: { n: 2 }, within: '60s' } },
      ],
      { timeout: '5s' },
    );
    expect(passOf(result).steps[1]?.status).toBe('done');
    expect(lastStep(result).failure).toMatchObject({ kind, message: expect.stringContaining(words) });
    expect(lastStep(result).evidence?.frames?.some(({ text }) => text.startsWith('error: '))).toBe(true);
  });

  it('leaves no count standing that was not observed to its end', async () => {
    const url = await keep(serveRawWebsocket([textFrame({ n: 1 }), frameOf(3, 'x')]));
    const step = lastStep(
      await converse([{ connect: { url } }, { expect: { count: { match: { n: 1 }, exactly: 1 }, within: '60s' } }], {
        timeout: '60s',
      }),
    );
    expect(step.failure).toEqual({
      kind: 'protocol',
      message: 'malformed frame: invalid opcode 3 (WS_ERR_INVALID_OPCODE); the count of {n: 1} was cut short at 1 (#3)',
    });
  });

  it('is told even when no step waits for anything any more', async () => {
    const url = await keep(serveRawWebsocket([textFrame({ n: 1 }), frameOf(3, 'x')]));
    const { steps, checks } = passOf(await converse([{ connect: { url } }, { expect: { one: { n: 1 } } }]));
    expect(steps.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(checks).toMatchObject([
      { name: 'connection main is sound', result: 'fail', actual: expect.stringContaining('WS_ERR_INVALID_OPCODE') },
    ]);
  });
});

describe('the limits', () => {
  it('end a pass whose journal is full, by name', async () => {
    const url = await keep(
      serveWebsocket((socket) => {
        const flood = () => {
          for (let n = 0; n < 2_000; n += 1) socket.send('{}');
          if (socket.readyState === socket.OPEN) setImmediate(flood);
        };
        flood();
      }),
    );
    const result = await converse([{ connect: { url } }, { expect: { one: { n: 1 }, within: '50s' } }], {
      timeout: '50s',
    });
    expect(lastStep(result).failure).toMatchObject({
      kind: 'limit',
      message: expect.stringContaining(
        'the journal of a pass holds 100,000 frames and is full; one never came before that',
      ),
    });
    expect(passOf(result).checks).toEqual([]);
  });

  it('end a send that the peer does not take', async () => {
    const url = await keep(serveRawWebsocket([], (socket) => socket.pause(), true));
    const probe = probeOf(
      {
        kind: 'websocket',
        codec: 'raw',
        timeout: '300ms',
        steps: [{ connect: { url } }, { send: { text: '{{big}}' } }],
      },
      { big: { from: ['flag'] } },
    );
    const step = lastStep(await measure(probe, contextOf({ big: 'x'.repeat(30_000_000) })));
    expect(step.failure).toEqual({
      kind: 'timeout',
      message: 'no answer within 300 ms, waiting for the peer to take the frame',
    });
  });
});

describe('a frame that the codec cannot read', () => {
  it('fails the pass by name, unless a step claims it', async () => {
    const url = await keep(serveRawWebsocket([textFrame({ n: 1 }), frameOf(1, '{"n":')]));
    const read = { expect: { one: { n: 1 } } };
    expect(passOf(await converse([{ connect: { url } }, read])).checks).toEqual([
      {
        name: 'frames are json',
        result: 'fail',
        actual: '1 unreadable, the first is #4, not JSON: {"n":',
        frames: [4],
      },
    ]);
    expect(passOf(await converse([{ connect: { url } }, read, { expect: { one: { text: '{"n":' } } }])).checks).toEqual(
      [],
    );
  });

  it('is any frame to nobody with the raw codec', async () => {
    const url = await keep(serveRawWebsocket([frameOf(1, 'plain'), frameOf(2, Buffer.from([0, 255]))]));
    const steps = [{ connect: { url } }, { expect: { inOrder: [{ text: 'plain' }, { base64: 'AP8=' }] } }];
    expect(lastStep(await converse(steps, { codec: 'raw' })).status).toBe('done');
  });
});

describe('planted faults in a stream', () => {
  const codes = ['note_patched', 'automation_run_queued', 'automation_run_running', 'automation_run_succeeded'];
  const event = (event_seq: number) => ({
    stream: 'workspace:1',
    event_seq,
    event_code: codes[event_seq - 1] ?? 'more',
  });
  const run = async (sequence: readonly number[]) => {
    const url = await keep(serveRawWebsocket(sequence.map((seq) => textFrame(event(seq)))));
    const result = await converse(
      [{ connect: { url } }, { expect: { inOrder: codes.map((event_code) => ({ event_code })), within: '80ms' } }],
      {
        invariants: [
          { monotonic: { field: 'event_seq' } },
          { noDuplicates: { key: 'event_seq' } },
          { gapless: { field: 'event_seq' } },
        ],
      },
    );
    const failed = passOf(result).checks.filter((check) => check.result === 'fail');
    return { sequence: lastStep(result).failure?.message, invariants: failed.map(({ actual }) => actual) };
  };

  it('find nothing in a sound one', async () => {
    expect(await run([1, 2, 3, 4])).toEqual({ sequence: undefined, invariants: [] });
  });

  it('name the dropped event', async () => {
    expect(await run([1, 3, 4])).toEqual({
      sequence:
        'inOrder 2 of 4 never came within 80 ms: awaited {event_code: "automation_run_queued"}; 2 frames seen since, nearest #5 differs at event_code: "automation_run_succeeded"; the connection is silent: not even a ping was answered',
      invariants: ['event_seq of workspace:1 jumps from 1 to 3 at frame #4: 1 missing after #3'],
    });
  });

  it('name the duplicated event', async () => {
    expect((await run([1, 2, 2, 3, 4])).invariants).toEqual([
      'event_seq of workspace:1 stayed at 2 at frame #5, after #4',
      'event_seq 2 came twice: frames #4 and #5',
    ]);
  });

  it('name the reordered events', async () => {
    expect(await run([1, 3, 2, 4])).toEqual({
      sequence:
        'inOrder 3 of 4 never came within 80 ms: awaited {event_code: "automation_run_running"}; 1 frame seen since, #4 matches but came before 2 of 4 (#5): out of order; the connection is silent: not even a ping was answered',
      invariants: ['event_seq of workspace:1 went from 3 to 2 at frame #5, after #4'],
    });
  });
});

describe('wss', () => {
  let folder = '';
  let server: Server;
  let url = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-wss-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync('openssl', [...request, '-subj', '/CN=localhost', '-addext', names, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    server = createServer({ key: readFileSync(key), cert: readFileSync(cert) });
    new WebSocketServer({ server }).on('connection', (socket) => socket.send('{"hello":1}'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server?.close();
    server?.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses a certificate that nobody vouches for', async () => {
    expect((await connect(url)).failure).toEqual({ kind: 'tls', message: 'the certificate is self-signed' });
  });

  it('takes it when its authority is given, or when it is told not to verify, and times the handshake', async () => {
    const ca = readFileSync(join(folder, 'cert.pem'), 'utf8');
    for (const tls of [{ ca }, { verify: false }]) {
      const step = await connect(url, { tls });
      expect(step.status).toBe('done');
      expect(Object.keys(step.phasesMs)).toEqual(['dns', 'connect', 'tls', 'upgrade']);
      expect(Object.values(step.phasesMs).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(step.latencyMs ?? 0, 6);
    }
  });
});
