import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type HostileCase, timeoutMs } from './case.ts';
import { get } from './http-cases.ts';
import { answer, onRequest, stream, whole } from './http-hosts.ts';

const ok = { expect: { json: { '$.ok': true } } };
const json = Buffer.from('{"ok":true}');

const coded = (coding: string, body: Buffer): HostileCase['host'] =>
  answer(whole(body, `content-encoding: ${coding}\r\n`));

const row = (
  what: string,
  host: HostileCase['host'],
  verdict: HostileCase['verdict'],
  says?: RegExp,
  request: object = { maxBody: '1mb' },
): HostileCase => ({ what, host, probe: get(request, ok), verdict, ...(says ? { says } : {}), limitMs: 2 * timeoutMs });

const zeros = () => Buffer.alloc(64_000_000);
const fastest = { level: 1 };

const bombs: readonly (readonly [name: string, coding: string, make: (zeros: Buffer) => Buffer])[] = [
  ['gzip', 'gzip', (zeros) => gzipSync(zeros, fastest)],
  ['deflate', 'deflate', (zeros) => deflateSync(zeros, fastest)],
  ['brotli', 'br', (zeros) => brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ['zstd', 'zstd', (zeros) => zstdCompressSync(zeros)],
  ['gzip in gzip', 'gzip, gzip', (zeros) => gzipSync(gzipSync(zeros, fastest))],
  ['zstd in brotli in gzip', 'zstd, br, gzip', (zeros) => gzipSync(brotliCompressSync(zstdCompressSync(zeros)))],
];

const tooLarge = /the body is larger than 1,048,576 bytes once decoded/;

/** Content codings: bombs, lies, and what is cut short. */
export const codingCases: readonly HostileCase[] = [
  ...bombs.map(([name, coding, make]) =>
    row(`sends a bomb of 64 MB in ${name}`, () => coded(coding, make(zeros()))(), 'fail', tooLarge),
  ),
  row(
    'sends gzip members for ever',
    onRequest((socket) => {
      const member = gzipSync(Buffer.alloc(100_000));
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n');
      void stream(socket, () => member);
    }),
    'fail',
    tooLarge,
  ),
  row(
    'codes its body ten times over',
    coded(Array(10).fill('gzip').join(', '), json),
    'fail',
    /10 content-codings, one upon the other; at most 4/,
  ),
  row(
    'cuts its gzip short',
    coded('gzip', gzipSync(json).subarray(0, -9)),
    'fail',
    /the body is not valid gzip: unexpected end of file/,
  ),
  row(
    'cuts its brotli short',
    coded('br', brotliCompressSync(json).subarray(0, -2)),
    'fail',
    /the body is not valid br: /,
  ),
  row(
    'cuts its zstd short',
    coded('zstd', zstdCompressSync(json).subarray(0, -5)),
    'fail',
    /the body is not valid zstd: /,
  ),
  row(
    'breaks the checksum of its gzip',
    coded('gzip', Buffer.concat([gzipSync(json).subarray(0, -8), Buffer.alloc(8)])),
    'fail',
    /the body is not valid gzip: incorrect data check/,
  ),
  row(
    'says gzip and sends plain text',
    coded('gzip', json),
    'fail',
    /the body is not valid gzip: incorrect header check/,
  ),
  row(
    'says nothing and sends gzip',
    answer(whole(gzipSync(json), 'content-type: application/json\r\n')),
    'fail',
    /the body is not (JSON|UTF-8)/,
  ),
  row('codes twice and says so', coded('gzip, br', brotliCompressSync(gzipSync(json))), 'pass'),
  row('says identity', coded('identity', json), 'pass'),
  ...['constructor', '__proto__', 'toString', 'rot13', ', ,'].map((coding) =>
    row(`names the coding ${coding}, which is none, over a body that is plain`, coded(coding, json), 'pass'),
  ),
  row(
    'announces a coding for a body that never comes',
    answer('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\n'),
    'fail',
    /closed after 0 of 5 bytes/,
  ),
];
