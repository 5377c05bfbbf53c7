import { ampleMs, busily, type HostileCase, timeoutMs } from './case.ts';
import { answer, answerAlways, drip, onConnect, onRequest, stream, whole } from './http-hosts.ts';

/** A GET of the host, whose step is limited by `ampleMs`. A first connection is made apart, which the limit counts. */
export const get =
  (request: object = {}, step: object = {}, probe: object = {}) =>
  (url: string): object => ({
    kind: 'http',
    samples: 1,
    timeout: `${ampleMs}ms`,
    steps: [{ name: 'get', request: { url, ...request }, ...step }],
    ...probe,
  });

const ok = { expect: { json: { '$.ok': true } } };
/** Of a probe that waits for what never comes. */
export const short = { timeout: `${timeoutMs}ms` };
const limitMs = 2 * timeoutMs;
const row = (what: string, rest: Pick<HostileCase, 'host' | 'verdict'> & Partial<HostileCase>): HostileCase => ({
  what,
  probe: get({}, ok),
  limitMs,
  ...rest,
});
const fails = (what: string, host: HostileCase['host'], says: RegExp, rest: Partial<HostileCase> = {}): HostileCase =>
  row(what, { host, verdict: 'fail', says, ...rest });
const hangs = (what: string, host: HostileCase['host'], says: RegExp): HostileCase =>
  fails(what, host, says, { probe: get({}, ok, short) });
const passes = (what: string, host: HostileCase['host'], rest: Partial<HostileCase> = {}): HostileCase =>
  row(what, { host, verdict: 'pass', ...rest });

const good = whole('{"ok":true}');
const head = 'HTTP/1.1 200 OK\r\n';

/** Connections: refused, silent, slow, broken off. */
export const connectionCases: readonly HostileCase[] = [
  fails(
    'refuses the connection',
    async () => {
      const host = await onConnect(() => {})();
      await host.close();
      return { url: host.url, close: async () => {} };
    },
    /the connection was refused \(127\.0\.0\.1:\d+\)/,
  ),
  hangs(
    'hangs before the head',
    onRequest(() => {}),
    /no answer within 2,000 ms, waiting for the first byte of the answer/,
  ),
  hangs(
    'hangs in the head',
    onRequest((socket) => socket.write(head)),
    /no answer within 2,000 ms, waiting for the rest of the head/,
  ),
  hangs(
    'hangs after the head',
    onRequest((socket) => socket.write(`${head}content-length: 9\r\n\r\n`)),
    /waiting for the rest of the body/,
  ),
  hangs(
    'drips its head',
    onRequest((socket) => drip(socket, Buffer.from(head + 'x'.repeat(9_000)))),
    /waiting for the rest of the head/,
  ),
  hangs(
    'drips its body',
    onRequest((socket) => {
      socket.write(`${head}content-length: 9000\r\n\r\n`);
      drip(socket, Buffer.alloc(9_000, 0x61));
    }),
    /waiting for the rest of the body/,
  ),
  fails(
    'closes without a word',
    onRequest((socket) => socket.end()),
    /the connection was closed before an answer came/,
  ),
  fails(
    'closes half way through its head',
    answer('HTTP/1.1 200 OK\r\ncontent-le'),
    /the connection was closed before an answer came/,
  ),
  fails(
    'closes half way through its body',
    answer(`${head}content-length: 100\r\n\r\nabc`),
    /closed after 3 of 100 bytes of the body/,
  ),
  fails(
    'resets the connection',
    onRequest((socket) => socket.resetAndDestroy()),
    /the connection was reset/,
  ),
  fails(
    'resets half way through its body',
    onRequest((socket) => {
      socket.write(`${head}content-length: 100\r\n\r\nabc`, () => setTimeout(() => socket.resetAndDestroy(), 50));
    }),
    /the connection was reset|closed after 3 of 100 bytes/,
  ),
  ...busily([
    hangs(
      'streams 1xx answers for ever',
      onRequest(
        (socket) =>
          void stream(socket, () => Buffer.from('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(100))),
      ),
      /waiting for/,
    ),
  ]),
  ...busily([
    hangs(
      'says 100 Continue for ever',
      onRequest((socket) => void stream(socket, () => Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)))),
      /waiting for/,
    ),
  ]),
  passes(
    'answers before it is asked',
    onConnect((socket) => socket.write(good)),
  ),
  passes('says 103 Early Hints before its answer', answer('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', good)),
];

const gigabyte = 1_000_000_000;
const megabyte = Buffer.alloc(1_000_000, 0x61);
const inMegabytes = (bytes: number) => {
  let left = bytes;
  return () => {
    left -= megabyte.length;
    return left >= 0 ? megabyte : undefined;
  };
};

