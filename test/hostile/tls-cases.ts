import { createServer as createTlsServer } from 'node:tls';
import { startHttpsTarget, startTcpTarget, type Target } from '../support/http-target.ts';
import { ampleMs, type Host, type HostileCase, timeoutMs } from './case.ts';
import type { Certificates, Credentials } from './certificates.ts';
import { get, short } from './http-cases.ts';
import { whole } from './http-hosts.ts';

const secure = async (target: Promise<Target>): Promise<Host> => {
  const { url, close } = await target;
  return { url: url.replace(/^http:/, 'https:'), close };
};

const serve = (credentials: Credentials) => () =>
  startHttpsTarget(credentials, (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"ok":true}');
  });

/** A row for https and one for wss, which take different ways to the same socket. */
const both = (
  what: string,
  host: HostileCase['host'],
  ca: string,
  verdict: HostileCase['verdict'],
  says?: RegExp,
  limit = { timeout: `${ampleMs}ms` },
): readonly HostileCase[] => {
  const common = { verdict, ...(says ? { says } : {}), limitMs: 2 * timeoutMs };
  const websocket = (url: string) => ({
    kind: 'websocket',
    ...limit,
    steps: [{ connect: { url: url.replace(/^https/, 'wss'), tls: { ca } } }],
  });
  return [
    { what, host, probe: get({ tls: { ca } }, {}, limit), ...common },
    ...(verdict === 'fail' ? [{ what: `${what}, to a websocket`, host, probe: websocket, ...common }] : []),
  ];
};

/** TLS: no handshake, an odd one, and certificates that prove nothing. */
export const tlsCasesOf = ({ authority, ...made }: Certificates): readonly HostileCase[] => [
  ...both('has a certificate of an authority that the config names', serve(made.good), authority, 'pass'),
  ...both('has an expired certificate', serve(made.expired), authority, 'fail', /the certificate has expired/),
  ...both(
    'has a certificate that is not valid yet',
    serve(made.early),
    authority,
    'fail',
    /the certificate is not valid yet/,
  ),
  ...both(
    'has a certificate for another name',
    serve(made.wrongName),
    authority,
    'fail',
    /the certificate is not for 127\.0\.0\.1 but for DNS:other\.example/,
  ),
  ...both(
    'has a certificate for a thousand other names',
    serve(made.manyNames),
    authority,
    'fail',
    /not for 127\.0\.0\.1 but for DNS:host-0\.example, .*more characters/,
  ),
  ...both('has a self-signed certificate', serve(made.selfSigned), authority, 'fail', /the certificate is self-signed/),
  ...both(
    'has a certificate of an unknown authority',
    serve(made.stranger),
    authority,
    'fail',
    /signed by an authority that is not trusted/,
  ),
  ...both(
    'speaks plain HTTP on a TLS port',
    () => secure(startTcpTarget((socket) => void socket.once('data', () => socket.end(whole('{"ok":true}'))))),
    authority,
    'fail',
    /the TLS handshake failed: .*wrong version number/i,
  ),
  ...both(
    'hangs in the TLS handshake',
    () => secure(startTcpTarget(() => {})),
    authority,
    'fail',
    /no answer within 2,000 ms, waiting for the TLS handshake/,
    short,
  ),
  ...both(
    'closes in the TLS handshake',
    () => secure(startTcpTarget((socket) => void socket.once('data', () => socket.end()))),
    authority,
    'fail',
    /the connection was closed in the TLS handshake/,
  ),
  ...both(
    'resets in the TLS handshake',
    () => secure(startTcpTarget((socket) => void socket.once('data', () => socket.resetAndDestroy()))),
    authority,
    'fail',
    /the connection was (reset|closed in the TLS handshake)/,
  ),
  ...both(
    'answers the TLS handshake with an alert',
    () =>
      secure(
        startTcpTarget((socket) => void socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40])))),
      ),
    authority,
    'fail',
    /the TLS handshake failed: .*handshake failure/i,
  ),
  ...both('speaks TLS 1.1 at most', () => secure(oldTls(made.good)), authority, 'fail', /the TLS handshake failed/),
  ...both('sends noise after the TLS handshake', () => secure(noise(made.good)), authority, 'fail', /not valid HTTP/),
];

const listening = async (server: ReturnType<typeof createTlsServer>): Promise<Target> => {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => void sockets.add(socket.on('error', () => {})));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    requests: [],
    connections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Security level 0, without which our own OpenSSL would not even offer so old a version. */
const oldTls = (credentials: Credentials): Promise<Target> =>
  listening(
    createTlsServer({ ...credentials, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  );

const noise = (credentials: Credentials): Promise<Target> =>
  listening(
    createTlsServer(
      credentials,
      (socket) => void socket.on('error', () => {}).once('data', () => socket.end('noise\r\n\r\n')),
    ),
  );
