import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createGuard } from '../../lib/probe/guard.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { type Host, type HostileCase, timeoutMs } from './case.ts';
import { get, short } from './http-cases.ts';

type Address = { readonly address: string; readonly family: number };
const v4 = (address: string): Address => ({ address, family: 4 });

/** The address of one loopback is open to these probes, its neighbours are not. */
const policy = { allow: ['127.0.0.1/32', '127.0.0.9/32'], loopback: false };
const resolving = (resolve: (host: string) => Promise<readonly Address[]>) => ({ guard: createGuard(policy, resolve) });

/** A service by name on 127.0.0.1, and a trap on the same port of 127.0.0.2, which counts who comes. */
const named = async (): Promise<Host & { readonly visits: () => number }> => {
  const service = await startHttpTarget((_, response) => response.end('{"ok":true}'));
  let visits = 0;
  const trap = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(service.port, '127.0.0.2', resolve));
  return {
    url: `http://service.test:${service.port}`,
    visits: () => visits,
    close: async () => void (await Promise.all([service.close(), new Promise((resolve) => trap.close(resolve))])),
  };
};

const untrapped: HostileCase['wrong'] = ({ host }) =>
  (host as Awaited<ReturnType<typeof named>>).visits() === 0 ? undefined : 'the closed address was reached';

const refused = (code: string) => async (): Promise<never> => {
  throw Object.assign(new Error(`getaddrinfo ${code} service.test`), { code });
};

/** Answers the first of these, then the second, and so on; the last for good. */
const inTurn = (...answers: readonly (readonly Address[])[]) => {
  let asked = 0;
  return async () => answers[Math.min(asked++, answers.length - 1)] ?? [];
};

const row = (
  what: string,
  resolve: () => () => Promise<readonly Address[]>,
  rest: Omit<HostileCase, 'what' | 'host' | 'probe' | 'limitMs'> & Partial<HostileCase>,
): HostileCase => ({
  what,
  host: named,
  probe: get(),
  get context() {
    return resolving(resolve());
  },
  limitMs: 2 * timeoutMs,
  wrong: untrapped,
  ...rest,
});

/** A listener on 127.0.0.9 that takes no connection any more: a stopped process with a full queue. */
const deaf = async (port: number): Promise<() => void> => {
  const listen = `require('node:net').createServer().listen({ port: ${port}, host: '127.0.0.9', backlog: 1 }, () => console.log())`;
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const queue = Array.from({ length: 4 }, () => connect(port, '127.0.0.9').on('error', () => {}));
  await once(queue[0] as Socket, 'connect');
  return () => {
    for (const socket of queue) socket.destroy();
    child.kill('SIGKILL');
  };
};

const withDeafNeighbour = async (): Promise<Host> => {
  const host = await named();
  const stop = await deaf(Number(new URL(host.url).port));
  return {
    ...host,
    close: async () => {
      stop();
      await host.close();
    },
  };
};

/** Names that fail, are slow, or change their answers. */
export const nameCases: readonly HostileCase[] = [
  row('has a name that does not exist', () => refused('ENOTFOUND'), {
    verdict: 'fail',
    says: /the host name does not resolve/,
  }),
  row('has name servers that do not answer', () => refused('EAI_AGAIN'), {
    verdict: 'fail',
    says: /the name server did not answer/,
  }),
  row('has a name without an address', () => async () => [], {
    verdict: 'fail',
    says: /the host name does not resolve/,
  }),
  row('has a name that resolves too slowly', () => () => new Promise(() => {}), {
    probe: get({}, {}, short),
    verdict: 'fail',
    says: /no answer within 2,000 ms, waiting for the name server/,
  }),
  row('has a name that answers a closed address the second time', () => inTurn([v4('127.0.0.1')], [v4('127.0.0.2')]), {
    verdict: 'inconclusive',
    says: /service\.test: 127\.0\.0\.2 is loopback/,
  }),
  row(
    'has a name that answers the metadata address the second time',
    () => inTurn([v4('127.0.0.1')], [v4('169.254.169.254')]),
    { verdict: 'inconclusive', says: /service\.test: 169\.254\.169\.254 is a metadata/ },
  ),
  row(
    'has a name whose first address is closed and whose second is open',
    () => inTurn([v4('127.0.0.2'), v4('127.0.0.1')]),
    { verdict: 'pass' },
  ),
  row('has a name whose first address refuses', () => inTurn([v4('127.0.0.9'), v4('127.0.0.1')]), { verdict: 'pass' }),
  row('has a name whose first address never answers', () => inTurn([v4('127.0.0.9'), v4('127.0.0.1')]), {
    host: withDeafNeighbour,
    probe: get({}, { timeout: '3s' }),
    limitMs: 6_000,
    verdict: 'pass',
  }),
  row('has a name with something that is no address', () => inTurn([v4('127.0.0.1; rm -rf')]), {
    verdict: 'fail',
    says: /invalid|not an address|does not resolve/i,
  }),
  row('has a name with a thousand addresses that refuse', () => inTurn(Array(1_000).fill(v4('127.0.0.9'))), {
    verdict: 'fail',
    says: /the connection was refused/,
  }),
];
