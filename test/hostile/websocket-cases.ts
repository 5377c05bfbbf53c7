import type { Socket } from 'node:net';
import {
  frameOf,
  serveRawWebsocket,
  serveTcp,
  serveWebsocket,
  switchingProtocols,
  textFrame,
} from '../support/websocket-target.ts';
import { ampleMs, busily, type HostileCase, timeoutMs } from './case.ts';
import { short } from './http-cases.ts';
import { drip, stream } from './http-hosts.ts';

/** How long we let a server take to answer our close: DESIGN.md gives it no option, and no row may take longer. */
const closeMs = 1_000;

const converse =
  (steps: readonly object[], more: object = {}) =>
  (url: string): object => ({
    kind: 'websocket',
    timeout: `${ampleMs}ms`,
    steps: [{ connect: { url } }, ...steps],
    ...more,
  });

const awaitOne = { expect: { one: { n: 1 }, within: `${ampleMs}ms` } };
const awaitSoon = { expect: { one: { n: 1 }, within: `${timeoutMs}ms` } };
const awaitLong = { expect: { one: { n: 1 }, within: '60s' } };

const row = (
  what: string,
  host: HostileCase['host'],
  verdict: HostileCase['verdict'],
  says?: RegExp,
  rest: Partial<HostileCase> = {},
): HostileCase => ({
  what: `websocket ${what}`,
  host,
  probe: converse([awaitOne]),
  verdict,
  ...(says ? { says } : {}),
  limitMs: 3 * timeoutMs + closeMs,
  ...rest,
});
const fails = (what: string, host: HostileCase['host'], says: RegExp, rest: Partial<HostileCase> = {}) =>
  row(what, host, 'fail', says, rest);
const hangs = (what: string, host: HostileCase['host'], says: RegExp) =>
  fails(what, host, says, { probe: converse([awaitSoon], short) });

/** Answers an upgrade with these bytes and hangs up. */
const answers = (bytes: string | ((request: string) => string)) => () =>
  serveTcp(
    (socket) =>
      void socket.once('data', (request) =>
        socket.end(typeof bytes === 'string' ? bytes : bytes(request.toString('latin1'))),
      ),
  );
const talks = (talk: (socket: Socket) => void) => () =>
  serveTcp((socket) => void socket.once('data', () => talk(socket)));

/** Upgrades that are refused, or are none. */
const upgrades: readonly HostileCase[] = [
  fails(
    'refuses the upgrade with 403',
    answers('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'),
    /refused the upgrade with 403 Forbidden/,
  ),
  fails(
    'answers the upgrade with 200',
    answers('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'),
    /refused the upgrade with 200 OK/,
  ),
  fails(
    'redirects the upgrade to a closed address',
    answers('HTTP/1.1 302 Found\r\nlocation: ws://169.254.169.254/\r\ncontent-length: 0\r\n\r\n'),
    /refused the upgrade with 302 Found/,
  ),
  ...busily([
    fails(
      'refuses the upgrade with a body of 1 GB',
      talks((socket) => {
        socket.write('HTTP/1.1 500 Oops\r\ncontent-length: 1000000000\r\n\r\n');
        void stream(socket, () => Buffer.alloc(1_000_000, 0x61));
      }),
      /refused the upgrade with 500 Oops/,
    ),
  ]),
  fails(
    'refuses the upgrade with a reason of 40 KB',
    answers(`HTTP/1.1 500 ${'o'.repeat(40_000)}\r\ncontent-length: 0\r\n\r\n`),
    /refused the upgrade with 500 ooo/,
  ),
  hangs(
    'is silent about the upgrade',
    talks(() => {}),
    /no answer within 2,000 ms, waiting for the answer to the upgrade/,
  ),
  hangs(
    'drips its answer to the upgrade',
    talks((socket) => drip(socket, Buffer.from(`HTTP/1.1 101 Switching Protocols\r\nx: ${'x'.repeat(9_000)}`))),
    /no answer within 2,000 ms, waiting for the answer to the upgrade/,
  ),
  ...busily([
    hangs(
      'streams 1xx answers to the upgrade for ever',
      talks((socket) => void stream(socket, () => Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)))),
      /no answer within 2,000 ms/,
    ),
  ]),
  fails('answers the upgrade with noise', answers('\x00\x01\x02 noise\r\n\r\n'), /not valid HTTP/),
  fails(
    'answers the upgrade with 100 KB of headers',
    answers(`HTTP/1.1 101 Switching Protocols\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`),
    /the head of the answer is larger than 65,536 bytes/,
  ),
  fails('closes without an answer to the upgrade', answers(''), /the connection was closed before an answer came/),
  fails(
    'upgrades with a wrong accept key',
    answers(() => switchingProtocols('sec-websocket-key: stale\r\n')),
    /the answer to the upgrade is not valid: invalid Sec-WebSocket-Accept header/,
  ),
  fails(
    'upgrades to another protocol',
    answers('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: Upgrade\r\n\r\n'),
    /the answer to the upgrade is not valid: invalid Upgrade header/,
  ),
  fails(
    'compresses unasked',
    answers((request) => switchingProtocols(request, 'sec-websocket-extensions: permessage-deflate\r\n')),
    /the answer to the upgrade is not valid: server sent a Sec-WebSocket-Extensions header but no extension was requested/,
  ),
  fails(
    'picks a subprotocol that nobody offered',
    answers((request) => switchingProtocols(request, 'sec-websocket-protocol: mqtt\r\n')),
    /picked the subprotocol "mqtt", but none was offered/,
  ),
];

