import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGuard } from '../../lib/probe/guard.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { type Host, type HostileCase, timeoutMs } from './case.ts';
import { get, short } from './http-cases.ts';

const limitMs = 2 * timeoutMs;

/** Redirects wherever `to` says, which is told how many requests there were. */
const redirecting =
  (to: (asked: number, base: string) => string, waitMs = 0, headers: object = {}) =>
  async (): Promise<Host> => {
    let asked = 0;
    const target = await startHttpTarget(async (request, response) => {
      if (waitMs > 0) await sleep(waitMs);
      asked += 1;
      response.writeHead(302, { location: to(asked, `http://${request.headers.host}`), ...headers });
      response.end();
    });
    return target;
  };

/** Where no probe may go, in the spellings that URLs know. */
const metadataUrls = [
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::]/',
  'http://[::a9fe:a9fe]/',
  'http://169.254.170.2/v2/credentials',
  'http://[fd00:ec2::254]/',
  'http://100.100.100.200/',
  'http://0.0.0.0/',
  '//169.254.169.254/',
];

const follows = { followRedirects: 5 };

const toClosed: readonly HostileCase[] = metadataUrls.map((url) => ({
  what: `redirects to ${url}`,
  host: redirecting(() => url),
  probe: get(follows),
  verdict: 'fail',
  says: /302 redirects to ".*": .* is (a metadata, link-local or reserved address, which no probe may reach|private)/,
  limitMs,
}));

const atClosed: readonly HostileCase[] = metadataUrls.slice(0, -1).map((url) => ({
  what: `is ${url} itself: our refusal, and no word about the service`,
  host: async () => ({ url, close: async () => {} }),
  probe: get(),
  verdict: 'inconclusive',
  says: /is (a metadata, link-local or reserved address, which no probe may reach|private)/,
  limitMs,
}));

/** A listener on an address that is closed: it tells whether anybody came. */
const trap = async () => {
  const visits = { count: 0 };

  const server = createServer((socket) => {
    visits.count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
  const { port } = server.address() as { port: number };
  return { visits, port, close: () => new Promise((resolve) => server.close(resolve)) };
};

type Trapped = Host & { readonly visits: { readonly count: number } };

const intoTrap = async (): Promise<Trapped> => {
  const closed = await trap();
  const host = await redirecting(() => `http://127.0.0.2:${closed.port}/`)();
  return {
    url: host.url,
    visits: closed.visits,
    close: async () => void (await Promise.all([host.close(), closed.close()])),
  };
};

const oneAddress = { guard: createGuard({ allow: ['127.0.0.1/32'], loopback: false }) };

/** Redirects: for ever, to nowhere, to where no probe may go. */
export const redirectCases: readonly HostileCase[] = [
  ...toClosed,
  ...atClosed,
  {
    what: 'redirects to a closed address that would answer, which is never reached',
    host: intoTrap,
    probe: get(follows),
    context: oneAddress,
    verdict: 'fail',
    says: /302 redirects to "http:\/\/127\.0\.0\.2:\d+\/": 127\.0\.0\.2 is loopback/,
    limitMs,
    wrong: ({ host }) => ((host as Trapped).visits.count === 0 ? undefined : 'the closed address was reached'),
  },
  {
    what: 'redirects to itself for ever',
    host: redirecting((_, base) => base),
    probe: get(follows),
    verdict: 'fail',
    says: /more than 5 redirects, the last to "http:\/\/127\.0\.0\.1:\d+"/,
    limitMs,
  },
  {
    what: 'redirects for ever, with a new cookie of 4 KB each time',
    host: redirecting((asked, base) => `${base}/${asked}`, 0, {
      'set-cookie': Array.from({ length: 10 }, (_, n) => `c${n}=${'x'.repeat(4_000)}`),
    }),
    probe: get({ followRedirects: 20 }),
    verdict: 'fail',
    says: /more than 20 redirects|answered 431/,
    limitMs,
  },
  {
    what: 'takes its time for each of many redirects: the limit is one for all of them',
    host: redirecting((asked, base) => `${base}/${asked}`, timeoutMs * 0.4),
    probe: get({ followRedirects: 20 }, {}, short),
    verdict: 'fail',
    says: /no answer within 2,000 ms/,
    limitMs,
    wrong: ({ result }) => {
      const ms = result.passes[0]?.latencyMs ?? 0;
      return ms < 4 * timeoutMs ? undefined : `the step took ${ms} ms`;
    },
  },
  ...['file:///etc/passwd', 'gopher://127.0.0.1/', 'javascript:alert(1)', 'http://[', 'http://', 'ws://127.0.0.1/'].map(
    (url): HostileCase => ({
      what: `redirects to ${url}`,
      host: redirecting(() => url),
      probe: get(follows),
      verdict: 'fail',
      says: /302 redirects to "/,
      limitMs,
    }),
  ),
  {
    what: 'redirects to an address of 60 KB',
    host: redirecting((_, base) => `${base}/${'x'.repeat(60_000)}`),
    probe: get({ followRedirects: 1 }),
    verdict: 'fail',
    says: /more than 1 redirect,, the last to|answered 431/,
    limitMs,
  },
];
