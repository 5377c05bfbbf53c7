import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../probe/prober.ts';
import { type Answer, headersOf, refused } from './answer.ts';
import { loadAssets } from './assets.ts';
import { type ChangeStream, openChangeStream } from './events.ts';
import { isHostAllowed, urlOf } from './host.ts';
import { createRouter } from './routes.ts';
import type { DashboardSource } from './source.ts';

const EVENTS = '/api/events';

export type DashboardOptions = {
  /** The interface to bind: `127.0.0.1` unless somebody asked for more. */
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  readonly clock: Clock;
};

export type Dashboard = {
  /** Without a slash at its end: `http://127.0.0.1:4141`. */
  readonly url: string;
  /** Ends every open page's stream and frees the port; done twice, it does nothing more. */
  close(): Promise<void>;
};

/**
 * Serves the dashboard of a watch, which reads and never changes anything.
 *
 * @throws Error in words for people when the address cannot be bound.
 */
export async function startDashboard(source: DashboardSource, options: DashboardOptions): Promise<Dashboard> {
  const stream = openChangeStream(options.clock);
  const router = createRouter(source, await loadAssets(), options.clock);
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, options.host);
    if (refusal !== null) return send(request, response, refusal);
    if (request.url === EVENTS) return openEvents(request, response, stream);
    router.answer(request.url ?? '').then(
      (answer) => send(request, response, answer),
      () => send(request, response, refused(500, 'the watch could not read its runs: see its own output')),
    );
  });
  await listen(server, options);
  const unsubscribe = source.subscribe(() => {
    router.forget();
    stream.announce();
  });
  return {
    url: urlOf(options.host, (server.address() as AddressInfo).port),
    close: () => {
      unsubscribe();
      stream.close();
      return stop(server);
    },
  };
}

function refusalOf(request: IncomingMessage, host: string): Answer | null {
  if (!isHostAllowed(request.headers.host, host)) return refused(403, 'this server does not answer to that host name');
  if (request.method !== 'GET' && request.method !== 'HEAD') return refused(405, 'there is nothing to change here');
  return null;
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const length = Buffer.byteLength(answer.body);
  response.writeHead(answer.status, { ...headersOf(answer), 'content-length': length });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

function openEvents(request: IncomingMessage, response: ServerResponse, stream: ChangeStream): void {
  response.writeHead(200, headersOf({ status: 200, type: 'text/event-stream', body: '' }));
  if (request.method === 'HEAD') response.end();
  else stream.add(response);
}

function listen(server: Server, { host, port }: DashboardOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(new Error(unbound(error, host, port), { cause: error }));
    server.once('error', refuse);
    server.listen({ host, port }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

function unbound({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  const what = `the dashboard cannot listen on port ${port} of ${host}`;
  if (code === 'EADDRINUSE') return `${what}: something else does already; choose another port, or 0 for any`;
  if (code === 'EACCES') return `${what}: not allowed; choose a port of 1024 and up`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${what}: this machine has no such address`;
  return `${what}: ${message}`;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Browsers keep connections open for the next request.
    server.closeAllConnections();
  });
}