const sends =
  (...bytes: readonly Buffer[]) =>
  () =>
    serveRawWebsocket(bytes);
/** A frame's head that announces this many bytes. */
const announcing = (opcode: number, bytes: bigint): Buffer => {
  const head = Buffer.alloc(10);
  head.writeUInt8(opcode, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(bytes, 2);
  return head;
};
const floods = (next: () => Buffer) => () => serveRawWebsocket([], (socket) => void stream(socket, next), true);

/** Frames that break RFC 6455, or a limit. */
const frames: readonly HostileCase[] = [
  fails('sets a reserved bit', sends(Buffer.from([0xc1, 1, 0x61])), /malformed frame: .*RSV1.*WS_ERR_UNEXPECTED_RSV_1/),
  fails('uses an opcode that does not exist', sends(frameOf(3, 'x')), /malformed frame: invalid opcode 3/),
  fails('masks its frames', sends(Buffer.from([0x81, 0x81, 1, 2, 3, 4, 0x60])), /malformed frame: .*MASK/),
  fails('sends a ping of 126 bytes', sends(frameOf(9, 'x'.repeat(126))), /malformed frame: invalid payload length 126/),
  fails('sends a fragmented ping', sends(Buffer.from([0x09, 0])), /malformed frame: FIN must be set/),
  fails('continues what it did not begin', sends(frameOf(0, 'x')), /malformed frame: invalid opcode 0/),
  fails('sends text that is not UTF-8', sends(frameOf(1, Buffer.from([0xff, 0xfe]))), /malformed frame: .*UTF-?8/i),
  fails(
    'closes with a code that may not be sent',
    sends(frameOf(8, Buffer.from([3, 237]))),
    /malformed frame: invalid status code 1005/,
  ),
  fails('closes with one byte', sends(frameOf(8, Buffer.from([3]))), /malformed frame: invalid payload length 1/),
  fails(
    'closes with a reason that is not UTF-8',
    sends(frameOf(8, Buffer.from([3, 232, 0xff]))),
    /malformed frame: .*UTF-?8/i,
  ),
  fails(
    'announces a frame of 64 MB',
    () =>
      serveRawWebsocket(
        [announcing(0x82, 67_108_864n)],
        (socket) => void stream(socket, () => Buffer.alloc(1_000_000)),
        true,
      ),
    /a message is larger than 1,048,576 bytes, the most that is read \(maxFrame\)/,
  ),
  fails(
    'announces a frame of 2^63 bytes',
    sends(announcing(0x82, 2n ** 63n)),
    /larger than 1,048,576 bytes|unsupported|malformed frame|larger than/i,
  ),
  fails(
    'fragments one message for ever',
    () => {
      const piece = frameOf(0, 'x'.repeat(10_000));
      piece[0] = 0x00;
      return serveRawWebsocket([Buffer.from([0x01, 0x00])], (socket) => void stream(socket, () => piece), true);
    },
    /a message is larger than 1,048,576 bytes, the most that is read \(maxFrame\)/,
  ),
  fails(
    'fragments one message into empty pieces for ever',
    () => {
      const empty = Buffer.from([0x00, 0x00]);
      const pieces = Buffer.concat(Array(1_000).fill(empty));
      return serveRawWebsocket([Buffer.from([0x01, 0x00])], (socket) => void stream(socket, () => pieces), true);
    },
    /no frame seen|too many fragments/,
  ),
  fails(
    'fragments one message into single bytes for ever',
    () => {
      const pieces = Buffer.concat(Array(1_000).fill(Buffer.from([0x00, 0x01, 0x61])));
      return serveRawWebsocket([Buffer.from([0x01, 0x01, 0x61])], (socket) => void stream(socket, () => pieces), true);
    },
    /too many fragments|larger than/,
  ),
  fails(
    'floods pings',
    floods(() => Buffer.concat(Array(1_000).fill(frameOf(9, 'are you there')))),
    /the journal of a pass holds 100,000 frames and is full/,
    { probe: converse([awaitLong], { timeout: '60s' }), limitMs: 60_000 },
  ),
  fails(
    'floods messages',
    floods(() => Buffer.concat(Array(1_000).fill(textFrame({ n: 0 })))),
    /the journal of a pass holds 100,000 (frames|messages)/,
    { probe: converse([awaitLong], { timeout: '60s' }), limitMs: 60_000 },
  ),
  fails(
    'floods messages of 1 MB',
    floods(() => Buffer.concat([announcing(0x81, 1_000_000n), Buffer.alloc(1_000_000, 0x20)])),
    /the frames that no step has claimed are larger than the 33,554,432 bytes/,
    { probe: converse([awaitLong], { timeout: '60s' }), limitMs: 60_000 },
  ),
  fails(
    'floods messages of 1 MB that are a third of a million empty arrays each',
    floods(() => {
      const body = Buffer.from(`{"a":[${'[],'.repeat(333_000)}[]]}`);
      return Buffer.concat([announcing(0x81, BigInt(body.length)), body]);
    }),
    /the frames that no step has claimed hold more than 3,000,000 values/,
    { probe: converse([awaitLong], { timeout: '60s' }), limitMs: 60_000 },
  ),
  fails(
    'sends a batch of 300,000 messages in one frame, again and again',
    floods(() => {
      const batch = Buffer.from(`[${'{},'.repeat(299_999)}{}]`);
      return Buffer.concat([announcing(0x81, BigInt(batch.length)), batch]);
    }),
    /the journal of a pass holds 100,000 messages/,
    { probe: converse([awaitLong], { timeout: '60s' }), limitMs: 60_000 },
  ),
];

/** Endings, and what comes between steps. */
const conversations: readonly HostileCase[] = [
  row('never answers a close', () => serveRawWebsocket([textFrame({ n: 1 })], undefined, true), 'pass'),
  fails(
    'dies in the middle of a step',
    () => serveRawWebsocket([], (socket) => setTimeout(() => socket.destroy(), 50)),
    /connection "main" broke off without a close frame \(1006\)/,
    { probe: converse([awaitLong], { timeout: '60s' }) },
  ),
  fails(
    'resets in the middle of a step',
    () => serveRawWebsocket([], (socket) => setTimeout(() => socket.resetAndDestroy(), 50)),
    /connection "main" broke off|the connection was reset/,
    { probe: converse([awaitLong], { timeout: '60s' }) },
  ),
  hangs(
    'is silent',
    () => serveRawWebsocket([]),
    /one never came within 2,000 ms: awaited \{n: 1\}; no frame seen since/,
  ),
  hangs(
    'drips a frame',
    () =>
      serveRawWebsocket([], (socket) =>
        drip(socket, Buffer.concat([Buffer.from([0x81, 126, 0x20, 0]), Buffer.alloc(8_192, 0x61)])),
      ),
    /one never came within 2,000 ms/,
  ),
  ...busily([
    row(
      'sends 10,000 frames between two steps',
      () =>
        serveWebsocket((socket) => {
          socket.on('message', () => {
            for (let n = 10_000; n > 1; n -= 1) socket.send(`{"n":${n}}`);
            setTimeout(() => socket.send('{"n":1}'), 100);
          });
        }),
      'pass',
      undefined,
      {
        probe: converse([{ send: { json: { go: true } } }, { expect: { one: { n: 1 }, within: '10s' } }], {
          timeout: '10s',
          invariants: [{ noDuplicates: { key: 'n' } }],
        }),
        limitMs: 10_000,
      },
    ),
  ]),
  row(
    'sends frames after its close',
    () => serveRawWebsocket([frameOf(8, Buffer.from([3, 232])), textFrame({ n: 1 })]),
    'pass',
    undefined,
    { probe: converse([{ expectClose: { code: 1000, within: '10s' } }]) },
  ),
  fails(
    'sends what was awaited after its close',
    () => serveRawWebsocket([frameOf(8, Buffer.from([3, 232])), textFrame({ n: 1 })]),
    /connection "main" was closed with 1000; one never came before that/,
  ),
  fails(
    'sends HTTP over the websocket',
    () => serveRawWebsocket([Buffer.from('HTTP/1.1 500 Oops\r\n\r\n')]),
    /malformed frame/,
  ),
  ...busily([
    fails(
      'reads nothing',
      () => serveRawWebsocket([], (socket) => socket.pause(), true),
      /waiting for the peer to take the frame/,
      {
        probe: converse([{ send: { text: 'x'.repeat(30_000_000) } }], { ...short, codec: 'raw' }),
      },
    ),
  ]),
  ...busily([
    fails(
      'sends JSON a million levels deep',
      () => {
        const deep = Buffer.from('['.repeat(500_000) + ']'.repeat(500_000));
        return serveRawWebsocket([announcing(0x81, BigInt(deep.length)), deep]);
      },
      /nested/,
      {
        probe: converse([{ expect: { one: { n: 1, '$..x': { exists: true } }, within: `${timeoutMs}ms` } }], {
          invariants: [{ monotonic: { field: '$..seq' } }],
        }),
      },
    ),
  ]),
];

export const websocketCases: readonly HostileCase[] = [...upgrades, ...busily(frames), ...conversations];