/** Bodies: too large, of another length than announced, in broken chunks. */
export const bodyCases: readonly HostileCase[] = [
  fails(
    'sends 1 GB, announced',
    onRequest((socket) => {
      socket.write(`${head}content-length: ${gigabyte}\r\n\r\n`);
      void stream(socket, inMegabytes(gigabyte));
    }),
    /the body is larger than 1,048,576 bytes, the most that is read/,
    { probe: get({ maxBody: '1mb' }) },
  ),
  fails(
    'sends 1 GB in chunks',
    onRequest((socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
      const next = inMegabytes(gigabyte);
      const size = Buffer.from(`${megabyte.length.toString(16)}\r\n`);
      void stream(socket, () => {
        const piece = next();
        return piece && Buffer.concat([size, piece, Buffer.from('\r\n')]);
      });
    }),
    /the body is larger than 1,048,576 bytes/,
    { probe: get({ maxBody: '1mb' }) },
  ),
  fails(
    'sends for ever until it closes',
    onRequest((socket) => {
      socket.write(`${head}\r\n`);
      void stream(socket, () => megabyte);
    }),
    /the body is larger than 1,048,576 bytes/,
    { probe: get({ maxBody: '1mb' }) },
  ),
  fails(
    'sends a body of a million chunks of one byte',
    onRequest((socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
      const thousand = Buffer.from('1\r\na\r\n'.repeat(1_000));
      let left = 1_000;
      void stream(socket, () => (left-- > 0 ? thousand : undefined));
    }),
    /the body is larger than 524,288 bytes/,
    { probe: get({ maxBody: '512kb' }, { timeout: '30s' }), limitMs: 30_000 },
  ),
  fails(
    'announces more than it sends',
    answer(`${head}content-length: 100\r\n\r\n{"ok":true}`),
    /closed after 11 of 100 bytes of the body/,
  ),
  fails(
    'announces less than it sends',
    answer(`${head}content-length: 11\r\n\r\n{"ok":true} and more`),
    /there are bytes after the end of the answer/,
  ),
  fails(
    'announces less than it sends, which cuts the JSON',
    answer(`${head}content-length: 5\r\n\r\n{"ok":true}`),
    /there are bytes after the end of the answer/,
  ),
  fails(
    'announces two lengths',
    answer(`${head}content-length: 11\r\ncontent-length: 2\r\n\r\n{"ok":true}`),
    /not valid HTTP/,
  ),
  fails(
    'announces a length and chunks',
    answer(`${head}content-length: 11\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
    /not valid HTTP/,
  ),
  fails('announces a negative length', answer(`${head}content-length: -1\r\n\r\n`), /not valid HTTP/),
  fails(
    'announces a length beyond 64 bits',
    answer(`${head}content-length: 99999999999999999999999\r\n\r\n`),
    /not valid HTTP/,
  ),
  fails(
    'breaks its chunks',
    answer(`${head}transfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`),
    /not valid HTTP: .*chunk size/i,
  ),
  fails(
    'sends a chunk that is longer than its size',
    answer(`${head}transfer-encoding: chunked\r\n\r\n2\r\nabcdef\r\n0\r\n\r\n`),
    /not valid HTTP/,
  ),
  fails(
    'never ends its chunks',
    answer(`${head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`),
    /closed after 3 bytes of the body/,
  ),
  fails(
    'sends chunk extensions for ever',
    onRequest((socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n1;`);
      void stream(socket, () => Buffer.alloc(4_096, 0x61));
    }),
    /not valid HTTP|larger than/,
  ),
  fails(
    'sends trailers for ever',
    onRequest((socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n0\r\n`);
      void stream(socket, () => Buffer.from(`x-trailer: ${'a'.repeat(4_000)}\r\n`));
    }),
    /the head of the answer is larger than 65,536 bytes/,
  ),
  passes(
    'sends trailers',
    answer(`${head}transfer-encoding: chunked\r\n\r\nb\r\n{"ok":true}\r\n0\r\nx-trailer: 1\r\n\r\n`),
  ),
  passes('ends its body by closing', answer(`${head}\r\n{"ok":true}`)),
];

const refusesLargeHead = /the head of the answer is larger than 65,536 bytes, the most that is read/;
const lines = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('');

/** Heads: too large, malformed, of another protocol. */
export const headCases: readonly HostileCase[] = [
  fails(
    'answers with 100 KB in one header',
    answer(`${head}x-large: ${'a'.repeat(100_000)}\r\n\r\n`),
    refusesLargeHead,
  ),
  fails(
    'answers with 10,000 headers',
    answer(head + lines(10_000, (n) => `x-header-${n}: value\r\n`), '\r\n'),
    refusesLargeHead,
  ),
  passes(
    'answers with 4,000 short headers, the last of which counts',
    answer(
      head,
      lines(4_000, (n) => `h${n}: v\r\n`),
      'x-last: yes\r\ncontent-length: 11\r\n\r\n{"ok":true}',
    ),
    {
      probe: get({}, { expect: { header: { 'x-last': 'yes' } } }),
    },
  ),
  fails(
    'answers with 10,000 cookies',
    answer(head + lines(10_000, (n) => `set-cookie: c${n}=v\r\n`), '\r\n'),
    refusesLargeHead,
  ),
  fails(
    'sends a header without an end',
    onRequest((socket) => {
      socket.write(`${head}x-endless: `);
      void stream(socket, () => Buffer.alloc(4_096, 0x61));
    }),
    refusesLargeHead,
  ),
  fails(
    'sends a status line without an end',
    onRequest((socket) => {
      socket.write('HTTP/1.1 200 ');
      void stream(socket, () => Buffer.alloc(4_096, 0x61));
    }),
    /the head of the answer is larger than 65,536 bytes|not valid HTTP/,
  ),
  fails('injects a line break into a header', answer(`${head}x-a: 1\rx-b: 2\r\n\r\n`), /not valid HTTP/),
  fails('injects a NUL into a header', answer(`${head}x-a: 1\0 2\r\n\r\n`), /not valid HTTP/),
  fails('has a header without a name', answer(`${head}: nameless\r\n\r\n`), /not valid HTTP/),
  fails('folds a header name', answer(`${head}x a: 1\r\n\r\n`), /not valid HTTP/),
  fails(
    'is an SSH server',
    onConnect((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n')),
    /not valid HTTP/,
  ),
  fails(
    'is an SMTP server',
    onConnect((socket) => socket.write('220 mail.example ESMTP ready\r\n')),
    /not valid HTTP/,
  ),
  fails(
    'is an HTTP/2 server',
    onRequest((socket) => socket.write(Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]))),
    /not valid HTTP/,
  ),
  fails('speaks HTTP/0.9', answer('{"ok":true}'), /not valid HTTP/),
  fails('speaks HTTP/9.9', answer('HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n'), /not valid HTTP/),
  fails(
    'sends noise',
    answer(Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 167 + 13) % 256))),
    /not valid HTTP/,
  ),
  fails(
    'answers with status 000',
    answer('HTTP/1.1 000 Nothing\r\ncontent-length: 11\r\n\r\n{"ok":true}'),
    /the server answered with status 0, which is no final answer/,
  ),
  fails(
    'answers with status 999',
    answer('HTTP/1.1 999 Too Much\r\ncontent-length: 11\r\n\r\n{"ok":true}'),
    /answered 999/,
  ),
  fails('answers with status 1000', answer('HTTP/1.1 1000 Too Much\r\ncontent-length: 0\r\n\r\n'), /not valid HTTP/),
  fails(
    'switches protocols unasked',
    answer('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'),
    /the server switched protocols, which was not asked for/,
  ),
  fails(
    'answers with 101 and upgrades to nothing',
    answer('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    /the server answered with status 101, which is no final answer/,
  ),
  passes(
    'answers with headers named like the members of an object',
    answer(`${head}__proto__: x\r\nconstructor: y\r\ntostring: z\r\ncontent-length: 11\r\n\r\n{"ok":true}`),
  ),
];

/** Counts its requests in its answers, and sends these bytes 20 ms after each. */
const answersAndThen =
  (bytes: Buffer): HostileCase['host'] =>
  () => {
    let asked = 0;
    return onConnect((socket) => {
      socket.on('data', () => {
        socket.write(whole(`{"n":${++asked}}`));
        setTimeout(() => socket.write(bytes), 20);
      });
    })();
  };

/** Asks again every 100 ms: the connection idles in between. */
const counting = get(
  {},
  { until: { json: { '$.n': { gte: 3 } }, every: '100ms', within: '5s' }, expect: { json: { '$.n': { lt: 99 } } } },
  { samples: 2 },
);

/** Twice on one connection. */
const twice = (step: object = ok) => get({}, step, { samples: 2 });

/** Kept-alive connections between two samples. */
export const keepAliveCases: readonly HostileCase[] = [
  passes('closes the connection after each answer without saying so', answer(good), { probe: twice() }),
  passes(
    'resets every second request of a connection',
    () => {
      return onConnect((socket) => {
        let asked = 0;
        socket.on('data', () => (++asked === 1 ? socket.write(good) : socket.resetAndDestroy()));
      })();
    },
    { probe: twice() },
  ),
  fails(
    'hangs on every second request of a connection',
    onConnect((socket) => void socket.once('data', () => socket.write(good))),
    /no answer within 2,000 ms/,
    {
      probe: get({}, ok, { ...short, samples: 2 }),
      limitMs: 4 * timeoutMs,
    },
  ),
  passes('sends an answer that nobody asked for while the connection idles', answersAndThen(whole('{"n":99}')), {
    probe: counting,
    limitMs: 20_000,
  }),
  passes('sends noise while the connection idles', answersAndThen(Buffer.from('noise\r\n')), {
    probe: counting,
    limitMs: 20_000,
  }),
  passes(
    'sends a second answer behind the first, which answers no later request',
    answerAlways(good, whole('{"ok":false}')),
    { probe: twice() },
  ),
];
